/**
 * The witness of a simulation: what became durable, what left, and what people were told, from outside the engine. The
 * invariants are judged by what it saw. Docs: simulator.md, "What is checked".
 */
import { entry } from "../../core/contact/records.ts"
import { equal, fromUtf8 } from "../../core/crypto/bytes.ts"
import { NOTHING_IN_PROGRESS, type Reassembly, reassemble } from "../../core/fragments.ts"
import { decodeFrame } from "../../core/frame.ts"
import type { Batch, HostId } from "../../core/store.ts"
import type { SessionContext } from "../../machines/session-state.ts"

/** Who is at the other end of one of a peer's hosts, and in which host of its own. */
export type PeerOf = (peer: string, host: string) => { readonly peer: string; readonly host: string } | undefined

/** What a frame that was kept for sending is. */
export interface KeptFrame {
  readonly host: HostId
  /** Of the numbered sequence; undefined for an acknowledgement or a typing notice. */
  readonly number: number | undefined
  /** Whether it took the place of a message under the same number. */
  readonly tombstone: boolean
  /** Which sealing of its content it is under these keys, from 1. */
  readonly sealing: number
  /** How often the keys had been agreed anew when it was sealed. */
  readonly keys: number
  /** All of it. */
  readonly bytes: Uint8Array
}

/** A sealed frame that was handed to a link. */
export interface Departed {
  readonly peer: string
  readonly host: HostId | undefined
  readonly frame: string
  readonly number: number | undefined
  readonly tombstone: boolean
  readonly sealing: number
  readonly keys: number
  /** Whether a commit had made it durable before. */
  readonly kept: boolean
}

export interface Witness {
  readonly committed: (peer: string, batch: Batch, isWriter: boolean) => void
  /** A link frame was handed over. `acknowledged`: hears of one that says what is here. */
  readonly sent: (peer: string, link: string, frame: Uint8Array, acknowledged?: (host: HostId) => void) => void
  /** The host that an invite's text has at a peer. */
  readonly hostOf: (peer: string, invite: string) => HostId | undefined
  readonly session: (peer: string, host: HostId) => SessionContext | undefined
  readonly departed: ReadonlyArray<Departed>
  /** The number of an undamaged frame from a peer that is all that ever held it: whoever has the number has opened this frame. */
  readonly onlyFrameOf: (
    peer: string,
    frame: Uint8Array,
  ) => { readonly host: HostId; readonly number: number } | undefined
  /** Whether a peer has a number of the other. */
  readonly has: (peer: string, host: HostId, number: number) => boolean
  /** Whether keys were ever agreed anew. */
  readonly hasHealed: (peer: string, host: HostId) => boolean
  /** Whether a peer has sent its host's number. */
  readonly hasSent: (peer: string, host: HostId, number: number) => boolean
  /** Commits by a process that was no longer the writer. */
  readonly stale: () => number
  /** A copy of what it knows, for runs that go on from here. */
  readonly memory: () => WitnessMemory
}

/** What it knows of the past. Keys begin with the peer. */
export interface WitnessMemory {
  readonly invites: ReadonlyMap<string, HostId>
  readonly sessions: ReadonlyMap<string, SessionContext>
  readonly frames: ReadonlyMap<string, KeptFrame>
  readonly sealings: ReadonlyMap<string, number>
  readonly withdrawn: ReadonlySet<string>
  readonly healed: ReadonlyMap<string, number>
  readonly departed: ReadonlyArray<Departed>
}

/** What tells one sealed frame from all others: the end of it is an authenticator. */
const nameOf = (frame: Uint8Array): string => `${frame.length} ${String.fromCharCode(...frame.subarray(-16))}`

