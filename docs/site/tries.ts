/**
 * For each state of a machine a run that comes to it, out of the scenarios: what "try it" on the machine's page leads to. Waits are
 * taken apart into what happens in them, as the stepper does it.
 */
import { FREE_TRIES } from "../../src/machines/vault.ts"
import { identity } from "../../src/spec/scenarios/healing.ts"
import { base, NEXT, PAIR, PAIRED } from "../../src/spec/scenarios/prelude.ts"
import { resolved, type Scenario } from "../../src/spec/scenarios/scenario.ts"
import { lockAndUnlock } from "../../src/spec/scenarios/vault.ts"
import type { Choice } from "../../src/spec/simulation/choice.ts"
import type { Line } from "../../src/spec/simulation/record.ts"
import { simulate } from "../../src/spec/simulation/simulate.ts"
import type { Simulation } from "../../src/spec/simulation/simulation.ts"
import { addressOf } from "../stepper/address.ts"
import { setupOf } from "../stepper/shown.ts"
import { type Moved, movedIn } from "../stepper/words.ts"

/** Addresses of the stepper, by machine and state. */
export type Tries = ReadonlyMap<string, ReadonlyMap<string, Try>>

export interface Try {
  readonly address: string
  /** Whether it is left again within the step: then the step is what can be seen, and no rest. */
  readonly passed: boolean
}

/** A scenario in single steps. */
interface Trace {
  readonly scenario: Scenario
  readonly choices: ReadonlyArray<Choice>
  readonly lines: ReadonlyArray<Line>
  /** How many lines there were after each choice. */
  readonly lengths: ReadonlyArray<number>
}

/** A scenario that was played, its waits whole. */
export interface Run {
  readonly scenario: Scenario
  readonly simulation: Simulation
  /** How many lines there were after each choice. */
  readonly lengths: ReadonlyArray<number>
}

const DAY = 24 * 60 * 60_000

/** New keys are being agreed when a disk is copied, so many steps after they were asked for, and so many before it is put back. */
const copiedWhileHealing = (whose: string, before: number, after: number): ReadonlyArray<Choice> => [
  ...PAIRED,
  ["event", "alice", { do: "renewKeys", with: "bob" }],
  ...Array.from({ length: before }, () => NEXT),
  ["copy", whose],
  ...Array.from({ length: after }, () => NEXT),
  ["putBack", whose],
  ["restart", whose],
  ["wait", 10_000],
]

/** Runs to states that no scenario comes to. */
const MORE: ReadonlyArray<ReadonlyArray<Choice>> = [
  [
    ...PAIRED,
    ["copy", "bob"],
    ["event", "alice", { do: "renewKeys", with: "bob" }],
    ["wait", 60_000],
    ["putBack", "bob"],
    ["restart", "bob"],
    ["wait", 10_000],
  ],
  [
    ...[PAIR, NEXT, NEXT, NEXT],
    ["crash", "bob"],
    ["crash", "alice"],
    ["wait", 8 * DAY],
    ["restart", "bob"],
    ["wait", 1_000],
  ],
  // Somebody whose identity has changed is blocked before it was compared.
  [...identity.choices.slice(0, 7), ["event", "alice", { do: "block", with: "bob" }]],
  // Old copies of a disk come to life that know of new keys being agreed: the other has agreed them since, or nearly.
  copiedWhileHealing("bob", 4, 4),
  copiedWhileHealing("bob", 1, 5),
  copiedWhileHealing("alice", 5, 4),
  // All of one key in chunks is there before the other side has as many of its own through.
  [...PAIRED, ["event", "bob", { do: "send", to: "alice", text: "one of many", times: 40 }], ["wait", 5_000]],
]

const wrongKey: Choice = ["event", "bob", { do: "unlock", wrong: true }]

/** Somebody with a vault types a wrong key so often that they have to wait. */
const DELAYED: ReadonlyArray<Choice> = [
  ...lockAndUnlock.choices.slice(0, 7),
  ...Array.from({ length: FREE_TRIES + 1 }, () => [wrongKey, ["wait", 1_100] as const]).flat(),
]

const scenarioOf = (choices: ReadonlyArray<Choice>, i: number): Scenario => ({
  ...base,
  ...(choices === DELAYED && { vaults: ["bob"] }),
  id: `more-${i}`,
  title: "",
  choices,
  expect: [],
  holds: [],
})

const traceOf = async (scenario: Scenario): Promise<Trace> => {
  const simulation = await simulate(setupOf(scenario))
  const lengths: Array<number> = []
  const step = async (choice: Choice): Promise<void> => {
    await simulation.step(choice)
    lengths.push(simulation.record.lines.length)
  }
  for (const choice of scenario.choices) {
    if (choice[0] !== "wait") await step(resolved(choice, simulation.view()))
    else await waited(simulation, choice[1], step)
  }
  const { choices, lines } = simulation.record
  simulation.close()
  return { scenario, choices, lines, lengths }
}

