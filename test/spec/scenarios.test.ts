/** Every scenario does what it says, every invariant holds at its end, and it is the same run each time. */
import { assert, describe, it } from "vitest"
import { scenarios } from "../../src/spec/scenarios/all.ts"
import { play } from "../../src/spec/scenarios/scenario.ts"

describe("scenario", () => {
  for (const scenario of scenarios) {
    it(`${scenario.id}: ${scenario.title}`, async () => {
      const { missed, simulation, stoppedAt } = await play(scenario)
      assert.isUndefined(stoppedAt)
      assert.deepEqual(missed, [])
      const { invariants, trace } = simulation.view()
      assert.deepEqual(
        invariants.filter(({ holds }) => !holds),
        [],
      )
      simulation.close()
      const again = await play(scenario)
      assert.strictEqual(again.simulation.view().trace, trace)
      again.simulation.close()
    })
  }

  it("is missed where something else happens, and stops where it cannot go on", async () => {
    const [pairing] = scenarios
    const [first] = pairing!.expect
    const wrong = await play({
      ...pairing!,
      expect: [
        { ...first!, state: "settled" },
        { ...first!, atLeast: { sent: 99 } },
      ],
    })
    assert.lengthOf(wrong.missed, 2)
    wrong.simulation.close()
    const stuck = await play({ ...pairing!, choices: [["restart", "alice"]] })
    assert.strictEqual(stuck.stoppedAt, 0)
    stuck.simulation.close()
  })
})
