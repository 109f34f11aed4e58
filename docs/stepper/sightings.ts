/**
 * What is seen of a run step by step, for the invariants of handshakes, ratchets, braids and the cascade: frames that somebody has
 * tampered with as they arrive, what a disk still opens, what lies in the layers' records. Docs: simulator.md, "Scenarios".
 */
import * as Effect from "effect/Effect"
import { AGAIN, RECORD } from "../../src/core/contact/records.ts"
import { Crypto, type CryptoService } from "../../src/core/crypto/crypto.ts"
import type { Role } from "../../src/core/ids.ts"
import { associatedData } from "../../src/core/layers/associated.ts"
import type { Layer, LayerName } from "../../src/core/layers/layer.ts"
import { unpadFrom } from "../../src/core/padding.ts"
import type { Sight } from "../../src/spec/games/ratchet-observation.ts"
import type { HandshakeAttempt, HandshakeFrame, OneTimeKeys } from "../../src/spec/invariants/handshake.ts"
import type { Choice } from "../../src/spec/simulation/choice.ts"
import {
  ciphertextFor,
  directionTo,
  INWARDS,
  LAYERS,
  openLayer,
  type Plaintexts,
  type Records,
  sealedIn,
} from "../../src/spec/simulation/opening.ts"
import type { Simulation } from "../../src/spec/simulation/simulation.ts"
import type { MachineInView, View } from "../../src/spec/simulation/view.ts"
import { isDamage, type Oddity, oddityOf } from "./oddities.ts"
import type { SeenFrame } from "./shown.ts"

/** One step, and what came of it. */
export interface Looked {
  readonly simulation: Simulation
  readonly view: View
  /** Before it; undefined at the beginning. */
  readonly before: View | undefined
  readonly choice: Choice | undefined
  readonly frames: ReadonlyArray<SeenFrame>
  /** Those that are under way since this step, and those that arrived in it. */
  readonly fresh: ReadonlyArray<SeenFrame>
  readonly arrived: ReadonlyArray<SeenFrame>
  /** How many frames somebody sent in it, and how many machines of theirs moved. */
  readonly sentBy: (peer: string) => number
  readonly movesOf: (peer: string) => number
}

/** A record of a layer, and whether it is its own encoding and no other. */
export interface RecordSeen {
  readonly layer: LayerName
  readonly same: boolean
  readonly trailing: boolean
}

/** A sealed frame that nobody should take, and what became of it. */
export interface ForgedSeen {
  readonly attack: "tamper" | "reflect"
  readonly opened: boolean
  readonly intact: boolean
}

/** What one side has of a braid: the newest epoch that it knows, each time that it was another. */
export interface BraidSeen {
  readonly by: Role
  readonly epochs: ReadonlyArray<number>
}

const LAYER_RECORDS = INWARDS.map((layer) => `layer/${layer}`)
const HANDSHAKE: ReadonlyArray<string> = ["hello", "bundle", "accept", "confirm"]
/** Records and machines that say how often, and which way, something is repeated. */
const REPEATING = /^(standing|link)\//
const NO_WORK = { publicKey: 0, symmetric: 0 }

