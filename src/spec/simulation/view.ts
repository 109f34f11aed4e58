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
import type { TheftInView, Thieves } from "./thieves.ts"

export interface MachineInView {
  readonly machine: string
  readonly id: string
  readonly state: StateValue
  readonly context: unknown
  /** What is armed: its event, and milliseconds of virtual time. */
  readonly timers: ReadonlyArray<{ readonly event: string; readonly due: number }>
}

export interface ContactInView {
  readonly with: string
  readonly session: string
  readonly connection: string
  readonly waiting: number
  readonly machines: ReadonlyArray<MachineInView>
  /** The conversation as it is on the disk, the last fifty. */
  readonly history: ReadonlyArray<{ readonly from: string; readonly text: string; readonly state: string | undefined }>
}

export interface PeerInView {
  readonly name: string
  readonly status: string
  /** Its wall clock. */
  readonly clock: number
  readonly contacts: ReadonlyArray<ContactInView>
}

export interface FrameInView {
  readonly id: number
  readonly from: string
  readonly to: string
  readonly link: number
  readonly kind: string
  readonly length: number
  readonly sentAt: number
  readonly due: number
  /** In hexadecimal, for the byte inspector. */
  readonly bytes: string
}

export interface View {
  /** Milliseconds of virtual time. */
  readonly now: number
  readonly trace: string
  readonly peers: ReadonlyArray<PeerInView>
  readonly frames: ReadonlyArray<FrameInView>
  /** What is due, in order: frames, timers and restarts. */
  readonly agenda: ReadonlyArray<{ readonly id: number; readonly due: number; readonly what: string }>
  readonly links: ReadonlyArray<{ readonly id: number; readonly between: readonly [string, string] }>
  readonly parted: ReadonlyArray<string>
  /** Whether new links have somebody in the middle. */
  readonly intercepted: boolean
  readonly thefts: ReadonlyArray<TheftInView>
  readonly invariants: ReadonlyArray<{ readonly id: string; readonly says: string; readonly holds: boolean }>
}

export interface Viewed {
  readonly agenda: Agenda
  readonly network: Network
  readonly life: (peer: string) => Life | undefined
  readonly peers: ReadonlyArray<string>
  readonly intents: Intents
  readonly disks: ReadonlyMap<string, Disk>
  readonly record: RunRecord
  readonly clock: (peer: string) => number
  readonly judge: () => View["invariants"]
  readonly thieves: Thieves
}

/** Frames of which the bytes are shown, and entries of a conversation. */
const MAX_SHOWN = 50

export const viewOf = (all: Viewed): View => {
  const { agenda, network, peers, record } = all
  return {
    now: agenda.now(),
    trace: record.trace(),
    peers: peers.map((name) => ({
      name,
      status: statusOf(all.life(name)),
      clock: all.clock(name),
      contacts: contactsOf(all, name),
    })),
    frames: network.flying().map(({ bytes, ...frame }) => ({
      ...frame,
      kind: decodeFrame(bytes)?.kind ?? "damaged",
      length: bytes.length,
      bytes: toHex(bytes),
    })),
    agenda: agenda.entries().map(({ due, id, what }) => ({ due, id, what })),
    links: network.links(),
    parted: network.parted(),
    intercepted: network.intercepted,
    thefts: all.thieves.view(),
    invariants: all.judge(),
  }
}

const contactsOf = ({ disks, intents, peers }: Viewed, name: string): ReadonlyArray<ContactInView> =>
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
      history: historyOn(disks.get(name), contact.id)
        .slice(-MAX_SHOWN)
        .map(({ mine, number, text }) => ({
          from: mine ? name : other,
          text,
          state: mine ? deliveryOf(live, number, NO_OUTCOMES) : undefined,
        })),
    }
  })

const NO_OUTCOMES = new Map<number, "failed" | "expired">()

const historyOn = (disk: Disk | undefined, host: string): ReadonlyArray<Entry> =>
  [...(disk?.hosts.get(host)?.records ?? [])]
    .filter(([id]) => id.startsWith("history/"))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, bytes]) => entry.decode(bytes) ?? [])
