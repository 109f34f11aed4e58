/**
 * A network inside one process: what tests, examples and the simulator run on. Loses nothing, keeps order, honours
 * back-pressure; faults are added by `faulty`. Docs: architecture.md, "Ports".
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import { toBase64url } from "../../core/crypto/bytes.ts"
import {
  type Address,
  attendable,
  type Link,
  LinkClosed,
  type Listener,
  MAX_LINK_FRAME,
  type Taker,
  type Transport,
  Unreachable,
} from "../../core/transport.ts"

const KIND = "memory"

/** As the port demands of any address. */
const ADDRESS_BYTES = 16

/** Links that nobody has accepted yet, per listener; the next peer is turned away. */
const BACKLOG = 64

/** How the network behaves. */
export interface MemoryNetworkOptions {
  /** Makes addresses and bindings. Default: the runtime's generator. Seed it to repeat a run. */
  readonly random?: (length: number) => Uint8Array
  /** Whether links have a channel binding, as WebRTC's do. Default: true. */
  readonly binding?: boolean
  /** Milliseconds that a frame is under way, by Effect's clock. Default: 0. */
  readonly latency?: number
  /** Frames under way in one direction before `send` waits. Default: 16, about what WebRTC's high-water mark holds. */
  readonly highWater?: number
}

/** One network; its transports reach each other. */
export interface MemoryNetwork {
  /** A place on this network: any number of them reach each other. */
  readonly transport: () => Transport
  /** How many addresses are listened at now. */
  readonly listening: () => number
}

interface UnderWay {
  readonly frame: Uint8Array
  /** When it arrives, in milliseconds of the clock. */
  readonly due: number
}

type Wire = Queue.Queue<UnderWay, LinkClosed>

/** A listener is small: there may be ten thousand of them, to which nobody comes. */
interface Listening {
  /** Links that nobody has accepted yet. */
  arrived: Array<Link>
  /** Who takes the next one. */
  by: Taker | undefined
  /** What ends the links that were opened to it. */
  open: Set<() => void> | undefined
}

/** A network of its own: nothing outside it can reach in. */
export const memoryNetwork = (options: MemoryNetworkOptions = {}): MemoryNetwork => {
  const { binding = true, highWater = 16, latency = 0 } = options
  const random = options.random ?? ((length) => crypto.getRandomValues(new Uint8Array(length)))
  const listeners = new Map<string, Listening>()

  const listen: Transport["listen"] = Effect.fnUntraced(function* (earlier) {
    const address = { kind: earlier?.kind ?? KIND, at: earlier?.at.slice() ?? random(ADDRESS_BYTES) }
    const name = nameOf(address)
    if (name === undefined) return yield* new Unreachable({ reason: "invalid" })
    if (listeners.has(name)) return yield* new Unreachable({ reason: "service", service: "this process" })
    const listening: Listening = { arrived: NONE, by: undefined, open: undefined }
    listeners.set(name, listening)
    yield* Effect.addFinalizer(leaving(listeners, name, listening))
    return listenerOn(address, listening)
  })

  const connect: Transport["connect"] = Effect.fnUntraced(function* (address, onFound = () => {}) {
    const name = nameOf(address)
    if (name === undefined) return yield* new Unreachable({ reason: "invalid" })
    if (latency > 0) yield* Effect.sleep(2 * latency)
    const there = yield* Queue.bounded<UnderWay, LinkClosed>(highWater)
    const back = yield* Queue.bounded<UnderWay, LinkClosed>(highWater)
    const listening = listeners.get(name)
    if (listening === undefined) return yield* new Unreachable({ reason: "absent" })
    onFound()
    if (listening.arrived.length >= BACKLOG) return yield* new Unreachable({ reason: "noPath" })

    const gone = Deferred.makeUnsafe<void>()
    const close = () => {
      listening.open?.delete(close)
      Deferred.doneUnsafe(gone, Exit.void)
      for (const wire of [there, back]) Queue.failCauseUnsafe(wire, Cause.fail(new LinkClosed()))
    }
    const bound = binding ? random(32) : undefined
    const end = (outgoing: Wire, incoming: Wire): Link => ({
      send: sender(outgoing, gone, latency),
      receive: receiver(incoming, latency),
      binding: bound?.slice(),
      path: Effect.succeed({ kind: "memory", roundTrip: 2 * latency }),
      closed: Deferred.await(gone),
      close: Effect.sync(close),
    })
    listening.open ??= new Set()
    listening.open.add(close)
    const accepted = end(back, there)
    if (listening.by !== undefined) listening.by.onLink(accepted)
    else listening.arrived = [...listening.arrived, accepted]
    yield* Effect.addFinalizer(() => Effect.sync(close))
    return end(there, back)
  })

  const services: Transport["services"] = (address) => (nameOf(address) === undefined ? undefined : [])
  return { transport: () => ({ kind: KIND, listen, connect, services }), listening: () => listeners.size }
}

const nameOf = ({ at, kind }: Address): string | undefined =>
  kind === KIND && at.length === ADDRESS_BYTES ? toBase64url(at) : undefined

const NONE: Array<Link> = []

const leaving = (listeners: Map<string, Listening>, name: string, listening: Listening) => () =>
  Effect.sync(() => {
    listeners.delete(name)
    for (const close of listening.open ?? []) close()
  })

const listenerOn = (address: Address, listening: Listening): Listener => ({
  address,
  accept: attendable(nextOf(listening), (by) => {
    listening.by = by
    for (const link of listening.arrived) by.onLink(link)
    listening.arrived = NONE
  }),
  service: Effect.undefined,
})

const nextOf = (listening: Listening): Effect.Effect<Link> =>
  Effect.callback<Link>((resume) => {
    const [link, ...others] = listening.arrived
    if (link !== undefined) {
      listening.arrived = others
      return resume(Effect.succeed(link))
    }
    const by = {
      onLink: (next: Link) => {
        listening.by = undefined
        resume(Effect.succeed(next))
      },
    }
    listening.by = by
    return Effect.sync(() => {
      if (listening.by === by) listening.by = undefined
    })
  })

const sender = (outgoing: Wire, gone: Deferred.Deferred<void>, latency: number): Link["send"] => {
  const closed = Effect.as(Deferred.await(gone), false)
  return Effect.fnUntraced(function* (frame) {
    if (frame.length < 1 || frame.length > MAX_LINK_FRAME) return yield* Effect.die(new RangeError("not a link frame"))
    const sent = { frame: frame.slice(), due: (yield* Clock.currentTimeMillis) + latency }
    if (Queue.offerUnsafe(outgoing, sent)) return
    if (!(yield* Effect.raceFirst(Queue.offer(outgoing, sent), closed))) return yield* new LinkClosed()
  })
}

// A frame is taken off the wire only when it has arrived, so an interrupted reader loses nothing.
const receiver = (incoming: Wire, latency: number): Link["receive"] =>
  latency === 0
    ? Effect.map(Queue.take(incoming), ({ frame }) => frame)
    : Effect.gen(function* () {
        const { due } = yield* Queue.peek(incoming)
        const wait = due - (yield* Clock.currentTimeMillis)
        if (wait > 0) yield* Effect.sleep(wait)
        return (yield* Queue.take(incoming)).frame
      })
