/** Scenarios: runs of the simulator with a point, played by tests and shown by the stepper. Docs: simulator.md, "Scenarios". */
import type { Choice } from "../simulation/choice.ts"
import { simulate } from "../simulation/simulate.ts"
import type { Simulation } from "../simulation/simulation.ts"
import type { View } from "../simulation/view.ts"

export interface Scenario {
  readonly id: string
  readonly title: string
  readonly seed: number
  readonly peers: ReadonlyArray<string>
  /** A frame may be said from the end: -1 is the one that left last of those under way. */
  readonly choices: ReadonlyArray<Choice>
  /** What to notice, by the number of choices made until then. */
  readonly notes?: Readonly<Record<number, string>>
  readonly expect: ReadonlyArray<Expectation>
}

/** That a machine is in a state after so many choices. */
export interface Expectation {
  readonly at: number | "end"
  readonly peer: string
  readonly with: string
  /** The id of the instance, such as `delivery/0`. */
  readonly machine: string
  /** A state and its inner ones as one path, such as `underway.sent`; a beginning of it is enough. "none": no such instance. */
  readonly state: string
  /** Counters of its context that have come so far. */
  readonly atLeast?: Readonly<Record<string, number>>
}

const machineIn = (view: View, { machine, peer, with: other }: Expectation) =>
  view.peers
    .find(({ name }) => name === peer)
    ?.contacts.find((one) => one.with === other)
    ?.machines.find(({ id }) => id === machine)

/** Counters that have not come as far as expected. */
const short = (view: View, expected: Expectation): ReadonlyArray<string> => {
  const context = (machineIn(view, expected)?.context ?? {}) as Readonly<Record<string, unknown>>
  return Object.entries(expected.atLeast ?? {}).flatMap(([name, least]) =>
    Number(context[name]) >= least ? [] : [`${name} is ${context[name]}, not ${least}`],
  )
}

/** What a view says of an expectation: the state that is there. */
export const stateIn = (view: View, expected: Expectation): string => {
  const found = machineIn(view, expected)
  return found === undefined ? "none" : pathOf(found.state)
}

const pathOf = (state: View["peers"][number]["contacts"][number]["machines"][number]["state"]): string =>
  typeof state === "string"
    ? state
    : Object.entries(state)
        .map(([name, inner]) => `${name}.${pathOf(inner as never)}`)
        .join(" ")

/** The choice with the number of its frame. One that is not there stays as it is, and is not possible. */
export const resolved = (choice: Choice, { frames }: View): Choice => {
  const [what, frame] = choice
  if (what !== "drop" && what !== "duplicate" && what !== "corrupt" && what !== "delay") return choice
  const id =
    Number(frame) < 0
      ? frames
          .map((one) => one.id)
          .sort((a, b) => a - b)
          .at(Number(frame))
      : undefined
  if (id === undefined) return choice
  return what === "delay" ? [what, id, choice[2]] : [what, id]
}

export interface Played {
  readonly simulation: Simulation
  /** Expectations that were not met, as sentences. */
  readonly missed: ReadonlyArray<string>
  /** The number of the first choice that was not possible; undefined if all were. */
  readonly stoppedAt: number | undefined
}

/** Plays a scenario up to so many choices; all of them unless said. The caller closes the simulation. */
export const play = async (scenario: Scenario, upTo = scenario.choices.length): Promise<Played> => {
  const simulation = await simulate({ seed: scenario.seed, peers: scenario.peers, crypto: "fast" })
  const missed: Array<string> = []
  const check = (at: Expectation["at"]) => {
    for (const expected of scenario.expect) {
      if (expected.at !== at) continue
      const view = simulation.view()
      const found = stateIn(view, expected)
      const { machine, peer, state } = expected
      for (const counter of short(view, expected)) missed.push(`${at}: ${peer}'s ${machine}: ${counter}`)
      if (!found.startsWith(state)) missed.push(`${at}: ${peer}'s ${machine} is in ${found}, not in ${state}`)
    }
  }
  let stoppedAt: number | undefined
  for (const [i, choice] of scenario.choices.slice(0, upTo).entries()) {
    if (!(await simulation.step(resolved(choice, simulation.view())))) {
      stoppedAt = i
      break
    }
    check(i + 1)
  }
  if (upTo === scenario.choices.length && stoppedAt === undefined) check("end")
  return { simulation, missed, stoppedAt }
}
