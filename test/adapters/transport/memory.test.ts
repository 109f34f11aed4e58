/** The network in memory keeps every promise of the port; back-pressure and latency are exact, and seeds repeat it. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { memoryNetwork } from "../../../src/adapters/transport/memory.ts"
import { linksOf, transportConformance } from "../../../src/spec/conformance/transport.ts"
import { makeDice } from "../../../src/spec/simulation/dice.ts"

const variants = {
  "as it is": {},
  "with latency, a short buffer and no binding": { latency: 2, highWater: 1, binding: false },
}
for (const [variant, options] of Object.entries(variants)) {
  describe(`memory ${variant}`, () => {
    const network = memoryNetwork(options)
    const world = { here: network.transport(), there: network.transport() }
    for (const { name, run } of transportConformance) it.live(name, () => run(world))
    it("nobody listens any more", () => assert.strictEqual(network.listening(), 0))
  })
}

const pairOn = (options: Parameters<typeof memoryNetwork>[0]) => {
  const transport = memoryNetwork(options).transport()
  return linksOf({ here: transport, there: transport }).open
}

describe("memory", () => {
  it.effect("a sender waits exactly while the buffer is full, whichever end it is", () =>
    Effect.gen(function* () {
      const ends = yield* pairOn({ highWater: 3 })
      const settled = Effect.forEach(Array.from({ length: 50 }), () => Effect.yieldNow, { discard: true })
      for (const [from, to] of [ends, ends.toReversed()] as const) {
        let sent = 0
        const send = Effect.andThen(
          from!.send(Uint8Array.of(1)),
          Effect.sync(() => void sent++),
        )
        yield* Effect.forkScoped(Effect.forever(send))
        yield* settled
        assert.strictEqual(sent, 3)
        for (let taken = 1; taken <= 5; taken++) {
          yield* to!.receive
          yield* settled
          assert.strictEqual(sent, 3 + taken)
        }
      }
    }),
  )

  it.effect("a frame is under way for the latency, to the millisecond, and connecting takes a round trip", () =>
    Effect.gen(function* () {
      const opening = yield* Effect.forkScoped(pairOn({ latency: 40 }))
      yield* TestClock.adjust(79)
      assert.isUndefined(opening.pollUnsafe())
      yield* TestClock.adjust(1)
      const [ours, theirs] = yield* Fiber.join(opening)
      yield* ours.send(Uint8Array.of(7))
      const reading = yield* Effect.forkScoped(theirs.receive)
      yield* TestClock.adjust(39)
      assert.isUndefined(reading.pollUnsafe())
      // Giving up in the meantime loses nothing.
      yield* Fiber.interrupt(reading)
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(yield* theirs.receive, Uint8Array.of(7))
      assert.deepStrictEqual(yield* ours.path, { kind: "memory", roundTrip: 80 })
    }),
  )

  it.effect("the same seed gives the same addresses and bindings", () =>
    Effect.gen(function* () {
      const seeded = () => {
        const dice = makeDice(5)
        return memoryNetwork({ random: (length) => Uint8Array.from({ length }, () => dice.upTo(255)) }).transport()
      }
      const [one, two] = [seeded(), seeded()]
      assert.deepStrictEqual((yield* one.listen()).address, (yield* two.listen()).address)
      const [first] = yield* linksOf({ here: one, there: one }).open
      const [second] = yield* linksOf({ here: two, there: two }).open
      assert.deepStrictEqual(first.binding, second.binding)
    }),
  )

  it.effect("a backlog of unaccepted links is bounded", () =>
    Effect.gen(function* () {
      const transport = memoryNetwork().transport()
      const listener = yield* transport.listen()
      for (let i = 0; i < 64; i++) yield* transport.connect(listener.address)
      const { reason } = yield* Effect.flip(transport.connect(listener.address))
      assert.strictEqual(reason, "noPath")
      yield* listener.accept
      yield* transport.connect(listener.address)
    }),
  )
})
