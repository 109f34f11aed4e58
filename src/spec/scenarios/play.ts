/** Plays a scenario to its end, or a part of the way, and says what was not as expected. Docs: simulator.md, "Scenarios". */
import { simulate } from "../simulation/simulate.ts"
import type { Simulation } from "../simulation/simulation.ts"
import { traceHash } from "../simulation/trace-hash.ts"
import { type Expectation, missedBy, resolved, type Scenario } from "./scenario.ts"

/** A scenario that was played, and how it ended. */
export interface Played {
  /** To look on or go on; to be closed. */
  readonly simulation: Simulation
  /** Expectations that were not met, as sentences. */
  readonly missed: ReadonlyArray<string>
  /** The number of the first choice that was not possible; undefined if all were. */
  readonly stoppedAt: number | undefined
}

/**
 * Plays a scenario up to so many choices; all of them unless said. The caller closes the simulation. `each` is called after every
 * choice.
 */
export const play = async (
  scenario: Scenario,
  upTo = scenario.choices.length,
  each: (simulation: Simulation) => void = () => {},
): Promise<Played> => {
  const { crypto = "fast", peers, seed, vaults = [] } = scenario
  const simulation = await simulate({ seed, peers, crypto, vaults })
  const missed: Array<string> = []
  const check = (at: Expectation["at"]) => {
    for (const expected of scenario.expect) {
      if (expected.at !== at) continue
      const found = missedBy(expected, simulation.view(), simulation.record.lines)
      missed.push(...found.map((sentence) => `${at}: ${sentence}`))
    }
  }
  let stoppedAt: number | undefined
  for (const [i, choice] of scenario.choices.slice(0, upTo).entries()) {
    if (!(await simulation.step(resolved(choice, simulation.view())))) {
      stoppedAt = i
      break
    }
    check(i + 1)
    each(simulation)
  }
  if (upTo === scenario.choices.length && stoppedAt === undefined) check("end")
  return { simulation, missed, stoppedAt }
}

/** Of the whole run: see trace-hash.ts. */
export const hashOf = ({ simulation }: Played): string => traceHash(simulation.record.lines, simulation.view())
