/**
 * Any transport, made bad on purpose: frames are lost, repeated, reordered, delayed and damaged, and the network can be
 * parted. All choices come from a seed and all waiting from Effect's clock, so a run repeats exactly under a virtual clock.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import {
  type Link,
  LinkClosed,
  type Listener,
  MAX_LINK_FRAME,
  type Transport,
  Unreachable,
} from "../../core/transport.ts"

/** Chances are from 0 to 1, for each frame that is sent. */
export interface Faults {
  /** The frame never comes. */
  readonly loss?: number
  /** The frame comes twice. */
  readonly duplicate?: number
  /** The frame goes after the next one, or after `REORDER_HOLD` where none follows. */
  readonly reorder?: number
  /** One bit is flipped. */
  readonly corrupt?: number
  /** Milliseconds, or evenly between two. */
  readonly delay?: number | readonly [least: number, most: number]
}

/** Which faults, and the seed that they follow from. */
export interface FaultyOptions extends Faults {
  /** The same one gives the same faults for the same frames. */
  readonly seed: number
  /** Whether the network is parted from the start. Default: false. */
  readonly partition?: boolean
}

/** What was done to frames so far. */
export interface FaultCounters {
  /** Frames that were handed over. */
  readonly sent: number
  /** Those that never came. */
  readonly lost: number
  /** Those that came twice. */
  readonly duplicated: number
  /** Those that were held back past another. */
  readonly reordered: number
  /** Those with a flipped bit. */
  readonly corrupted: number
  /** Those that came late. */
  readonly delayed: number
}

/** A transport with faults, and how to change them under way. */
export interface FaultyTransport extends Transport {
  /** Parts this transport from all others, or joins them: frames vanish both ways, no link opens; open links stay. */
  readonly partition: (on: boolean) => void
  /** Ends the partition and every other fault. Frames that were held back still come. */
  readonly heal: () => void
  /** Replaces the faults. */
  readonly set: (faults: Faults) => void
  /** Closes every link that is open. */
  readonly cut: Effect.Effect<void>
  /** What was done so far. */
  readonly counters: () => FaultCounters
}

/** Milliseconds after which a frame held back for reordering goes anyway. */
export const REORDER_HOLD = 50

/** Frames held back per link; more are lost, so that a slow clock cannot hoard memory. */
const MAX_HELD = 1024

/** Faults are done to what is sent by links of this transport; a partition also to what they receive. */
export const faulty = (inner: Transport, options: FaultyOptions): FaultyTransport => {
  const random = mulberry32(options.seed)
  const open = new Set<Link>()
  const count = { sent: 0, lost: 0, duplicated: 0, reordered: 0, corrupted: 0, delayed: 0 }
  let faults: Faults = options
  let parted = options.partition ?? false
  const happens = (chance: number | undefined): boolean => random() < (chance ?? 0)

  const wrap = Effect.fnUntraced(function* (link: Link, scope: Scope.Scope) {
    let closed = false
    let held = 0
    let letPass: ReadonlyArray<() => void> = []
    open.add(link)
    const gone = Effect.sync(() => {
      closed = true
      open.delete(link)
    })
    yield* Effect.forkIn(Effect.ensuring(link.closed, gone), scope)

    const sendLater = (frame: Uint8Array, wait: Effect.Effect<void>): Effect.Effect<void> => {
      if (held === MAX_HELD) return Effect.sync(() => void count.lost++)
      held++
      return Effect.andThen(wait, Effect.ignore(link.send(frame))).pipe(
        Effect.ensuring(Effect.sync(() => void held--)),
        Effect.forkIn(scope),
      )
    }

    const nextFrame = Effect.callback<void>((resume) => {
      letPass = [...letPass, () => resume(Effect.void)]
    }).pipe(Effect.raceFirst(Effect.sleep(REORDER_HOLD)))

    const sendCopy = (frame: Uint8Array): Effect.Effect<void, LinkClosed> => {
      const copy = frame.slice()
      if (happens(faults.corrupt)) {
        count.corrupted++
        flipBit(copy, random)
      }
      const delay = between(faults.delay, random)
      if (happens(faults.reorder)) {
        count.reordered++
        return sendLater(copy, Effect.andThen(Effect.sleep(delay), nextFrame))
      }
      if (delay > 0) {
        count.delayed++
        return sendLater(copy, Effect.sleep(delay))
      }
      return link.send(copy)
    }

    const send = Effect.fnUntraced(function* (frame: Uint8Array) {
      if (frame.length < 1 || frame.length > MAX_LINK_FRAME)
        return yield* Effect.die(new RangeError("not a link frame"))
      if (closed) return yield* new LinkClosed()
      count.sent++
      if (parted || happens(faults.loss)) return void count.lost++
      const waiting = letPass
      letPass = []
      if (happens(faults.duplicate)) {
        count.duplicated++
        yield* sendCopy(frame)
      }
      yield* sendCopy(frame)
      for (const pass of waiting) pass()
    })

    const receive: Link["receive"] = Effect.suspend(() =>
      Effect.flatMap(link.receive, (frame) => {
        if (!parted) return Effect.succeed(frame)
        count.lost++
        return receive
      }),
    )
    return { ...link, send, receive }
  })

  const listen: Transport["listen"] = Effect.fnUntraced(function* (address) {
    if (parted) return yield* new Unreachable({ reason: "service" })
    const scope = yield* Effect.scope
    const listener = yield* inner.listen(address)
    const accept: Listener["accept"] = Effect.suspend(() =>
      Effect.flatMap(listener.accept, (link) => (parted ? Effect.andThen(link.close, accept) : wrap(link, scope))),
    )
    const service = Effect.map(
      listener.service,
      (known) => known && { ...known, reachable: known.reachable && !parted },
    )
    return { address: listener.address, accept, service }
  })

  const connect: Transport["connect"] = Effect.fnUntraced(function* (address, onFound) {
    if (parted) return yield* new Unreachable({ reason: "noPath" })
    return yield* wrap(yield* inner.connect(address, onFound), yield* Effect.scope)
  })

  return {
    kind: inner.kind,
    listen,
    connect,
    services: inner.services,
    partition: (on) => void (parted = on),
    heal: () => {
      parted = false
      faults = {}
    },
    set: (replaced) => void (faults = replaced),
    cut: Effect.suspend(() => Effect.forEach([...open], (link) => link.close, { discard: true })),
    counters: () => ({ ...count }),
  }
}

const between = (delay: Faults["delay"], random: () => number): number => {
  if (delay === undefined || typeof delay === "number") return delay ?? 0
  return delay[0] + random() * (delay[1] - delay[0])
}

const flipBit = (bytes: Uint8Array, random: () => number): void => {
  const bit = Math.floor(random() * bytes.length * 8)
  bytes[bit >> 3]! ^= 1 << (bit & 7)
}

/** A small generator with 32 bits of state (Tommy Ettinger's mulberry32): repeatable, and no good for keys. */
const mulberry32 = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
