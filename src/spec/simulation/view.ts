/** A simulation as it stands, as JSON: what the stepper draws. Docs: simulator.md, "The driver". */
import type { StateValue } from "xstate"
import { type Entry, entry } from "../../core/contact/records.ts"
import { decodeFrame } from "../../core/frame.ts"
import { toHex } from "../../core/hex.ts"
import { deliveryOf, machinesOf } from "../../core/messenger/contact-view.ts"
import type { Agenda } from "./agenda.ts"
import type { Disk } from "./disk.ts"
import type { Intents } from "./intents.ts"
import type { Network } from "./network-values.ts"
import { type Life, statusOf } from "./peer.ts"
import type { RunRecord } from "./record.ts"
import type { Sealed } from "./sealed.ts"
import type { TheftInView, Thieves } from "./thieves.ts"

/** A machine as it stands. */
export interface MachineInView {
  /** Which statechart. */
  readonly machine: string
  /** Which instance, such as `delivery/0`. */
  readonly id: string
  /** Where it stands. */
  readonly state: StateValue
  /** Ids and counters. */
  readonly context: unknown
  /** What is armed: its event, and milliseconds of virtual time. */
  readonly timers: ReadonlyArray<{ readonly event: string; readonly due: number }>
}

/** A conversation, as one side has it. */
export interface ContactInView {
  /** The other one's name. */
  readonly with: string
  /** The session's state, in a word. */
  readonly session: string
  /** The link machine's state. */
  readonly connection: string
  /** Messages that the peer has not acknowledged. */
  readonly waiting: number
  /** Every machine of the conversation. */
  readonly machines: ReadonlyArray<MachineInView>
  /** The conversation as it is on the disk, the last fifty. */
  readonly history: ReadonlyArray<{ readonly from: string; readonly text: string; readonly state: string | undefined }>
}

/** A vault that seals somebody's storage. */
export interface VaultInView extends MachineInView {
  /** What lies on the disk, for anybody who has it: how many records, and how many bytes in all. */
  readonly sealed: { readonly records: number; readonly bytes: number }
}

/** One person. */
export interface PeerInView {
  /** As the run calls them. */
  readonly name: string
  /** Of their messenger, or `dead`. */
  readonly status: string
  /** Its wall clock. */
  readonly clock: number
  /** Where a vault seals their storage. */
  readonly vault?: VaultInView
  /** Their conversations. */
  readonly contacts: ReadonlyArray<ContactInView>
}

/** A frame under way. */
export interface FrameInView {
  /** For choices that name a frame. */
  readonly id: number
  /** Who sent it. */
  readonly from: string
  /** Who is to have it. */
  readonly to: string
  /** Over which link. */
  readonly link: number
  /** What it is, as far as its outside tells. */
  readonly kind: string
  /** In bytes. */
  readonly length: number
  /** Milliseconds of virtual time. */
  readonly sentAt: number
  /** When it arrives, in milliseconds of virtual time. */
  readonly due: number
  /** In hexadecimal, for the byte inspector. */
  readonly bytes: string
}

/** A run as it stands. */
export interface View {
  /** Milliseconds of virtual time. */
  readonly now: number
  /** A hash of everything that happened so far. */
  readonly trace: string
  /** Everybody, in the run's order. */
  readonly peers: ReadonlyArray<PeerInView>
  /** Under way. */
  readonly frames: ReadonlyArray<FrameInView>
  /** What is due, in order: frames, timers and restarts. */
  readonly agenda: ReadonlyArray<{ readonly id: number; readonly due: number; readonly what: string }>
  /** Which are open, between whom. */
  readonly links: ReadonlyArray<{ readonly id: number; readonly between: readonly [string, string] }>
  /** Who is cut off. */
  readonly parted: ReadonlyArray<string>
  /** Whether new links have somebody in the middle. */
  readonly intercepted: boolean
  /** What thieves of one layer's keys can open. */
  readonly thefts: ReadonlyArray<TheftInView>
  /** Each, and whether it holds so far. */
  readonly invariants: ReadonlyArray<{ readonly id: string; readonly says: string; readonly holds: boolean }>
}

