/** Faults come from the seed alone, do what they say, and invent nothing. `FUZZ=n` multiplies the runs. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import fc from "fast-check"
import { type Faults, faulty } from "../../../src/adapters/transport/faulty.ts"
import { memoryNetwork } from "../../../src/adapters/transport/memory.ts"
import { equal } from "../../../src/core/crypto/bytes.ts"
import { linksOf, transportConformance } from "../../../src/spec/conformance/transport.ts"
import { frameOf } from "../../../src/spec/conformance/transport-check.ts"

const FUZZ = Number(process.env["FUZZ"] ?? 1)

const bad: Faults = { loss: 0.1, duplicate: 0.1, reorder: 0.1, corrupt: 0.1, delay: [0, 3] }

for (const [variant, faults] of Object.entries({ "with no faults": {}, "with faults": bad })) {
  describe(`faulty memory ${variant}`, () => {
    const network = memoryNetwork()
    const world = {
      here: faulty(network.transport(), { seed: 1, ...faults }),
      there: faulty(network.transport(), { seed: 2, ...faults }),
      lossy: faults === bad,
    }
    for (const { name, run } of transportConformance) it.live(name, () => run(world))
  })
}

/** Sends numbered frames one after the other, and gives what arrived, in order. Under a virtual clock. */
const exchange = Effect.fnUntraced(function* (options: Faults & { readonly seed: number }, count: number) {
  const network = memoryNetwork({ highWater: 4 * count })
  const here = faulty(network.transport(), options)
  const [theirs, ours] = yield* linksOf({ here: network.transport(), there: here }).open
  const sent = Array.from({ length: count }, (_, i) => frameOf(i, 4 + (i % 60)))
  const arrived: Array<Uint8Array> = []
  const reading = Effect.forever(Effect.map(theirs.receive, (frame) => void arrived.push(frame)))
  yield* Effect.forkScoped(Effect.ignore(reading))
  for (const frame of sent) {
    yield* ours.send(frame)
    yield* TestClock.adjust(1)
  }
  yield* TestClock.adjust("1 minute")
  return { sent, arrived, counters: here.counters() }
})

const run = <A>(effect: Effect.Effect<A, unknown, never>) => Effect.runPromise(effect)
const virtual = (options: Faults & { readonly seed: number }, count: number) =>
  run(Effect.scoped(exchange(options, count)).pipe(Effect.provide(TestClock.layer())) as Effect.Effect<Exchanged>)
type Exchanged = Effect.Success<ReturnType<typeof exchange>>

const chance = fc.double({ min: 0, max: 1, noNaN: true })
const anyFaults = fc.record({
  seed: fc.integer(),
  loss: chance,
  duplicate: chance,
  reorder: chance,
  delay: fc.tuple(fc.nat(50), fc.nat(50)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const),
})

