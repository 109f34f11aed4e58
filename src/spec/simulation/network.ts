/**
 * The network of a simulation: links between processes, and every frame that is under way as a thing that can be lost,
 * repeated, damaged and delayed. Docs: core/transport.ts, simulator.md, "The network".
 */
import * as Effect from "effect/Effect"
import { toBase64url } from "../../core/crypto/bytes.ts"
import { decodeFrame } from "../../core/frame.ts"
import { type Address, type Link, type Transport, Unreachable } from "../../core/transport.ts"
import type { Agenda } from "./agenda.ts"
import type { Dice } from "./dice.ts"
import { closeEnd, type End, linkOf, makeEnd, take, type Wire } from "./link-end.ts"
import type { Flying, Network, NetworkCounters } from "./network-values.ts"
import type { Process } from "./process.ts"

export const KIND = "simulated"
const ADDRESS_BYTES = 16
/** A hang-up that a parted network swallows is tried again after this long, in milliseconds. */
const HANG_UP_AGAIN = 1_000
/** Frames that somebody on the way remembers. */
const MAX_PAST = 512
/** How long it takes to see that a process is gone which could not say so, in milliseconds. */
export const SILENT_DEATH = 30_000

export const makeNetwork = (options: {
  readonly agenda: Agenda
  readonly dice: Dice
  readonly latency: number
  readonly random: (length: number) => Uint8Array
  /** Sees every frame that is handed over, before anything happens to it. */
  readonly sent: (process: Process, to: string, link: number, frame: Uint8Array) => void
  /** `isOpen`: whether somebody is there to take it. */
  readonly arrived: (frame: Flying, isOpen: boolean) => void
}): Network => {
  const { agenda, dice, latency, random } = options
  const listeners = new Map<string, { readonly process: Process; readonly take: (link: Link) => void }>()
  const flying = new Map<number, Flying & { readonly cancel: () => void; readonly end: End; readonly sender: End }>()
  const wires = new Map<number, Wire>()
  /** What went by, for whoever wants to say it again; the oldest go first. */
  const past: Array<Pick<Flying, "id" | "from" | "to" | "bytes">> = []
  const away = new Set<string>()
  const counters: NetworkCounters = {
    sent: 0,
    lost: 0,
    duplicated: 0,
    reordered: 0,
    corrupted: 0,
    delayed: 0,
    parted: 0,
  }
  let links = 0

  const isParted = (a: string, b: string) => away.has("*") || away.has(a) || away.has(b)

  const release = (sender: End) => {
    sender.underWay -= 1
    const next = sender.blocked.shift()
    if (next !== undefined) sender.process.post(next)
  }

  const fly = (wire: Wire, sender: End, bytes: Uint8Array, due: number, sentAt = agenda.now()) => {
    const end = wire.ends[0] === sender ? wire.ends[1] : wire.ends[0]
    const { cancel, id } = agenda.add(due, `frame to ${end.process.peer}`, () => {
      const frame = flying.get(id)!
      flying.delete(id)
      release(sender)
      if (isParted(frame.from, frame.to)) return void counters.parted++
      options.arrived(frame, end.process.alive() && !end.closed)
      end.process.post(() => take(end, bytes))
    })
    sender.underWay += 1
    const { peer: from } = sender.process
    const frame = { id, from, to: end.process.peer, link: wire.id, bytes, sentAt, due, cancel, end, sender }
    flying.set(id, frame)
    past.push({ id, from, to: end.process.peer, bytes })
    if (past.length > MAX_PAST) past.shift()
  }

  const tellClosed = (wire: Wire, end: End, after: number) => {
    agenda.add(agenda.now() + after, `hang-up to ${end.process.peer}`, () => {
      const [a, b] = wire.ends
      if (isParted(a.process.peer, b.process.peer)) return tellClosed(wire, end, HANG_UP_AGAIN)
      wires.delete(wire.id)
      end.process.post(() => closeEnd(end))
    })
  }

  const close = (wire: Wire, end: End) => {
    if (end.closed) return
    closeEnd(end)
    tellClosed(wire, end === wire.ends[0] ? wire.ends[1] : wire.ends[0], latency)
  }

  const hand = (wire: Wire, end: End, frame: Uint8Array) => {
    const other = end === wire.ends[0] ? wire.ends[1] : wire.ends[0]
    counters.sent += 1
    options.sent(end.process, other.process.peer, wire.id, frame)
    if (isParted(end.process.peer, other.process.peer)) return void counters.parted++
    const { corrupt = 0, delay = 0, duplicate = 0, loss = 0, reorder = 0 } = network.faults
    if (loss > 0 && dice.chance(loss)) return void counters.lost++
    const copies = duplicate > 0 && dice.chance(duplicate) ? 2 : 1
    if (copies === 2) counters.duplicated += 1
    for (let copy = 0; copy < copies; copy++) {
      let bytes: Uint8Array = frame.slice()
      if (corrupt > 0 && dice.chance(corrupt)) {
        bytes = flipped(bytes, dice)
        counters.corrupted += 1
      }
      let due = agenda.now() + latency
      if (reorder > 0 && dice.chance(reorder)) {
        due += dice.upTo(4 * latency)
        counters.reordered += 1
      }
      if (delay > 0 && dice.chance(0.5)) {
        due += dice.upTo(delay)
        counters.delayed += 1
      }
      fly(wire, end, bytes, due)
    }
  }

  const linkIn = (wire: Wire, end: End, binding: Uint8Array): Link =>
    linkOf(end, {
      binding,
      roundTrip: 2 * latency,
      hand: (frame) => hand(wire, end, frame),
      close: () => close(wire, end),
    })

  const listen =
    (process: Process): Transport["listen"] =>
    (earlier) =>
      Effect.gen(function* () {
        if (isParted(process.peer, process.peer)) return yield* new Unreachable({ reason: "service" })
        const address = { kind: KIND, at: earlier?.at.slice() ?? random(ADDRESS_BYTES) }
        const name = nameOf(address)
        if (name === undefined) return yield* new Unreachable({ reason: "invalid" })
        const before = listeners.get(name)
        if (before?.process.alive() === true) return yield* new Unreachable({ reason: "service", service: "simulated" })
        const arrived: Array<Link> = []
        const waiting: Array<(effect: Effect.Effect<Link>) => void> = []
        const listening = {
          process,
          take: (link: Link) => {
            const next = waiting.shift()
            if (next === undefined) arrived.push(link)
            else next(Effect.succeed(link))
          },
        }
        listeners.set(name, listening)
        yield* Effect.addFinalizer(() =>
          Effect.sync(() => {
            if (listeners.get(name) === listening) listeners.delete(name)
          }),
        )
        const accept = Effect.suspend(() => {
          const next = arrived.shift()
          return next === undefined
            ? Effect.callback<Link>((resume) => void waiting.push(resume))
            : Effect.succeed(next)
        })
        return { address, accept, service: Effect.undefined }
      })

  const connect =
    (process: Process): Transport["connect"] =>
    (address, onFound = () => {}) =>
      Effect.gen(function* () {
        const name = nameOf(address)
        if (name === undefined) return yield* new Unreachable({ reason: "invalid" })
        yield* Effect.sleep(2 * latency)
        const listening = listeners.get(name)
        if (listening === undefined || !listening.process.alive()) return yield* new Unreachable({ reason: "absent" })
        if (isParted(process.peer, listening.process.peer)) return yield* new Unreachable({ reason: "noPath" })
        onFound()
        const bound = random(32)
        // Whoever stands between has a channel with each, and neither is the other.
        const boundThere = network.intercepted ? random(32) : bound
        const wire: Wire = { id: ++links, ends: [makeEnd(process), makeEnd(listening.process)] }
        const [here, there] = wire.ends
        wires.set(wire.id, wire)
        for (const [dying, left] of [
          [here, there],
          [there, here],
        ] as const) {
          dying.process.onDeath(() => {
            if (dying.closed) return
            dying.closed = true
            // Some systems say that a process is gone, others leave it to be found out.
            tellClosed(wire, left, dice.chance(0.7) ? latency : SILENT_DEATH)
          })
        }
        listening.process.post(() => listening.take(linkIn(wire, there, boundThere)))
        yield* Effect.addFinalizer(() => Effect.sync(() => close(wire, here)))
        return linkIn(wire, here, bound)
      })

  const again = (id: number, change: (frame: Flying) => { readonly bytes: Uint8Array; readonly due: number }) => {
    const frame = flying.get(id)
    const wire = frame && wires.get(frame.link)
    if (frame === undefined || wire === undefined) return false
    const { bytes, due } = change(frame)
    fly(wire, frame.sender, bytes, due, frame.sentAt)
    return true
  }
  const drop = (id: number) => {
    const frame = flying.get(id)
    if (frame === undefined) return false
    frame.cancel()
    flying.delete(id)
    release(frame.sender)
    return true
  }

  const network: Network = {
    counters,
    faults: {},
    flying: () => [...flying.values()].map(({ cancel: _, end: __, sender: ___, ...frame }) => frame),
    links: () =>
      [...wires.values()].map(({ ends: [a, b], id }) => ({ id, between: [a.process.peer, b.process.peer] as const })),
    drop: (id) => {
      const done = drop(id)
      if (done) counters.lost += 1
      return done
    },
    duplicate: (id) => {
      const done = again(id, ({ bytes, due }) => ({ bytes, due }))
      if (done) counters.duplicated += 1
      return done
    },
    corrupt: (id) => {
      const done = again(id, ({ bytes, due }) => ({ bytes: flipped(bytes, dice), due }))
      if (done) counters.corrupted += 1
      return done && drop(id)
    },
    delay: (id, ms) => {
      const done = again(id, ({ bytes, due }) => ({ bytes, due: due + ms }))
      if (done) counters.delayed += 1
      return done && drop(id)
    },
    reflect: (id) => {
      const frame = flying.get(id)
      const wire = frame && wires.get(frame.link)
      if (frame === undefined || wire === undefined) return false
      fly(wire, frame.end, frame.bytes, frame.due)
      return drop(id)
    },
    rewrite: (id, change) => {
      const frame = flying.get(id)
      const bytes = frame && change(frame.bytes)
      return bytes !== undefined && again(id, ({ due }) => ({ bytes, due })) && drop(id)
    },
    replay: (which) => {
      const frame = past.findLast(({ bytes, id }) =>
        typeof which === "number" ? id === which : decodeFrame(bytes)?.kind === which,
      )
      const wire = [...wires.values()].findLast(({ ends }) =>
        [frame?.from, frame?.to].every((peer) => ends.some(({ process }) => process.peer === peer)),
      )
      const sender = wire?.ends.find(({ process }) => process.peer === frame?.from)
      if (frame === undefined || wire === undefined || sender === undefined || sender.closed) return false
      fly(wire, sender, frame.bytes, agenda.now() + latency)
      return true
    },
    flood: (id, copies) => {
      let done = copies > 0
      for (let i = 0; i < Math.min(copies, MAX_PAST) && done; i++) {
        done = again(id, ({ bytes, due }) => ({ bytes: flipped(bytes, dice), due }))
        if (done) counters.corrupted += 1
      }
      return done
    },
    intercepted: false,
    part: (peer) => void away.add(peer),
    join: () => away.clear(),
    parted: () => [...away],
    cut: () => {
      for (const wire of [...wires.values()]) for (const end of wire.ends) end.process.post(() => close(wire, end))
    },
    transport: (process) => ({
      kind: KIND,
      listen: listen(process),
      connect: connect(process),
      services: (address) => (nameOf(address) === undefined ? undefined : []),
    }),
  }
  return network
}

const nameOf = ({ at, kind }: Address): string | undefined =>
  kind === KIND && at.length === ADDRESS_BYTES ? toBase64url(at) : undefined

const flipped = (bytes: Uint8Array, dice: Dice): Uint8Array => {
  const copy = bytes.slice()
  const bit = dice.upTo(copy.length * 8 - 1)
  copy[bit >> 3]! ^= 1 << (bit & 7)
  return copy
}
