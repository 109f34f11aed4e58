/** For each state of a machine a run that ends in it, out of the scenarios: what "try it" on the machine's page leads to. */
import type { Scenario } from "../../src/spec/scenarios/scenario.ts"
import type { Simulation } from "../../src/spec/simulation/simulation.ts"
import { addressOf } from "../stepper/address.ts"
import { type Moved, movedIn } from "../stepper/words.ts"

/** Addresses of the stepper, by machine and state. */
export type Tries = ReadonlyMap<string, ReadonlyMap<string, string>>

export interface Run {
  readonly scenario: Scenario
  readonly simulation: Simulation
  /** How many lines there were after each choice. */
  readonly lengths: ReadonlyArray<number>
}

/** A state and all that it is in. */
const withOuter = (path: string): ReadonlyArray<string> =>
  path.split(".").map((_, i, keys) => keys.slice(0, i + 1).join("."))

interface Found {
  readonly machine: string
  readonly state: string
  /** Choices made until then. */
  readonly at: number
}

/** `machine state` of every end: what comes to it is gone after the step, so only a single step can show it. */
export type Ends = ReadonlySet<string>

/** Where each machine rests after each choice, the first time that one rests there. */
const restsIn = ({ lengths, simulation }: Run, ends: Ends): ReadonlyArray<Found> => {
  const { choices, lines } = simulation.record
  const found = new Map<string, Found>()
  for (const [i, length] of lengths.entries()) {
    const rests = new Map<string, Moved>()
    for (const line of lines.slice(lengths[i - 1] ?? 0, length)) {
      const moved = movedIn(line)
      if (moved !== undefined) rests.set(`${line.peer} ${moved.id}`, moved)
    }
    for (const { machine, to } of rests.values())
      for (const state of to.flatMap(withOuter)) {
        const name = `${machine} ${state}`
        const isSeen = !ends.has(name) || choices[i]?.[0] !== "wait"
        if (isSeen && !found.has(name)) found.set(name, { machine, state, at: i + 1 })
      }
  }
  return [...found.values()]
}

/** The shortest run to each state. */
export const triesOf = (runs: ReadonlyArray<Run>, ends: Ends): Tries => {
  const best = new Map<string, Map<string, Found & Run>>()
  for (const run of runs)
    for (const found of restsIn(run, ends)) {
      const states = best.get(found.machine) ?? new Map<string, Found & Run>()
      best.set(found.machine, states)
      if (found.at < (states.get(found.state)?.at ?? Number.POSITIVE_INFINITY))
        states.set(found.state, { ...found, ...run })
    }
  return new Map(
    [...best].map(([machine, states]) => [
      machine,
      new Map([...states].map(([state, found]) => [state, addressFor(found)])),
    ]),
  )
}

/** The stepper takes a wait apart into what happens in it, so it has more steps than there are choices; none has so many. */
const ITS_END = 99_999

const addressFor = ({ at, machine, scenario, simulation }: Found & Run): string => {
  const { crypto = "fast", peers, seed } = scenario
  const choices = simulation.record.choices.slice(0, at)
  return addressOf({ setup: { seed, peers, crypto }, choices, at: ITS_END, frame: undefined, machine })
}
