/** Messages over bad links, through partings and restarts. DL-1 to DL-7. `FUZZ=…` scales the runs; a failure prints its seed. */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { deliveryInvariants } from "../../src/spec/invariants/delivery.ts"
import { violations } from "../../src/spec/invariants/invariant.ts"
import { runs } from "../core/layers/runtime.ts"
import { converse } from "./conversation.ts"
import { type Plan, plans } from "./conversation-plans.ts"

const play = async (plan: Plan) => {
  const observation = await converse(plan)
  assert.deepEqual(violations(deliveryInvariants, observation), [])
  return observation
}

const GOOD = { loss: 0, duplicate: 0, reorder: 0, corrupt: 0, delay: 0 }
const BAD = { loss: 0.3, duplicate: 0.3, reorder: 0.3, corrupt: 0.1, delay: [0, 200] as const }

describe("a conversation", () => {
  it("keeps its promises whatever the world does", async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => void (await play(plan))),
      { numRuns: runs(16), endOnFailure: true },
    )
  })

  it("comes through a very bad link", async () => {
    const send = (by: 0 | 1) => ({ do: "send", by, count: 8, long: by === 0, expires: false }) as const
    const { repeated, shown } = await play({
      seed: 3,
      slow: false,
      faults: [BAD, BAD],
      moves: [send(0), send(1), { do: "wait", ms: 900 }, send(1), send(0), { do: "wait", ms: 900 }, send(0), send(1)],
    })
    assert.lengthOf(shown, 48)
    assert.isNotEmpty(repeated)
  })

  it("survives that both die again and again in the middle of a commit", async () => {
    const { accepted } = await play({
      seed: 5,
      slow: true,
      faults: [GOOD, GOOD],
      moves: Array.from({ length: 6 }, (_, i) => [
        { do: "send", by: (i % 2) as 0 | 1, count: 2, long: false, expires: false } as const,
        { do: "die", who: ((i + 1) % 2) as 0 | 1, after: 2 * i } as const,
        { do: "wait", ms: i * 3 } as const,
        { do: "die", who: (i % 2) as 0 | 1, after: 12 - 2 * i } as const,
      ]).flat(),
    })
    assert.isAtLeast(accepted.filter(({ text }) => text).length, 12)
  })
})