const waited = async (simulation: Simulation, ms: number, step: (choice: Choice) => Promise<void>): Promise<void> => {
  const end = simulation.now() + ms
  while ((simulation.nextDue() ?? Number.POSITIVE_INFINITY) <= end) await step(["."])
  if (simulation.now() < end) await step(["wait", end - simulation.now()])
}

/** A state and all that it is in. */
const withOuter = (path: string): ReadonlyArray<string> =>
  path.split(".").map((_, i, keys) => keys.slice(0, i + 1).join("."))

interface Found {
  readonly trace: Trace
  readonly machine: string
  readonly state: string
  /** Choices made until then. */
  readonly at: number
  readonly passed: boolean
}

/** Stands for where a machine begins: what it does there at once is not in the record. */
export const BEGINNING = "(beginning)"

/** Where each machine is after each choice, and where it was on the way: the first time for each. */
const foundIn = (trace: Trace): ReadonlyArray<Found> => {
  const { lengths, lines } = trace
  const found = new Map<string, Found>()
  for (const [i, length] of lengths.entries()) {
    const rests = new Map<string, Moved>()
    const moves = lines.slice(lengths[i - 1] ?? 0, length).flatMap((line) => {
      const moved = movedIn(line)
      if (moved === undefined) return []
      rests.set(`${line.peer} ${moved.id}`, moved)
      return [moved]
    })
    const note = (machine: string, paths: ReadonlyArray<string>, passed: boolean): void => {
      for (const state of paths.flatMap(withOuter)) {
        const name = `${machine} ${state}`
        const known = found.get(name)
        if (known === undefined || (known.passed && !passed))
          found.set(name, { trace, machine, state, at: i + 1, passed })
      }
    }
    for (const moved of rests.values()) note(moved.machine, moved.to, false)
    for (const moved of moves) note(moved.machine, [BEGINNING, ...moved.from, ...moved.to], true)
  }
  return [...found.values()]
}

/** Rather where it rests than where it is passed, and then the shortest. */
const isBetter = (one: Found, than: Found | undefined): boolean =>
  than === undefined || (one.passed === than.passed ? one.at < than.at : than.passed)

/** Scenarios that come to a state first, each cut where nothing in it is first any more: taking them apart takes time. */
const firstIn = (runs: ReadonlyArray<Run>): ReadonlyArray<Scenario> => {
  const first = new Map<string, { readonly run: Run; readonly choice: number; readonly line: number }>()
  for (const run of runs) {
    const { lines } = run.simulation.record
    for (const [line, moved] of lines.map(movedIn).entries()) {
      if (moved === undefined) continue
      const { at, peer } = lines[line]!
      const choice = run.lengths.findIndex((length) => length > line)
      const next = lines.slice(line + 1, line + 40).find((one) => one.peer === peer && movedIn(one)?.id === moved.id)
      const rests = next === undefined || next.at > at
      for (const state of [...moved.from, ...moved.to]) {
        const name = `${moved.machine} ${state} ${rests}`
        const known = first.get(name)
        if (known === undefined || line < known.line) first.set(name, { run, choice, line })
      }
    }
  }
  return runs.flatMap((run) => {
    const ends = [...first.values()].flatMap((one) => (one.run === run ? [one.choice + 1] : []))
    const { choices, ...scenario } = run.scenario
    return ends.length === 0 ? [] : [{ ...scenario, choices: choices.slice(0, Math.max(...ends)) }]
  })
}

/** The best run to each state. */
export const triesOf = async (runs: ReadonlyArray<Run>): Promise<Tries> => {
  const best = new Map<string, Map<string, Found>>()
  for (const scenario of [...firstIn(runs), ...[...MORE, DELAYED].map(scenarioOf)])
    for (const found of foundIn(await traceOf(scenario))) {
      const states = best.get(found.machine) ?? new Map<string, Found>()
      best.set(found.machine, states)
      if (isBetter(found, states.get(found.state))) states.set(found.state, found)
    }
  return new Map(
    [...best].map(([machine, states]) => [
      machine,
      new Map([...states].map(([state, found]) => [state, { address: addressFor(found), passed: found.passed }])),
    ]),
  )
}

const addressFor = ({ at, machine, trace }: Found): string => {
  return addressOf({
    setup: setupOf(trace.scenario),
    choices: trace.choices.slice(0, at),
    at,
    frame: undefined,
    machine,
  })
}
