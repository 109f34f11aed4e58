/**
 * The rules that keep messages and keys, each broken in a copy of the sources: the simulator must notice within 200 schedules,
 * and be content with the same schedule without the fault. With `LONG=1` it looks from the first schedule on; without, it begins at
 * the one that is known to tell, and one fault for each invariant is tried. The faults are in simulator-mutants.ts.
 */
import { assert, describe, it } from "vitest"
import { deliveryInvariants } from "../../src/spec/invariants/delivery.ts"
import { simulationInvariants } from "../../src/spec/invariants/simulation.ts"
import type * as Run from "../../src/spec/simulation/run.ts"
import { drawSchedule, FAULT_KINDS, HEALING, type Schedule } from "../../src/spec/simulation/schedule.ts"
import { inFull } from "../long.ts"
import { withFault } from "../mutant.ts"
import { mutants } from "./simulator-mutants.ts"

/** A fault that takes longer to find could go unnoticed for a night. */
const MAX_SCHEDULES = 200

/** Every other burst is no longer wanted soon. */
const expiring = (schedule: Schedule): Schedule => ({
  ...schedule,
  moves: schedule.moves.map((move, i) =>
    move[0] === "event" && move[2].do === "send" && i % 2 === 0
      ? ["event", move[1], { ...move[2], expiresIn: 2_000 }]
      : move,
  ),
})

/** New keys would cover up some of them. */
const KINDS = FAULT_KINDS.filter((kind) => !HEALING.some((one) => one === kind))

/** The first of each invariant. */
const firsts = mutants.filter(({ breaks }, i) => mutants.findIndex((other) => other.breaks === breaks) === i)

describe("the simulator notices", () => {
  it("a fault for every invariant of delivery and of the simulator", () => {
    const ids = [...deliveryInvariants, ...simulationInvariants].map(({ id }) => id)
    const broken = mutants.map(({ breaks }) => breaks)
    assert.deepEqual(
      ids.filter((id) => !broken.includes(id)),
      [],
    )
  })

  for (const { breaks, edits, expires = false, fault, kinds = KINDS, seen, sends = 30 } of inFull(mutants, firsts)) {
    it(`${breaks}: ${fault}`, { timeout: 600_000 }, async () => {
      const from = inFull(1, seen)
      const schedule = (seed: number) => {
        const drawn = drawSchedule({ seed, sends, kinds, pairing: "anew" })
        return expires ? expiring(drawn) : drawn
      }
      // Whether it is the same run again shows when it is run twice.
      const options = { twice: breaks === "SM-5" }
      const found = await withFault(edits, "src/spec/simulation/run.ts", async ({ runSimulation }: typeof Run) => {
        for (let seed = from; seed < from + MAX_SCHEDULES; seed++) {
          const { violations } = await runSimulation(schedule(seed), options)
          const violation = violations.find((text) => text.startsWith(breaks))
          if (violation !== undefined) return { seed, violation }
        }
        return undefined
      })
      assert.isDefined(found, `not within ${MAX_SCHEDULES} schedules`)
      console.log(`${fault}: seed ${found?.seed}: ${found?.violation}`)
      await withFault([], "src/spec/simulation/run.ts", async ({ runSimulation }: typeof Run) => {
        assert.deepEqual((await runSimulation(schedule(found!.seed), options)).violations, [])
      })
    })
  }
})
