/**
 * Listening at a broker: staying registered under one id, whatever happens to the socket, and answering who calls. Links
 * that are open do not depend on the broker.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Queue from "effect/Queue"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import type { Link, Listener, Unreachable } from "../../../core/transport.ts"
import { openConnection } from "../webrtc/connection.ts"
import type { IceOptions } from "../webrtc/ice.ts"
import { inOwnScope, keepLink } from "../webrtc/lifetime.ts"
import { addressOf, type Place, serviceName } from "./address.ts"
import { type Message, type PeerMessage, type Signal, writeSignal } from "./message.ts"
import { answerPeer, MAX_SAID } from "./negotiate.ts"
import { type Identity, type Registration, type RegistrationOptions, register } from "./registration.ts"

/**
 * Peers that are being answered at the same time. An address belongs to one contact, who needs one; the others are for
 * attempts that went stale. Who floods it costs us no more than this many connections.
 */
const MAX_CALLS = 8

/** Links that nobody has accepted yet; the next peer is hung up on. */
const BACKLOG = 8

/** Milliseconds before the first attempt to register again; doubled for each further one … */
const FIRST_RETRY = 500
/** … up to this. A person who opens a laptop waits no longer. */
const LAST_RETRY = 30_000
/** A registration that lasted this many milliseconds was a good one: the count of attempts starts again. */
const STABLE = 30_000

type Call = Queue.Queue<Signal, Unreachable>

export const listenAt = Effect.fnUntraced(function* (
  place: Place,
  identity: Identity,
  options: RegistrationOptions & IceOptions,
): Effect.fn.Return<Listener, Unreachable, Scope.Scope> {
  const scope = yield* Effect.scope
  const run = yield* FiberSet.makeRuntime()
  const arrived = yield* Effect.acquireRelease(Queue.dropping<Link>(BACKLOG), Queue.shutdown)
  const calls = new Map<string, Call>()
  let current: Registration | undefined

  const answer = Effect.fnUntraced(function* ({ connection, from, signal }: PeerMessage, said: Call) {
    if (signal.kind !== "offer") return
    const send = (told: Signal) => current?.send(writeSignal(from, connection, told))
    const open = Effect.flatMap(openConnection(options), (made) => answerPeer(made, { said, send }, signal.description))
    const link = yield* keepLink(scope, open)
    if (!Queue.offerUnsafe(arrived, link)) yield* link.close
  })

  const hear = (message: Message) => {
    // That a peer left the broker says nothing of its connection to us.
    if (message.kind !== "signal") return
    const call = `${message.from} ${message.connection}`
    const said = calls.get(call)
    if (said !== undefined) return void Queue.offerUnsafe(said, message.signal)
    if (message.signal.kind !== "offer" || calls.size === MAX_CALLS) return
    const opened: Call = Effect.runSync(Queue.dropping<Signal, Unreachable>(MAX_SAID))
    calls.set(call, opened)
    run(
      Effect.ensuring(
        Effect.ignore(answer(message, opened)),
        Effect.sync(() => calls.delete(call)),
      ),
    )
  }

  const enrol = inOwnScope(scope, register(place.broker, identity, options, hear))

  const stay = Effect.fnUntraced(function* (first: Effect.Success<typeof enrol>) {
    let enrolled: typeof first | undefined = first
    for (let attempt = 0; ; attempt++) {
      if (enrolled !== undefined) {
        const since = yield* Clock.currentTimeMillis
        current = enrolled.made
        yield* current.lost
        current = undefined
        yield* enrolled.leave
        if ((yield* Clock.currentTimeMillis) - since >= STABLE) attempt = 0
      }
      const spread = 0.5 + (yield* Random.next) / 2
      yield* Effect.sleep(Math.min(LAST_RETRY, FIRST_RETRY * 2 ** attempt) * spread)
      enrolled = yield* Effect.orElseSucceed(enrol, () => undefined)
    }
  })
  const first = yield* enrol
  current = first.made
  yield* Effect.forkScoped(stay(first))

  return {
    address: addressOf(place),
    accept: Queue.take(arrived),
    service: Effect.sync(() => ({ reachable: current !== undefined, name: serviceName(place.broker) })),
  }
})
