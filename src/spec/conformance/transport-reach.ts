/** Checks of the Transport port: addresses, and who can be reached at them for how long. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { equal } from "../../core/crypto/bytes.ts"
import type { Address, Listener } from "../../core/transport.ts"
import { filled, flipped, holds } from "./crypto-check.ts"
import { arrives, type Check, check, failsWith, type TransportWorld } from "./transport-check.ts"

/** Addresses travel in invites; less than 128 random bits can be guessed. */
const MIN_ADDRESS = 16
const MAX_ADDRESS = 160

export const reachChecks: ReadonlyArray<Check<TransportWorld>> = [
  check(
    "a fresh address each time, of its transport's kind, 16 to 160 bytes long",
    Effect.fnUntraced(function* ({ here }) {
      const listeners = yield* Effect.all([here.listen(), here.listen(), here.listen()])
      for (const { address } of listeners) {
        yield* holds("its kind", address.kind === here.kind)
        yield* holds("its length", address.at.length >= MIN_ADDRESS && address.at.length <= MAX_ADDRESS)
      }
      const [a, b, c] = listeners.map(({ address }) => address.at)
      yield* holds("no address twice", !equal(a!, b!) && !equal(b!, c!) && !equal(a!, c!))
    }),
  ),

  check(
    "an address tells the services behind it, and says so when it is none",
    Effect.fnUntraced(function* ({ here, there }) {
      const { address } = yield* here.listen()
      yield* holds("known to the other side", there.services(address) !== undefined)
      yield* holds("not of another kind", there.services({ ...address, kind: `${address.kind}-not` }) === undefined)
      for (const bad of spoiled(address)) {
        if (there.services(bad) !== undefined) continue
        const { reason } = yield* failsWith(
          "connecting to no address",
          "Unreachable",
          Effect.scoped(there.connect(bad)),
        )
        yield* holds("it is called invalid", reason === "invalid")
        yield* failsWith("listening at no address", "Unreachable", Effect.scoped(here.listen(bad)))
      }
      for (let bit = 0; bit < address.at.length * 8; bit++) there.services({ ...address, at: flipped(address.at, bit) })
    }),
  ),

  check(
    "a listener is reachable by its service, and by several peers at once",
    Effect.fnUntraced(function* (world) {
      const listener = yield* world.here.listen()
      const service = yield* listener.service
      yield* holds("its service", service === undefined || (service.reachable && service.name.length > 0))
      const connecting = yield* Effect.forkScoped(
        Effect.all([world.there.connect(listener.address), world.there.connect(listener.address)], { concurrency: 2 }),
      )
      const accepted = [yield* listener.accept, yield* listener.accept]
      const connected = yield* Fiber.join(connecting)
      // Which is whose is found out by speaking.
      if (world.lossy) return
      for (const [i, link] of connected.entries()) yield* link.send(filled(8, i))
      const heard = yield* Effect.forEach(accepted, (link) => link.receive)
      for (const i of [0, 1])
        yield* holds(
          "each has one peer",
          heard.some((frame) => equal(frame, filled(8, i))),
        )
    }),
  ),

  check(
    "nobody is reached where nobody listens",
    Effect.fnUntraced(function* ({ here, there }) {
      const { address } = yield* Effect.scoped(here.listen())
      yield* isAbsent(there.connect(address))
    }),
  ),

  check(
    "that a peer was found is said once at most, before there is a link, and never of one who is not there",
    Effect.fnUntraced(function* ({ here, there }) {
      const listener = yield* here.listen()
      const said: Array<string> = []
      yield* there.connect(listener.address, () => said.push("found"))
      said.push("linked")
      yield* holds("found, then linked", ["found,linked", "linked"].includes(said.join()))
      const { address } = yield* Effect.scoped(here.listen())
      yield* isAbsent(there.connect(address, () => said.push("found")))
      yield* holds("nobody was found", said.at(-1) === "linked")
    }),
  ),

  check(
    "the end of a listener's scope ends its links and its address, until it listens there again",
    Effect.fnUntraced(function* (world) {
      const scope = yield* Scope.make()
      const listener = yield* Scope.provide(world.here.listen(), scope)
      const { accepted, connected } = yield* link(world, listener)
      yield* Scope.close(scope, Exit.void)
      yield* Effect.all([accepted.closed, connected.closed], { concurrency: 2 })
      yield* isAbsent(world.there.connect(listener.address))

      const again = yield* world.here.listen(listener.address)
      yield* holds("the same address", equal(again.address.at, listener.address.at))
      const second = yield* link(world, again)
      yield* arrives(world, [second.connected, second.accepted], filled(30, 1))
    }),
  ),

  check(
    "the end of a connection's scope ends its link, and the listener goes on",
    Effect.fnUntraced(function* (world) {
      const listener = yield* world.here.listen()
      const scope = yield* Scope.make()
      const first = yield* Scope.provide(link(world, listener), scope)
      yield* Scope.close(scope, Exit.void)
      yield* Effect.all([first.accepted.closed, first.connected.closed], { concurrency: 2 })
      const second = yield* link(world, listener)
      yield* arrives(world, [second.accepted, second.connected], filled(30, 2))
    }),
  ),

  check(
    "an attempt that is given up leaves nothing behind",
    Effect.fnUntraced(function* (world) {
      const listener = yield* world.here.listen()
      const attempt = yield* Effect.forkScoped(Effect.scoped(world.there.connect(listener.address)))
      yield* Effect.yieldNow
      yield* Fiber.interrupt(attempt)
      const connected = yield* world.there.connect(listener.address)
      const speak = Effect.andThen(connected.send(filled(5, 1)), Effect.sleep(20))
      yield* Effect.forkScoped(Effect.ignore(Effect.forever(speak)))
      // The attempt may have got as far as a link, which then is closed.
      const hears = Effect.flatMap(listener.accept, (taken) =>
        Effect.raceFirst(Effect.as(taken.closed, false), Effect.as(taken.receive, true)),
      )
      yield* Effect.repeat(
        Effect.orElseSucceed(hears, () => false),
        { until: (heard) => heard },
      )
    }),
  ),
]

const link = Effect.fnUntraced(function* ({ there }: TransportWorld, listener: Listener) {
  const accepting = yield* Effect.forkScoped(listener.accept)
  const connected = yield* there.connect(listener.address)
  return { connected, accepted: yield* Fiber.join(accepting) }
})

const isAbsent = (connect: ReturnType<TransportWorld["there"]["connect"]>) =>
  Effect.flatMap(failsWith("connecting", "Unreachable", Effect.scoped(connect)), ({ reason }) =>
    holds("it is called absent", reason === "absent"),
  )

const spoiled = ({ at, kind }: Address): ReadonlyArray<Address> =>
  [new Uint8Array(), at.slice(1), at.slice(0, -1), Uint8Array.of(...at, 0), filled(at.length, 7), filled(4_096, 8)].map(
    (bytes) => ({ kind, at: bytes }),
  )