describe("faulty", () => {
  it("what arrives was sent, and the counters account for every frame", () =>
    fc.assert(
      fc.asyncProperty(anyFaults, async (options) => {
        const { arrived, counters, sent } = await virtual(options, 40)
        for (const frame of arrived) assert.isTrue(sent.some((other) => equal(frame, other)))
        assert.strictEqual(counters.sent, sent.length)
        assert.strictEqual(arrived.length, counters.sent - counters.lost + counters.duplicated)
      }),
      { numRuns: 60 * FUZZ },
    ))

  it("the same seed does the same, another something else", async () => {
    const options = { ...bad, loss: 0.3, reorder: 0.3 }
    const [one, two, other] = await Promise.all([1, 1, 2].map((seed) => virtual({ ...options, seed }, 60)))
    assert.deepStrictEqual(one, two)
    assert.notDeepEqual(one?.arrived, other?.arrived)
  })

  it("each fault alone is that fault", async () => {
    const order = (frames: ReadonlyArray<Uint8Array>) => frames.map((f) => new DataView(f.buffer).getUint32(0))
    const sorted = (numbers: ReadonlyArray<number>) => numbers.toSorted((a, b) => a - b)
    const whole = Array.from({ length: 60 }, (_, i) => i)

    const loss = await virtual({ seed: 3, loss: 0.5 }, 60)
    assert.isTrue(loss.arrived.length > 10 && loss.arrived.length < 50)
    assert.deepStrictEqual(order(loss.arrived), sorted(order(loss.arrived)))

    const duplicate = await virtual({ seed: 3, duplicate: 0.5 }, 60)
    assert.deepStrictEqual([...new Set(order(duplicate.arrived))], whole)
    assert.isTrue(duplicate.arrived.length > 70)

    const reorder = await virtual({ seed: 3, reorder: 0.5 }, 60)
    assert.notDeepEqual(order(reorder.arrived), whole)
    assert.deepStrictEqual(sorted(order(reorder.arrived)), whole)

    const corrupt = await virtual({ seed: 3, corrupt: 1 }, 60)
    corrupt.arrived.forEach((frame, i) => {
      const difference = frame.reduce((bits, byte, at) => bits + ones(byte ^ corrupt.sent[i]![at]!), 0)
      assert.strictEqual(difference, 1)
    })
    assert.strictEqual(corrupt.counters.corrupted, 60)
  })

  it.effect("a delayed frame comes when it is due, and one held back for reordering is not held for ever", () =>
    Effect.gen(function* () {
      const network = memoryNetwork()
      const there = faulty(network.transport(), { seed: 1, delay: 100 })
      const [theirs, ours] = yield* linksOf({ here: network.transport(), there }).open
      for (const [faults, due] of [
        [{ delay: 100 }, 100],
        [{ reorder: 1 }, 50],
      ] as const) {
        there.set(faults)
        yield* ours.send(Uint8Array.of(due))
        const reading = yield* Effect.forkScoped(theirs.receive)
        yield* TestClock.adjust(due - 1)
        assert.isUndefined(reading.pollUnsafe())
        yield* TestClock.adjust(1)
        assert.deepStrictEqual(yield* Fiber.join(reading), Uint8Array.of(due))
      }
    }),
  )

  it.effect("a partition parts both ways, keeps links open, and heals; a cut closes them", () =>
    Effect.gen(function* () {
      const network = memoryNetwork()
      const here = faulty(network.transport(), { seed: 1, loss: 1 })
      const plain = network.transport()
      const listener = yield* here.listen()
      const accepting = yield* Effect.forkScoped(listener.accept)
      const theirs = yield* plain.connect(listener.address)
      const ours = yield* Fiber.join(accepting)

      here.set({})
      here.partition(true)
      yield* ours.send(Uint8Array.of(1))
      yield* theirs.send(Uint8Array.of(2))
      const reading = yield* Effect.forkScoped(ours.receive)
      yield* TestClock.adjust("1 hour")
      assert.isUndefined(reading.pollUnsafe())
      assert.strictEqual((yield* Effect.flip(here.connect(listener.address))).reason, "noPath")
      assert.strictEqual((yield* Effect.flip(here.listen())).reason, "service")
      const late = yield* plain.connect(listener.address)
      const acceptingLate = yield* Effect.forkScoped(listener.accept)
      yield* late.closed

      here.set({ loss: 1 })
      here.heal()
      yield* theirs.send(Uint8Array.of(3))
      assert.deepStrictEqual(yield* Fiber.join(reading), Uint8Array.of(3))
      yield* ours.send(Uint8Array.of(4))
      assert.deepStrictEqual(yield* theirs.receive, Uint8Array.of(4))
      yield* Fiber.interrupt(acceptingLate)

      yield* here.cut
      yield* ours.closed
      yield* theirs.closed
      assert.strictEqual((yield* Effect.flip(ours.send(Uint8Array.of(5))))._tag, "LinkClosed")
    }),
  )
})

const ones = (byte: number): number => byte.toString(2).replaceAll("0", "").length
