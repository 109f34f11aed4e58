/**
 * What no end of a whole run tells of: in a broken copy of the sources one chosen thing befalls one frame, and the simulator's driver
 * must notice, and be content without the fault. The other rules are in simulator-mutants.test.ts.
 */
import { assert, describe, it } from "vitest"
import { type DeliveryObservation, deliveryInvariants } from "../../src/spec/invariants/delivery.ts"
import { byId, type Invariant } from "../../src/spec/invariants/invariant.ts"
import { type SimulationObservation, simulationInvariants } from "../../src/spec/invariants/simulation.ts"
import type * as Cases from "../engine/simulator-cases.ts"
import { type Edit, withFault } from "../mutant.ts"

interface ChosenMutant<Observation> {
  readonly breaks: string
  readonly fault: string
  readonly edits: ReadonlyArray<Edit>
  readonly invariants: ReadonlyArray<Invariant<Observation>>
  readonly observe: (cases: typeof Cases) => Promise<Observation>
}

const chosen: ReadonlyArray<ChosenMutant<DeliveryObservation> | ChosenMutant<SimulationObservation>> = [
  {
    breaks: "DL-5",
    fault: "a frame that comes again is not acknowledged again",
    edits: [["src/machines/session-acknowledging.ts", '        FrameRepeated: "gathering",\n', ""]],
    invariants: deliveryInvariants,
    observe: ({ cameAgain }) => cameAgain(),
  },
  {
    breaks: "DL-7",
    fault: "what comes early is not said to be here",
    edits: [["src/machines/session-acknowledging.ts", '        NumberedOpened: "gathering",\n', ""]],
    invariants: deliveryInvariants,
    observe: ({ cameEarly }) => cameEarly(),
  },
  {
    breaks: "SM-5",
    fault: "a pause is drawn from the runtime's own chance",
    edits: [["src/core/contact/handlers/link.ts", "(yield* Random.next)", "Math.random()"]],
    invariants: simulationInvariants,
    observe: ({ runTwice }) => runTwice(),
  },
]

describe("the simulator's driver notices", () => {
  for (const { breaks, edits, fault, invariants, observe } of chosen) {
    it(`${breaks}: ${fault}`, { timeout: 600_000 }, async () => {
      const { holds } = byId(invariants as ReadonlyArray<Invariant<unknown>>, breaks)
      const observed = (faults: ReadonlyArray<Edit>) =>
        withFault<typeof Cases, unknown>(faults, "test/engine/simulator-cases.ts", observe)
      assert.isFalse(holds(await observed(edits)), "with the fault")
      assert.isTrue(holds(await observed([])), "and not without it")
    })
  }
})
