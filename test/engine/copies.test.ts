/** Two copies of one state that both stay open. HL-1 and HL-2. `FUZZ=…` scales the runs; a failure prints its seed. */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { healingInvariants } from "../../src/spec/invariants/healing.ts"
import { violations } from "../../src/spec/invariants/invariant.ts"
import { runs } from "../core/layers/runtime.ts"
import { type CopyPlan, copyPlans, liveAsCopies } from "./copies.ts"

const live = async (plan: CopyPlan) => {
  const observation = await liveAsCopies(plan)
  assert.deepEqual(violations(healingInvariants, observation), [])
  return observation
}

describe("two copies of one state that both stay open", () => {
  it("come to one that goes on, with one healing, whatever happens to them", async () => {
    await fc.assert(
      fc.asyncProperty(copyPlans, async (plan) => void (await live(plan))),
      { numRuns: runs(24), endOnFailure: true },
    )
  })

  // The peer asked back over its newest link, which led to the other copy: it never heard that this one was wanted back.
  it("come to it also where the one that is reclaimed has an older link than the other", async () => {
    const { stopped } = await live({
      seed: 241_699_365,
      copied: "alice",
      behind: 2,
      moves: [
        { do: "send", who: 1 },
        { do: "lose", who: 1, frames: 6 },
        { do: "wait", ms: 5_000 },
        { do: "restart", who: 2 },
        { do: "lose", who: 2, frames: 6 },
        { do: "reclaim", who: 0 },
      ],
    })
    assert.strictEqual(stopped, 1)
  })
})
