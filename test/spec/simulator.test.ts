/** The simulator itself: one seed, one run; real primitives and three people; storages of others; what a failing run shows. */
import { assert, describe, it } from "vitest"
import { makeShelves, memory } from "../../src/adapters/storage/memory.ts"
import { memoryNetwork } from "../../src/adapters/transport/memory.ts"
import { Unreachable } from "../../src/core/transport.ts"
import { simulationInvariants } from "../../src/spec/invariants/simulation.ts"
import { runSimulation, type SimulationOutcome } from "../../src/spec/simulation/run.ts"
import { drawSchedule } from "../../src/spec/simulation/schedule.ts"
import { shrink } from "../../src/spec/simulation/shrink.ts"
import { showFailure } from "../../src/spec/simulation/timeline.ts"
import { fuzzed } from "../fuzz/simulator.ts"
import { figures } from "./figures.ts"

describe("a simulation", () => {
  it("is the same run for the same seed, and another for another: SM-5", async () => {
    const traces: Array<string> = []
    for (const seed of [7, 8, 9]) {
      const schedule = drawSchedule({ seed })
      const [first, second] = [await runSimulation(schedule), await runSimulation(schedule)]
      const same = first.trace === second.trace
      const holds = simulationInvariants.find(({ id }) => id === "SM-5")!.holds
      assert.isTrue(holds({ reused: 0, departed: [], stale: 0, reopened: true, same }))
      traces.push(first.trace)
    }
    assert.strictEqual(new Set(traces).size, 3)
  })

  it("runs on the primitives of production", async () => {
    const { encryptions } = await figures(1, 6, { crypto: "real", sends: 12 })
    assert.isAbove(encryptions, 0)
  })

  it("has room for three people, each with the others", async () => {
    await figures(50, 8, { peers: 3, sends: 30 })
  })

  it("is the same in parts: what they come to adds up", async () => {
    const told: Array<string> = []
    const part = (first: number, runs: number) => fuzzed(first, runs, (text) => void told.push(text))
    const [first, second, whole] = [await part(8, 1), await part(9, 2), await part(8, 3)]
    assert.deepEqual(whole, {
      schedules: first.schedules + second.schedules,
      sends: first.sends + second.sends,
      encryptions: first.encryptions + second.encryptions,
      injected: first.injected + second.injected,
      crashes: first.crashes + second.crashes,
      violations: 0,
      failed: [],
    })
    assert.match(told.at(-1)!, /seeds 8 to 10/)
  })

  it("tries the storages of others", async () => {
    const { sends, violations } = await runSimulation(drawSchedule({ seed: 3, kinds: ["crash", "loss"] }), {
      adapters: { storage: () => memory(makeShelves()) },
    })
    assert.deepEqual(violations, [])
    assert.isAbove(sends, 0)
  })

  it("tries the transports of others, and notices one that nobody can be reached over", async () => {
    const network = memoryNetwork()
    const schedule = drawSchedule({ seed: 3, sends: 12, kinds: ["crash", "torn", "lease"] })
    const { sends, violations } = await runSimulation(schedule, { adapters: { transport: network.transport } })
    assert.deepEqual(violations, [])
    assert.isAbove(sends, 0)
    const deaf = () => {
      const inner = memoryNetwork().transport()
      return { ...inner, connect: () => new Unreachable({ reason: "absent" }) }
    }
    const outcome = await runSimulation(schedule, { adapters: { transport: deaf } })
    assert.isTrue(
      outcome.violations.some((text) => text.startsWith("SM-4")),
      outcome.violations.join(),
    )
  })

  it("holds where contacts sleep whenever they have no link", async () => {
    for (let seed = 300; seed < 308; seed++) {
      const { sends, violations } = await runSimulation(drawSchedule({ seed }), { maxAwake: 0 })
      assert.deepEqual(violations, [], `seed ${seed}`)
      assert.isAbove(sends, 0)
    }
  })

  it("shows a failing run short, with its seed and all sides", async () => {
    // As if a third message were one too many.
    const failing = async (schedule: ReturnType<typeof drawSchedule>): Promise<SimulationOutcome> => {
      const outcome = await runSimulation(schedule, { detail: true })
      return outcome.sends > 2 ? { ...outcome, violations: ["DL-0 a fault made up for this test"] } : outcome
    }
    const long = drawSchedule({ seed: 21 })
    const { outcome, schedule } = await shrink(long, {}, failing)
    assert.isBelow(schedule.moves.length, 6)
    const text = showFailure(schedule, outcome)
    for (const part of ["seed 21", "DL-0", "send", "alice", "bob", "is shown"]) assert.include(text, part)
  })
})
