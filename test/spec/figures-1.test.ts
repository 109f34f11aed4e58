/** Half of the schedules of `npm test`: DL and SM hold in each, whatever the world does. See figures.ts. */
import { assert, describe, it } from "vitest"
import { runSimulation } from "../../src/spec/simulation/run.ts"
import { drawSchedule, FAULT_KINDS, HEALING } from "../../src/spec/simulation/schedule.ts"
import { figures, SCHEDULES, SENDS, scaled } from "./figures.ts"

/** Those that there were when it failed. */
const FIRST_KINDS = FAULT_KINDS.filter((kind) => !HEALING.some((one) => one === kind))

describe("a seed that failed once", () => {
  // A tab that was robbed of the storage while it opened it waited for its own end, for ever.
  it("100963 holds", async () => {
    const schedule = drawSchedule({ seed: 100_963, sends: 58, pairing: "anew", kinds: FIRST_KINDS })
    assert.deepEqual((await runSimulation(schedule)).violations, [])
  })

  // A wall clock was set back while an acknowledgement was about to be sealed, and it waited until the clock had caught up.
  it("100347 holds", async () => {
    const schedule = drawSchedule({ seed: 100_347, sends: 22, kinds: [...FIRST_KINDS, "renew"] })
    assert.deepEqual((await runSimulation(schedule)).violations, [])
  })

  // Keys were agreed anew, nobody had anything to say, and the joiner repeated its Confirm to one who had it, for ever.
  it("400700 holds", async () => {
    const schedule = drawSchedule({ seed: 400_700, sends: 28, peers: 3 })
    assert.deepEqual((await runSimulation(schedule)).violations, [])
  })

  // Both needed new keys, and each had another link for its newest: the joiner was never asked over the one that it could greet over.
  it("1098 holds", async () => {
    const schedule = drawSchedule({ seed: 1_098, sends: 28 })
    assert.deepEqual((await runSimulation(schedule)).violations, [])
  })

  // A tab died, and what it had answered arrived after the next one had spoken: taken for a copy.
  it("10662 holds", async () => {
    const schedule = drawSchedule({ seed: 10_662, sends: 28 })
    assert.deepEqual((await runSimulation(schedule)).violations, [])
  })

  // A simulated clock told fractions of a millisecond, which no real one does, and a Bundle could not be taken.
  it("11894 holds", async () => {
    const schedule = drawSchedule({ seed: 11_894, sends: 28 })
    assert.deepEqual((await runSimulation(schedule)).violations, [])
  })

  // Keys were agreed anew, and an answer from just before was overtaken by the first frame of the new ones: taken for a copy.
  it("245 holds", async () => {
    const schedule = drawSchedule({ seed: 245, sends: 28 })
    assert.deepEqual((await runSimulation(schedule)).violations, [])
  })

  // Keys were lost where new ones were wanted already: nobody was told of the loss, and the counters that were gone were taken for a copy's.
  it("305 holds", async () => {
    const schedule = drawSchedule({ seed: 305, sends: 28 })
    assert.deepEqual((await runSimulation(schedule)).violations, [])
  })

  // A greeting that was given up came after the one that was answered: the inviter began anew with it, and the joiner had its keys already.
  it("5903 holds", async () => {
    const schedule = drawSchedule({ seed: 5_903, sends: 28 })
    assert.deepEqual((await runSimulation(schedule)).violations, [])
  })

  // Two clocks were three hours apart, and a KeyPackage was good for an hour's difference: keys were never renewed.
  it("400857 holds", async () => {
    const schedule = drawSchedule({ seed: 400_857, sends: 28 })
    assert.deepEqual((await runSimulation(schedule)).violations, [])
  })
})

describe("schedules", () => {
  it("lose nothing, show nothing twice or out of order, and use no key and nonce twice", {
    timeout: 600_000,
  }, async () => {
    const { schedules, sends } = await figures(100_000, SCHEDULES / 2, { sends: SENDS })
    assert.isAtLeast(schedules, scaled(1_000))
    assert.isAtLeast(sends, scaled(20_500))
  })
})
