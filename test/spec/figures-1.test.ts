/** Half of the schedules of `npm test`: DL and SM hold in each, whatever the world does. See figures.ts. */
import { assert, describe, it } from "vitest"
import { runSimulation } from "../../src/spec/simulation/run.ts"
import { drawSchedule } from "../../src/spec/simulation/schedule.ts"
import { figures, scaled } from "./figures.ts"

describe("a seed that failed once", () => {
  // A tab that was robbed of the storage while it opened it waited for its own end, for ever.
  it("100963 holds", async () => {
    assert.deepEqual((await runSimulation(drawSchedule({ seed: 100_963, sends: 58 }))).violations, [])
  })
})

describe("1,000 schedules", () => {
  it("lose nothing, show nothing twice or out of order, and use no key and nonce twice", {
    timeout: 600_000,
  }, async () => {
    const { sends } = await figures(100_000, 1_000, { sends: 58 })
    assert.isAtLeast(sends, scaled(50_000))
  })
})