const latin = (bytes: Uint8Array): string => {
  let text = ""
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
/** A sealed or authenticated frame is told from all others by its end. */
const nameOf = ({ bytes, from, to }: SeenFrame): string =>
  `${from} ${to} ${bytes.length} ${latin(bytes.subarray(-24))} ${latin(bytes.subarray(0, 24))}`

/** Two people, whoever is first. */
export const pairOf = (a: string, b: string): string => [a, b].sort().join(" ")

const machinesOf = (view: View | undefined, peer: string, other: string): ReadonlyArray<MachineInView> =>
  view?.peers.find(({ name }) => name === peer)?.contacts.find((one) => one.with === other)?.machines ?? []
const statusOf = (view: View | undefined, peer: string) => view?.peers.find(({ name }) => name === peer)?.status

/** How far a handshake is, in what only a genuine frame moves. */
const stageOf = (machines: ReadonlyArray<MachineInView>): string =>
  machines
    .filter(({ machine }) => ["inviter", "joiner", "session"].includes(machine))
    .map(
      ({ id, state }) =>
        `${id} ${/"?(agreed|accepting|established|settled|failed)/.exec(JSON.stringify(state))?.[1] ?? "pairing"}`,
    )
    .sort()
    .join()

/** Everything durable of a conversation, but how often, which way, and which answer is repeated. */
const durable = (records: Records, machines: ReadonlyArray<MachineInView>): string => {
  const kept = [...records].flatMap(([id, bytes]) =>
    id === RECORD.bundle || id === AGAIN.bundle || REPEATING.test(id) ? [] : [`${id} ${latin(bytes)}`],
  )
  const rows = machines.map(({ context, id, machine, state }) =>
    REPEATING.test(id)
      ? id
      : machine === "inviter" || machine === "joiner"
        ? `${id} ${stageOf([{ id, machine, state, context, timers: [] }])}`
        : `${id} ${JSON.stringify(state)} ${JSON.stringify(context)}`,
  )
  return [...kept, ...rows].sort().join("\n")
}

const isSame = (before: Records, after: Records, ids: ReadonlyArray<string>): boolean =>
  ids.every((id) => before.get(id) === after.get(id) || latin(before.get(id)!) === latin(after.get(id) ?? NOTHING))
const NOTHING = new Uint8Array()

/** Byte strings of 32 and of 64 bytes, as records have keys: by their headers in CBOR. */
const keysIn = (bytes: Uint8Array): ReadonlyArray<string> => {
  const found: Array<string> = []
  for (let at = bytes.indexOf(0x58); at >= 0 && at + 2 < bytes.length; at = bytes.indexOf(0x58, at + 1)) {
    const length = bytes[at + 1]!
    if (length === 32 || length === 64) found.push(latin(bytes.subarray(at + 2, at + 2 + length)))
  }
  return found
}

/** Everything that was seen so far in a run. */
export class Sightings {
  readonly attempts: Array<HandshakeAttempt> = []
  readonly sights: Array<Sight> = []
  readonly forged: Array<ForgedSeen> = []
  /** What came of each refusal that the other side could see. */
  readonly refusals: Array<string> = []
  readonly wires: Array<{ readonly content: number; readonly wire: number }> = []
  /** By pair: the layers' records as they are, and keys that lie in more than one. */
  readonly records = new Map<string, ReadonlyArray<RecordSeen>>()
  readonly keys = new Map<string, ReadonlyArray<{ readonly layer: LayerName; readonly key: string }>>()
  readonly oneTime = new Map<string, OneTimeKeys & { readonly transcripts: ReadonlySet<string> }>()
  /** By pair and transcript. */
  readonly braids = new Map<string, BraidSeen>()
  /** Pairs of whom one has opened what the other had sealed. */
  readonly matches = new Set<string>()
  private readonly crypto: CryptoService
  private readonly odd = new Map<number, Oddity>()
  /** Frames that somebody has looked at, and those that they opened. */
  private readonly known = new Set<string>()
  private readonly opened = new Set<string>()
  private before = new Map<string, Records>()

  constructor(crypto: CryptoService) {
    this.crypto = crypto
  }

  async look(now: Looked): Promise<void> {
    for (const frame of now.fresh) {
      const oddity = oddityOf(now.choice, frame, now.frames, (id) => this.odd.get(id))
      if (oddity !== undefined) this.odd.set(frame.id, oddity)
      // One that does not open says nothing: it may be older than the keys that are kept.
      else if (frame.plaintexts.mls !== undefined) this.matches.add(pairOf(frame.from, frame.to))
    }
    for (const frame of now.arrived) await this.arrival(frame, now)
    const after = new Map<string, Records>()
    for (const { name } of now.view.peers)
      for (const other of now.view.peers) {
        const records = now.simulation.records(name, other.name)
        if (records === undefined) continue
        const pair = `${name} ${other.name}`
        after.set(pair, new Map(records))
        this.disk(pair, records)
        this.braid(pair, records, machinesOf(now.view, name, other.name))
      }
    this.before = after
  }

  private async arrival(frame: SeenFrame, now: Looked): Promise<void> {
    const { from, to } = frame
    const name = nameOf(frame)
    const came = this.known.has(name)
    const found = this.odd.get(frame.id)
    // What never came before is no repetition.
    const odd = found?.attack === "replayed" && !came ? undefined : found
    // Nor is one that fell on a link that had ended.
    if ((odd === undefined || odd.attack === "replayed") && now.movesOf(to) > 0) this.known.add(name)
    const before = this.before.get(`${to} ${from}`)
    const after = now.simulation.records(to, from)
    if (before === undefined || after === undefined || statusOf(now.before, to) !== "ready") return
    if (statusOf(now.view, to) !== "ready") return
    const kind = odd?.of ?? frame.kind
    if (odd !== undefined && HANDSHAKE.includes(kind)) {
      const [was, is] = [machinesOf(now.before, to, from), machinesOf(now.view, to, from)]
      this.attempts.push({
        attack: odd.attack,
        frame: kind as HandshakeFrame,
        taken: stageOf(was) !== stageOf(is),
        changed: durable(before, was) !== durable(after, is),
      })
    }
    const sealed = sealedIn(frame.bytes)
    if (sealed === undefined) return
    const role: Role = directionTo(before) === "joinerToInviter" ? "inviter" : "joiner"
    if (odd !== undefined && isDamage(odd)) {
      const opened = (await this.opens(before, sealed, {})) > 0
      const intact = isSame(before, after, LAYER_RECORDS)
      const outcome = opened ? "opened" : "refused"
      this.sights.push({ saw: "arrival", to: role, frame: "forged", promised: false, outcome, intact, work: NO_WORK })
      this.forged.push({ attack: odd.attack === "reflected" ? "reflect" : "tamper", opened, intact })
      this.refusals.push(`${now.sentBy(to)} frames in answer`)
      return
    }
    if (odd !== undefined && this.opened.has(name)) {
      const outcome = (await this.opens(before, sealed, frame.plaintexts)) > 0 ? "opened" : "refused"
      this.sights.push({
        ...{ saw: "arrival", to: role, frame: "repeated", promised: false, outcome, intact: true, work: NO_WORK },
      })
      return
    }
    const { mls } = frame.plaintexts
    const content = frame.kind === "sealed" && mls ? unpadFrom(mls, mls.length)?.length : undefined
    if (content !== undefined) this.wires.push({ content, wire: frame.bytes.length })
    if (before.get("layer/aes") === after.get("layer/aes")) return
    this.opened.add(name)
    const openedEarlier = await this.opens(after, sealed, frame.plaintexts)
    this.sights.push({ saw: "dump", of: role, usedKeys: 0, openedEarlier })
  }

  /** How many layers open their part of it with what is on a disk. */
  private async opens(records: Records, sealed: Uint8Array, plaintexts: Plaintexts): Promise<number> {
    const transcript = records.get(RECORD.transcript)
    if (transcript === undefined) return 0
    let count = 0
    for (const name of INWARDS) {
      const layer = LAYERS[name] as Layer<unknown>
      const ciphertext = ciphertextFor(name, sealed, plaintexts)
      const state = ciphertext && layer.decode(records.get(`layer/${name}`) ?? NOTHING)
      if (ciphertext === undefined || state === undefined) continue
      const associated = associatedData(this.crypto, transcript, name, directionTo(records))
      const opening = openLayer(layer, state, ciphertext, associated)
      const found = await Effect.runPromise(Effect.provideService(opening, Crypto, this.crypto)).catch(() => undefined)
      if (found !== undefined) count += 1
    }
    return count
  }

  /** The layers' records where they are others than at the last look, and one-time keys. */
  private disk(pair: string, records: Records): void {
    const before = this.before.get(pair)
    this.follow(pair, records)
    if (before !== undefined && LAYER_RECORDS.every((id) => before.get(id) === records.get(id))) return
    const seen: Array<RecordSeen> = []
    const keys: Array<{ readonly layer: LayerName; readonly key: string }> = []
    for (const name of INWARDS) {
      const bytes = records.get(`layer/${name}`)
      if (bytes === undefined) continue
      const layer = LAYERS[name] as Layer<unknown>
      const state = layer.decode(bytes)
      seen.push({
        layer: name,
        same: state !== undefined && latin(layer.encode(state)) === latin(bytes),
        trailing: layer.decode(Uint8Array.of(...bytes, 0)) !== undefined,
      })
      for (const key of new Set(name === "mls" ? [] : keysIn(bytes))) keys.push({ layer: name, key })
    }
    // The group's state is in its library's own encoding: what the others have is looked for in it.
    const group = latin(records.get("layer/mls") ?? NOTHING)
    for (const { key } of [...keys]) if (group.includes(key)) keys.push({ layer: "mls", key })
    this.records.set(pair, seen)
    this.keys.set(pair, keys)
  }

  /** One-time keys of a pairing, until they are gone and there are keys. */
  private follow(pair: string, records: Records): void {
    const known = this.oneTime.get(pair)
    const keys = records.get(RECORD.oneTime)
    if (known === undefined && keys === undefined) return
    const isOver = known !== undefined && known.agreements > 0 && keys === undefined
    const transcript = records.get(RECORD.transcript)
    if (isOver) return
    const transcripts = new Set(known?.transcripts)
    if (transcript !== undefined) transcripts.add(latin(transcript))
    const id = known?.id ?? latin(keys ?? NOTHING)
    const kept = known?.kept === true || (transcript !== undefined && keys !== undefined)
    this.oneTime.set(pair, { id, transcripts, agreements: transcripts.size, kept })
  }

  private braid(pair: string, records: Records, machines: ReadonlyArray<MachineInView>): void {
    const braid = machines.find(({ machine }) => machine === "braid")
    const transcript = records.get(RECORD.transcript)
    if (braid === undefined || transcript === undefined) return
    const { epoch } = braid.context as { readonly epoch: number }
    const newest = epoch - (HAS_SECRET.includes(String(braid.state)) ? 0 : 1)
    const name = `${pair} ${latin(transcript)}`
    const by: Role = directionTo(records) === "joinerToInviter" ? "inviter" : "joiner"
    const { epochs } = this.braids.get(name) ?? { epochs: [] }
    if ((epochs.at(-1) ?? 0) !== newest) this.braids.set(name, { by, epochs: [...epochs, newest] })
  }
}

/** Where the side that encapsulates has the secret of the epoch at hand. */
const HAS_SECRET = ["ct1Sampled", "ekReceivedCt1Sampled", "ct1Acknowledged", "ct2Sampled"]