export const makeWitness = (
  before?: WitnessMemory,
  /** Hears of each number that a commit holds back, because one before it is missing. */
  onEarly: (peer: string, host: HostId, number: number) => void = () => {},
): Witness => {
  const invites = new Map(before?.invites)
  const sessions = new Map(before?.sessions)
  const frames = new Map(before?.frames)
  const sealings = new Map(before?.sealings)
  const withdrawn = new Set(before?.withdrawn)
  const healed = new Map(before?.healed)
  const departed = [...(before?.departed ?? [])]
  const numbers = new Set(departed.map(({ host, number, peer }) => `${peer} ${host} ${number}`))
  const pools = new Map<string, Reassembly>()
  let stale = 0

  const keep = (peer: string, record: string, bytes: Uint8Array, batch: Batch) => {
    const name = record.slice("frame/".length)
    const number = /^\d+$/.test(name) ? Number(name) : undefined
    const delivery = `${peer} ${batch.host} ${number}`
    const tombstone = withdrawn.has(delivery)
    const keys = healed.get(`${peer} ${batch.host}`) ?? 0
    const what = `${delivery} ${tombstone} ${keys}`
    const id = `${peer} ${nameOf(bytes)}`
    if (frames.has(id)) return
    const sealing = (sealings.get(what) ?? 0) + 1
    sealings.set(what, sealing)
    frames.set(id, { host: batch.host, number, tombstone, sealing, keys, bytes })
  }

  return {
    departed,
    onlyFrameOf: (peer, frame) => {
      const kept = frames.get(`${peer} ${nameOf(frame)}`)
      if (kept?.number === undefined || kept.keys > 0 || !equal(kept.bytes, frame)) return undefined
      const { host, number } = kept
      const delivery = `${peer} ${host} ${number}`
      return withdrawn.has(delivery) || sealings.get(`${delivery} false 0`) !== 1 ? undefined : { host, number }
    },
    has: (peer, host, number) => {
      const session = sessions.get(`${peer} ${host}`)
      return session !== undefined && (number < session.next || session.early.some((one) => one.number === number))
    },
    hasHealed: (peer, host) => healed.has(`${peer} ${host}`),
    hasSent: (peer, host, number) => numbers.has(`${peer} ${host} ${number}`),
    stale: () => stale,
    committed: (peer, batch, isWriter) => {
      if (!isWriter) stale += 1
      const host = `${peer} ${batch.host}`
      for (const [id, row] of batch.rows) {
        if (id === "session/main" && row !== undefined) {
          const session = row.context as SessionContext
          const before = sessions.get(host)
          sessions.set(host, session)
          for (const { number } of session.early) {
            if (before !== undefined && !before.early.some((one) => one.number === number)) {
              onEarly(peer, batch.host, number)
            }
          }
        }
        if (id.startsWith("delivery/") && typeof row?.value === "object" && "withdrawn" in row.value) {
          withdrawn.add(`${host} ${id.slice("delivery/".length)}`)
        }
      }
      for (const [record, bytes] of batch.records) {
        if (bytes === undefined) continue
        if (record === "handshake/invite") invites.set(`${peer} ${fromUtf8(bytes)}`, batch.host)
        else if (record.startsWith("frame/")) keep(peer, record, bytes, batch)
        else if (record.startsWith("history/")) {
          const found = entry.decode(bytes)
          if (found?.mine === true && found.line === "healed") healed.set(host, (healed.get(host) ?? 0) + 1)
        }
      }
    },
    sent: (peer, link, bytes, acknowledged) => {
      const frame = decodeFrame(bytes)
      let whole = frame?.kind === "sealed" ? bytes : undefined
      if (frame?.kind === "fragment") {
        const pool = `${peer} ${link}`
        const { frame: completed, reassembly } = reassemble(pools.get(pool) ?? NOTHING_IN_PROGRESS, frame)
        pools.set(pool, reassembly)
        whole = completed
      }
      if (whole === undefined) return
      const name = nameOf(whole)
      const kept = frames.get(`${peer} ${name}`)
      numbers.add(`${peer} ${kept?.host} ${kept?.number}`)
      departed.push({
        peer,
        host: kept?.host,
        frame: name,
        number: kept?.number,
        tombstone: kept?.tombstone ?? false,
        sealing: kept?.sealing ?? 0,
        keys: kept?.keys ?? 0,
        kept: kept !== undefined,
      })
      if (kept !== undefined && kept.number === undefined) acknowledged?.(kept.host)
    },
    hostOf: (peer, invite) => invites.get(`${peer} ${invite}`),
    session: (peer, host) => sessions.get(`${peer} ${host}`),
    memory: () => ({
      invites: new Map(invites),
      sessions: new Map(sessions),
      frames: new Map(frames),
      sealings: new Map(sealings),
      withdrawn: new Set(withdrawn),
      healed: new Map(healed),
      departed: [...departed],
    }),
  }
}
