/**
 * A conversation survives any loss, repetition, reordering, poison, flood and crash that a seed can think of.
 * RUNS=5000 looks longer.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import fc from "fast-check"
import { schedules } from "./fixture/schedules.ts"
import { type Schedule, simulate } from "./fixture/world.ts"

const RUNS = Number(process.env["RUNS"] ?? 300)

describe("a conversation", () => {
  it("tells every accepted message once, in order, and never uses a key twice", async () => {
    let crashes = 0
    let steps = 0
    await fc.assert(
      fc.asyncProperty(schedules, async (schedule) => {
        const outcome = await Effect.runPromise(simulate(schedule))
        crashes += outcome.crashes
        steps += outcome.notices.length
        assert.deepStrictEqual(outcome.violations, [])
      }),
      { numRuns: RUNS },
    )
    console.log(`${RUNS} schedules, ${crashes} crashes, ${steps} steps`)
    assert.isAbove(crashes, RUNS) // otherwise the property says little
  })

  it("replays exactly from its seed", async () => {
    const schedule: Schedule = {
      seed: 7,
      messages: 5,
      loss: 0.3,
      repeat: 0.3,
      delay: 900,
      poison: 0.1,
      flood: 0.01,
      crashProbability: 0.1,
      maxCrashes: 5,
    }
    const first = await Effect.runPromise(simulate(schedule))
    assert.isAbove(first.notices.length, 20)
    assert.deepStrictEqual(await Effect.runPromise(simulate(schedule)), first)
  })
})
