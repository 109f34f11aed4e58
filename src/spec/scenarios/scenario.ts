/** Scenarios: runs of the simulator with a point, played by tests and shown by the stepper. Docs: simulator.md, "Scenarios". */
import type { LayerName } from "../../core/layers/layer.ts"
import type { Choice } from "../simulation/choice.ts"
import type { Line } from "../simulation/record.ts"
import type { View } from "../simulation/view.ts"

/** A run with a point: who, what happens, what to notice, and what must come of it. */
export interface Scenario {
  /** In addresses and tests. */
  readonly id: string
  /** What happens, in a sentence. */
  readonly title: string
  /** Everything that is not chosen follows from it. */
  readonly seed: number
  /** By their names. */
  readonly peers: ReadonlyArray<string>
  /** Whose storage a vault seals: theirs begin locked, with no vault yet. Default: nobody's. */
  readonly vaults?: ReadonlyArray<string>
  /** Default: `fast`. Where the point is what keys protect, `real`. */
  readonly crypto?: "fast" | "real"
  /** A frame may be said from the end: -1 is the one that left last of those under way. */
  readonly choices: ReadonlyArray<Choice>
  /** What to notice, by the number of choices made until then. */
  readonly notes?: Readonly<Record<number, string>>
  /** What must have come of it. */
  readonly expect: ReadonlyArray<Expectation>
  /** The invariants that it shows, by id. */
  readonly holds: ReadonlyArray<string>
}

/** What is so after so many choices. */
export type Expectation = ExpectedState | ExpectedNews | ExpectedTheft | ExpectedHistory

/** That a machine is in a state. */
export interface ExpectedState {
  /** After how many choices. */
  readonly at: number | "end"
  /** Whose machine. */
  readonly peer: string
  /** Of the conversation with whom; "" for the vault, which belongs to none. */
  readonly with: string
  /** The id of the instance, such as `delivery/0`. */
  readonly machine: string
  /** A state and its inner ones as one path, such as `underway.sent`; a beginning of it is enough. "none": no such instance. */
  readonly state: string
  /** Counters of its context that have come so far. */
  readonly atLeast?: Readonly<Record<string, number>>
}

/** That a peer's application was told of an event, by then. */
export interface ExpectedNews {
  /** After how many choices. */
  readonly at: number | "end"
  /** Whose application. */
  readonly peer: string
  /** The event's type, such as `identityChanged`. */
  readonly hears: string
}

/** Whether a thief opened the latest frame. */
export interface ExpectedTheft {
  /** After how many choices. */
  readonly at: number | "end"
  /** Whose keys were stolen. */
  readonly of: string
  /** Those of which layer. */
  readonly layer: LayerName
  /** Whether that layer of the frame opens. */
  readonly opens: boolean
}

/** Which texts a peer has from another; lines that are no text are left out. */
export interface ExpectedHistory {
  /** After how many choices. */
  readonly at: number | "end"
  /** Who has them. */
  readonly peer: string
  /** Who wrote them. */
  readonly from: string
  /** In order. */
  readonly texts: ReadonlyArray<string>
}

/** In a sentence, for a page; empty where it does not fit one. */
export const sentenceOf = (expected: Expectation): string => {
  if ("machine" in expected) {
    const { machine, peer, state } = expected
    const where = state === "none" ? "is not there" : state === "" ? "is there" : `is in ${state.replaceAll(".", ", ")}`
    return `${peer}'s ${machine} ${where}`
  }
  if ("hears" in expected) return `${expected.peer}'s application is told ${expected.hears}`
  if ("opens" in expected) {
    return `a thief of ${expected.of}'s ${expected.layer} keys ${expected.opens ? "opens" : "cannot open"} that layer of the latest frame`
  }
  const texts = expected.texts.length === 0 ? "nothing" : expected.texts.map((text) => `"${text}"`).join(", ")
  return `${expected.peer} has from ${expected.from}: ${texts}`
}

/** What is otherwise, as sentences. */
export const missedBy = (expected: Expectation, view: View, lines: ReadonlyArray<Line>): ReadonlyArray<string> => {
  if ("machine" in expected) return stateMissed(expected, view)
  const isSo =
    "hears" in expected
      ? lines.some(({ peer, what }) => peer === expected.peer && what === `hears ${expected.hears}`)
      : "opens" in expected
        ? view.thefts.find(({ layer, of }) => of === expected.of && layer === expected.layer)?.latest === expected.opens
        : textsIn(view, expected).join("\n") === expected.texts.join("\n")
  return isSo ? [] : [`not so: ${sentenceOf(expected)}`]
}

const textsIn = (view: View, { from, peer }: ExpectedHistory): ReadonlyArray<string> =>
  (view.peers.find(({ name }) => name === peer)?.contacts ?? []).flatMap(({ history }) =>
    history.flatMap((one) => (one.from === from && one.text !== "" ? [one.text] : [])),
  )

const machineIn = (view: View, { machine, peer, with: other }: ExpectedState) => {
  const found = view.peers.find(({ name }) => name === peer)
  const machines = other === "" ? [found?.vault] : found?.contacts.find((one) => one.with === other)?.machines
  return machines?.find((one) => one?.id === machine)
}

const stateMissed = (expected: ExpectedState, view: View): ReadonlyArray<string> => {
  const { atLeast = {}, machine, peer, state } = expected
  const found = machineIn(view, expected)
  const path = found === undefined ? "none" : pathOf(found.state)
  const context = (found?.context ?? {}) as Readonly<Record<string, unknown>>
  const short = Object.entries(atLeast).flatMap(([name, least]) =>
    Number(context[name]) >= least ? [] : [`${peer}'s ${machine}: ${name} is ${context[name]}, not ${least}`],
  )
  return path.startsWith(state) ? short : [...short, `${peer}'s ${machine} is in ${path}, not in ${state}`]
}

const pathOf = (state: View["peers"][number]["contacts"][number]["machines"][number]["state"]): string =>
  typeof state === "string"
    ? state
    : Object.entries(state)
        .map(([name, inner]) => `${name}.${pathOf(inner as never)}`)
        .join(" ")

const ON_FLYING = new Set<string>(["drop", "duplicate", "corrupt", "delay", "reflect", "strip", "flood"])

/** The choice with the number of its frame. One that is not there stays as it is, and is not possible. */
export const resolved = (choice: Choice, { frames }: View): Choice => {
  const [what, frame, ...more] = choice
  if (!ON_FLYING.has(what) || !(Number(frame) < 0)) return choice
  const id = frames
    .map((one) => one.id)
    .sort((a, b) => a - b)
    .at(Number(frame))
  return id === undefined ? choice : ([what, id, ...more] as unknown as Choice)
}
