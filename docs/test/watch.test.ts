/** The invariants that the stepper asks at every step: they hold in a run that is right, and notice one that is not. */
import { assert, describe, it } from "vitest"
import { RECORD } from "../../src/core/contact/records.ts"
import { pairing } from "../../src/spec/scenarios/pairing.ts"
import { play } from "../../src/spec/scenarios/play.ts"
import type { Simulation } from "../../src/spec/simulation/simulation.ts"
import { watched } from "../stepper/watch.ts"

const { simulation } = await play(pairing)
const { choices } = simulation.record
const brokenIn = (run: Simulation) => watched(run, run.view(), choices).flatMap(({ holds, id }) => (holds ? [] : [id]))

/** The same run, in which the receiver's disk holds something else. */
const withRecords = (change: (records: Map<string, Uint8Array>) => void): Simulation => ({
  ...simulation,
  records: (peer, other) => {
    const records = new Map(simulation.records(peer, other))
    if (peer === "alice") change(records)
    return records
  },
})

describe("the invariants of delivery and of healing, at a step", () => {
  it("hold in a run that is right", () => {
    const ids = watched(simulation, simulation.view(), choices).map(({ id }) => id)
    assert.includeMembers(ids, ["DL-1", "DL-2", "DL-4", "HL-1", "HL-2", "HL-3"])
    assert.deepStrictEqual(brokenIn(simulation), [])
  })

  it("are broken by a message that is shown twice", () => {
    const first = (records: Map<string, Uint8Array>) => records.get(RECORD.history(0))!
    const twice = withRecords((records) => records.set(RECORD.history(9), first(records)))
    assert.include(brokenIn(twice), "DL-1")
  })
})