/** What a view is made of: inner, and may change. */
export interface Viewed {
  /** What is due. */
  readonly agenda: Agenda
  /** Frames and links. */
  readonly network: Network
  /** A person's process. */
  readonly life: (peer: string) => Life | undefined
  /** By their names. */
  readonly peers: ReadonlyArray<string>
  /** What people wanted. */
  readonly intents: Intents
  /** What processes leave behind. */
  readonly disks: ReadonlyMap<string, Disk>
  /** What is on a disk, as its owner reads it. */
  readonly hostsOf: (peer: string) => Disk["hosts"]
  /** Whose storage a vault seals. */
  readonly vaults: ReadonlyMap<string, Sealed>
  /** What was seen. */
  readonly record: RunRecord
  /** A person's wall clock, in milliseconds. */
  readonly clock: (peer: string) => number
  /** Every invariant, and whether it holds. */
  readonly judge: () => View["invariants"]
  /** Who has copied keys. */
  readonly thieves: Thieves
}

/** Frames of which the bytes are shown, and entries of a conversation. */
const MAX_SHOWN = 50

/** A frame stays what it is while it is under way, and a view is made at every step. */
const looks = new WeakMap<Uint8Array, { readonly kind: string; readonly hex: string }>()

const lookOf = (bytes: Uint8Array) => {
  const look = looks.get(bytes) ?? { kind: decodeFrame(bytes)?.kind ?? "damaged", hex: toHex(bytes) }
  looks.set(bytes, look)
  return look
}

/** What kind of frame it is, as the network carries it. */
export const kindOf = (bytes: Uint8Array): string => lookOf(bytes).kind

/** The view of a run: inner, `Simulation.view` is it. */
export const viewOf = (all: Viewed): View => {
  const { agenda, network, peers, record } = all
  return {
    now: agenda.now(),
    trace: record.trace(),
    peers: peers.map((name) => ({
      name,
      status: statusOf(all.life(name)),
      clock: all.clock(name),
      ...(all.vaults.has(name) && { vault: vaultOf(all, name) }),
      contacts: contactsOf(all, name),
    })),
    frames: network.flying().map(({ bytes, ...frame }) => ({
      ...frame,
      kind: lookOf(bytes).kind,
      length: bytes.length,
      bytes: lookOf(bytes).hex,
    })),
    agenda: agenda.entries().map(({ due, id, what }) => ({ due, id, what })),
    links: network.links(),
    parted: network.parted(),
    intercepted: network.intercepted,
    thefts: all.thieves.view(),
    invariants: all.judge(),
  }
}

const vaultOf = ({ clock, agenda, disks, life }: Viewed, name: string): VaultInView => {
  const { retryAt, state = "locked", wrong = 0 } = life(name)?.engine?.vault.view.get() ?? {}
  const records = [...(disks.get(name)?.hosts.values() ?? [])].flatMap((shelf) => [...shelf.records.values()])
  return {
    ...{ machine: "vault", id: "vault/own", state, context: { wrong } },
    timers: retryAt === undefined ? [] : [{ event: "xstate.after.wait", due: retryAt - clock(name) + agenda.now() }],
    sealed: { records: records.length, bytes: records.reduce((sum, { length }) => sum + length, 0) },
  }
}

const contactsOf = ({ hostsOf, intents, peers }: Viewed, name: string): ReadonlyArray<ContactInView> =>
  peers.flatMap((other) => {
    const contact = other === name ? undefined : intents.contact(name, other)
    if (contact === undefined) return []
    const { live } = contact
    const session = contact.session.get()
    return {
      with: other,
      session: session.state,
      connection: contact.connection.get().link,
      waiting: session.waiting,
      machines: machinesOf(live, new Map()).map(({ context, id, machine, state }) => ({
        machine,
        id,
        state,
        context,
        timers: (live.host.instances.get(id as never)?.timers ?? []).map(({ due, event }) => ({
          event: event.type,
          due,
        })),
      })),
      history: historyOn(hostsOf(name), contact.id)
        .slice(-MAX_SHOWN)
        .map(({ mine, number, text }) => ({
          from: mine ? name : other,
          text,
          state: mine ? deliveryOf(live, number, NO_OUTCOMES) : undefined,
        })),
    }
  })

const NO_OUTCOMES = new Map<number, "failed" | "expired">()

const historyOn = (hosts: Disk["hosts"], host: string): ReadonlyArray<Entry> =>
  [...(hosts.get(host)?.records ?? [])]
    .filter(([id]) => id.startsWith("history/"))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, bytes]) => entry.decode(bytes) ?? [])
