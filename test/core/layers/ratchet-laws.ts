/** The ratchet's invariants as one property, for any layer: `ratchetLaws("kem", kemSubject)`. */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import type { RatchetSubject } from "../../../src/spec/games/ratchet-observation.ts"
import { runSchedule } from "../../../src/spec/games/ratchet-run.ts"
import { schedule } from "../../../src/spec/games/schedule.ts"
import { violations } from "../../../src/spec/invariants/invariant.ts"
import { ratchetInvariants } from "../../../src/spec/invariants/ratchet.ts"
import { PATIENCE, run, runs } from "./runtime.ts"

export interface LawsOptions {
  /** Schedules, and steps of each at most. */
  readonly schedules: number
  readonly steps: number
}

export const ratchetLaws = <State>(name: string, subject: RatchetSubject<State>, options: LawsOptions): void => {
  describe(`the ratchet of ${name}`, () => {
    it(
      `upholds ${ratchetInvariants.map(({ id }) => id).join(", ")} under any schedule`,
      async () => {
        await fc.assert(
          fc.asyncProperty(schedule(options.steps), async (steps) => {
            assert.deepStrictEqual(violations(ratchetInvariants, await run(runSchedule(subject, steps))), [])
          }),
          { numRuns: runs(options.schedules) },
        )
      },
      PATIENCE,
    )
  })
}
