/** Every state and every transition of every machine is in its chart, and each state says in a sentence what it means. */
import { assert, describe, it } from "vitest"
import type { AnyStateMachine } from "xstate"
import * as exported from "../../src/machines/index.ts"
import { type Chart, chartOf, statesOf } from "../../src/spec/chart/model.ts"

interface StateConfig {
  readonly states?: Readonly<Record<string, StateConfig>>
  readonly on?: Readonly<Record<string, unknown>>
  readonly after?: Readonly<Record<string, unknown>>
  readonly always?: unknown
}

const machines = Object.values<unknown>(exported).filter(
  (value): value is AnyStateMachine => typeof value === "object" && value !== null && "root" in value,
)

const count = (transitions: unknown): number => (Array.isArray(transitions) ? transitions.length : 1)

/** From the configuration alone, as its author wrote it: `path event` for each transition. */
const written = (config: StateConfig, path: ReadonlyArray<string> = []): ReadonlyArray<string> => {
  const at = path.join(".")
  const times = (event: string, transitions: unknown) => Array<string>(count(transitions)).fill(`${at} ${event}`)
  return [
    ...Object.entries(config.on ?? {}).flatMap(([event, transitions]) => times(event, transitions)),
    ...Object.entries(config.after ?? {}).flatMap(([delay, transitions]) => times(`after ${delay}`, transitions)),
    ...(config.always === undefined ? [] : times("always", config.always)),
    ...Object.entries(config.states ?? {}).flatMap(([key, state]) => written(state, [...path, key])),
  ]
}

const drawn = ({ rules }: Chart): ReadonlyArray<string> =>
  rules.map(({ event, from, kind }) => `${from} ${kind === "event" ? event : `${kind} ${event}`.trim()}`)

describe.each(machines.map((machine) => ({ id: machine.id, machine })))("the chart of $id", ({ machine }) => {
  const chart = chartOf(machine)
  const states = statesOf(chart)

  it("has every transition, each once, and every state that one leads to", () => {
    assert.sameMembers([...drawn(chart)], [...written(machine.config as StateConfig)])
    const paths = new Set(states.map(({ path }) => path))
    for (const { from, to } of chart.rules) {
      assert.isTrue(from === "" || paths.has(from), from)
      assert.isTrue(to === undefined || to === "" || paths.has(to), to)
    }
  })

  it("says of every state what it means", () => {
    for (const { description, path } of states) assert.match(description ?? "", /^[A-Z].+\.$/s, `${chart.id}.${path}`)
  })

  it("names every command that is asked for", () => {
    const asked = [...states, chart.root].flatMap(({ entry, exit }) => [...entry, ...exit])
    const known = new Set(chart.commands.map(({ name }) => name))
    const changes = Object.keys(machine.implementations.actions).filter((name) => !known.has(name))
    for (const name of [...asked, ...chart.rules.flatMap(({ actions }) => actions)])
      assert.isTrue(known.has(name) || changes.includes(name), `${chart.id}: ${name}`)
  })
})
