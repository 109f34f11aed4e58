/**
 * Two clocks: the wall's, which people set, and the steady one. What waits has waited long enough by whichever says so first, and never
 * waits longer than it was meant to since it was armed, or since its process began. Docs: delivery.md, "Clocks that are set".
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Scope } from "effect"
import { TestClock } from "effect/testing"
import fc from "fast-check"
import { makeShelves } from "../../../src/adapters/storage/memory.ts"
import { type Alarm, after, makeAlarm, now } from "../../../src/core/host/alarm.ts"
import type { Batch } from "../../../src/core/store.ts"
import { asked, noting, openDesk, to } from "./fixture/desk.ts"

/** What an errand waits. */
const PATIENCE = 1_000
const HOUR = 3_600_000

/** A clock whose wall can be set; all else is the test's. */
const makeWall = Effect.map(Clock.Clock, (test) => {
  let ahead = 0
  const millis = () => test.currentTimeMillisUnsafe() + ahead
  const nanos = () => test.currentTimeNanosUnsafe() + BigInt(ahead) * 1_000_000n
  const clock: Clock.Clock = {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: () => test.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: test.monotonicTimeNanos,
    sleep: (duration) => test.sleep(duration),
  }
  return {
    clock,
    steady: () => Number(test.monotonicTimeNanosUnsafe()) / 1_000_000,
    wall: millis,
    set: (by: number) => {
      ahead += by
    },
  }
})

type Step = { readonly wait: number } | { readonly set: number } | "restart"
const steps: fc.Arbitrary<ReadonlyArray<Step>> = fc.array(
  fc.oneof(
    fc.record({ wait: fc.constantFrom(1, 5, 250, 999, 1_000) }),
    fc.record({ set: fc.constantFrom(-24 * HOUR, -HOUR, -500, 500, HOUR) }),
    fc.constant("restart" as const),
  ),
  { maxLength: 12 },
)

const play = (course: ReadonlyArray<Step>) =>
  Effect.gen(function* () {
    const wall = yield* makeWall
    const shelves = makeShelves()
    const open = Effect.gen(function* () {
      const life = yield* Scope.make()
      const host = yield* Effect.provideService(Scope.provide(openDesk({ shelves }), life), Clock.Clock, wall.clock)
      return { host, life }
    })
    let { host, life } = yield* open
    yield* host.submit(asked)
    let due = wall.wall() + PATIENCE
    let latest = wall.steady() + PATIENCE
    let reached = false
    for (const step of course) {
      if (step === "restart") {
        yield* Scope.close(life, Exit.void)
        const begins = wall.wall()
        const left = Math.max(0, Math.min(PATIENCE, due - begins))
        due = begins + left
        latest = wall.steady() + left
        ;({ host, life } = yield* open)
        yield* TestClock.adjust(0)
      } else if ("set" in step) wall.set(step.set)
      else yield* TestClock.adjust(step.wait)
      reached ||= wall.wall() >= due || wall.steady() >= latest
      const rang = host.view(to)?.state === "late"
      if (rang) assert.isTrue(reached, "it rang before its time by either clock")
      if (wall.steady() >= latest) assert.isTrue(rang, "it waited longer than it was meant to")
      if (rang) break
    }
    yield* Scope.close(life, Exit.void)
  })

describe("a timer", () => {
  it("never waits longer than it was meant to, however the wall clock is set, nor rings before its time by both", () =>
    fc.assert(
      fc.asyncProperty(steps, (course) => Effect.runPromise(Effect.provide(play(course), TestClock.layer()))),
      { numRuns: 300 },
    ))

  it.effect("that is armed after the clock was set forward does not wait for one that was set before", () =>
    Effect.gen(function* () {
      const wall = yield* makeWall
      let rings = 0
      const setIn = (alarm: Alarm, ms: number) =>
        Effect.flatMap(now, (time) => alarm.set(after(time, ms))).pipe(Effect.provideService(Clock.Clock, wall.clock))
      const alarm = yield* makeAlarm(() => void rings++)
      yield* setIn(alarm, 30_000)
      wall.set(HOUR)
      yield* setIn(alarm, 5)
      yield* TestClock.adjust(5)
      assert.isAtLeast(rings, 1)
    }),
  )

  it.effect("that counts anew is written so, and does not begin again with every opening", () =>
    Effect.gen(function* () {
      const wall = yield* makeWall
      const shelves = makeShelves()
      const batches: Array<Batch> = []
      const living = (ms: number) =>
        Effect.scoped(
          Effect.gen(function* () {
            const host = yield* openDesk({
              shelves,
              store: (store) => ({
                ...store,
                commit: (batch) => Effect.andThen(noting(batches, batch), store.commit(batch)),
              }),
            }).pipe(Effect.provideService(Clock.Clock, wall.clock))
            if (batches.length <= 1) yield* host.submit(asked)
            yield* TestClock.adjust(ms)
            return host.view(to)?.state
          }),
        )
      assert.strictEqual(yield* living(100), "running")
      wall.set(-HOUR)
      assert.strictEqual(yield* living(400), "running")
      assert.strictEqual(yield* living(400), "running")
      assert.strictEqual(yield* living(200), "late")
    }),
  )
})
