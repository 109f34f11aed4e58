/** One page a machine: the chart drawn from it, and in words and tables the same again. */
import { readdirSync, readFileSync } from "node:fs"
import type { AnyStateMachine } from "xstate"
import * as exported from "../../src/machines/index.ts"
import { type Chart, type ChartState, chartOf, statesOf } from "../../src/spec/chart/model.ts"
import type { Invariant } from "../../src/spec/invariants/invariant.ts"
import { headOf, layout } from "../chart/layout.ts"
import { draw } from "../chart/svg.ts"
import { BASE, type Page, table } from "./markdown.ts"
import { BEGINNING, type Try } from "./tries.ts"

const folder = new URL("../../src/machines/", import.meta.url)

export const machines: ReadonlyArray<AnyStateMachine> = Object.values<unknown>(exported).filter(
  (value): value is AnyStateMachine => typeof value === "object" && value !== null && "root" in value,
)

/** Which family of invariants speaks of the machine. A machine without one cannot be shown. */
const FAMILIES: Readonly<Record<string, ReadonlyArray<string>>> = {
  inviter: ["handshake"],
  joiner: ["handshake"],
  session: ["delivery"],
  delivery: ["delivery"],
  receipt: ["delivery"],
  link: ["simulation"],
  standing: ["handshake", "ratchet"],
  expiry: ["expiry"],
  vault: ["vault"],
  doubleRatchet: ["ratchet"],
  kemRatchet: ["ratchet"],
  braid: ["braid"],
}

interface Source {
  readonly file: string
  readonly text: string
}

/** The file that makes the machine with this id, with those that it is made of: `session-….ts` of `session.ts`. */
const sourceOf = (id: string): Source => {
  const files = readdirSync(folder).sort()
  const read = (file: string) => readFileSync(new URL(file, folder), "utf8")
  const file = files.find((one) => read(one).includes(`id: "${id}"`))
  if (file === undefined) throw new Error(`no file makes the machine ${id}`)
  const parts = files.filter((one) => one.startsWith(file.replace(/\.ts$/, "-")))
  return { file: `src/machines/${file}`, text: [file, ...parts].map(read).join("\n") }
}

/** What the file says of itself, without its citations. */
const aboutOf = ({ text }: Source): string => {
  const [, comment = ""] = /^\/\*\*([\s\S]*?)\*\//.exec(text) ?? []
  return comment
    .replaceAll(/^\s*\* ?/gm, "")
    .replaceAll("\n", " ")
    .replace(/Docs: [^.]*\.md(,? (and )?"[^"]*")*[;.]?/, (whole) => (whole.endsWith(";") ? "Follows" : ""))
    .trim()
}

/** The comment that stands before a command's declaration, where there is one. */
const commentOn = ({ text }: Source, command: string): string => {
  const [, comment = ""] =
    new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*?)\\*/\\s*${command}: (?:prepare|perform)<`).exec(text) ?? []
  return comment.replaceAll(/\n\s*\*/g, " ").trim()
}

const code = (text: string): string => (text === "" ? "" : `\`${text}\``)

/** Every invariant of the families that speak of the machine, in its own words. */
const invariantsOf = async (id: string): Promise<string> => {
  const families = FAMILIES[id]
  if (families === undefined) throw new Error(`which invariants speak of the machine ${id}?`)
  const rows: Array<readonly [string, string]> = []
  for (const family of families) {
    const found = (await import(`../../src/spec/invariants/${family}.ts`)) as Readonly<Record<string, unknown>>
    for (const stated of Object.values(found).flat() as ReadonlyArray<Partial<Invariant<never>>>)
      if (typeof stated === "object" && stated.says !== undefined)
        rows.push([`[${stated.id}](${BASE}/reference/invariants/#${family})`, stated.says])
  }
  return `\n## Invariants\n\nWhat this machine and those beside it must uphold, whatever happens.\n\n${table(["id", "what holds"], rows)}\n`
}

/** With what the file says of them, where it says anything. */
const commands = (chart: Chart, source: Source): string => {
  const rows = chart.commands.map(({ kind, name }) => [code(name), kind, commentOn(source, name)])
  return rows.some(([, , what]) => what !== "")
    ? table(["command", "kind", "what"], rows)
    : table(
        ["command", "kind"],
        rows.map((row) => row.slice(0, 2)),
      )
}

/** Runs of the stepper by state. */
type OfStates = ReadonlyMap<string, Try>

/** Why no run comes there, of each state to which none does. Any other without a run is a fault: the site is not built. */
const UNTRIED: Readonly<Record<string, string>> = {
  "doubleRatchet abandoned":
    "no conversation comes there: the Confirm is an answer already, and a pairing without one ends with its invite. Signal's rule is tested on the layer alone",
}

/** Where a machine begins, from the outside in. */
const beginningOf = ({ children, initial, path }: ChartState): ReadonlyArray<string> => {
  const next = children.find((child) => child.path === initial)
  return next === undefined ? [path] : [path, ...beginningOf(next)]
}

/** A state that is left at once is seen where it leads. */
const passedTo = ({ rules }: Chart, state: string, tries: OfStates): Try | undefined => {
  const next = rules.find(({ from, kind }) => kind === "always" && from === state)?.to
  const found = next === undefined ? undefined : tries.get(next)
  return found && { ...found, passed: true }
}

/** Of a state, with a link to where it can be seen, or why there is none. */
const stepper = (chart: Chart, state: string, tries: OfStates): string => {
  const { id: machine, root } = chart
  const begins = beginningOf(root).includes(state) ? tries.get(BEGINNING) : undefined
  const found = tries.get(state) ?? begins ?? passedTo(chart, state, tries)
  const reason = UNTRIED[`${machine} ${state}`]
  if ((found === undefined) === (reason === undefined))
    throw new Error(`${machine} ${state}: either a run comes there, or there is a reason why none does`)
  if (found === undefined) return `none: ${reason}`
  return `[${found.passed ? "try it, in passing" : "try it"}](${BASE}/see/stepper/${found.address})`
}

/** Where a drawing is wider than the window, it is shown from where the machine begins. */
const FROM_ITS_BEGINNING = `{
  const holder = document.querySelector("figure.chart"), start = holder.querySelector(".start")
  const at = start.getBoundingClientRect().left - holder.getBoundingClientRect().left
  holder.scrollLeft = at - holder.clientWidth / 2
}`

export const pageOf = async (chart: Chart, svg: string, tries: OfStates): Promise<Page> => {
  const source = sourceOf(chart.id)
  const states = statesOf(chart)
  const named = (path: string) => code(path === "" ? chart.id : path)
  const events = [...new Set(chart.rules.filter(({ kind }) => kind === "event").map(({ event }) => event))].sort()
  const timers = chart.rules.filter(({ kind }) => kind === "after")
  const text = `---
title: ${JSON.stringify(chart.id)}
description: ${JSON.stringify(`The ${chart.id} statechart: states, events, commands and timers.`)}
tableOfContents: false
---

${aboutOf(source)}

Drawn from \`${source.file}\` when this page was built: what runs is what you see.

<figure class="chart" role="group" tabindex="0" aria-label="The statechart, which scrolls sideways; the tables below say the same">${svg}</figure>

<script>${FROM_ITS_BEGINNING}</script>

## States

*Try it* opens a run in which somebody's machine is in that state: step on, wind back, choose otherwise. A state that is passed *in passing* is left again within the same step, because what it waits for is there at once: the step that led through it is shown.

${table(
  ["state", "what it means", "on entry", "in the stepper"],
  states.map(({ description = "", entry, kind, path }) => [
    named(path),
    `${description}${kind === "final" ? " *(the end)*" : ""}`,
    entry.map(code).join(", "),
    stepper(chart, path, tries),
  ]),
)}

## Transitions

${table(
  ["in", "on", "goes to", "and asks for"],
  chart.rules.map((rule) => [
    named(rule.from),
    `${code(headOf(rule))}${rule.guard === undefined ? "" : `, if ${code(rule.guard)}`}`,
    rule.to === undefined ? "(stays)" : named(rule.to),
    rule.actions.map(code).join(", "),
  ]),
)}

## Events

${events.map((event) => (event === "*" ? "any other" : code(event))).join(", ")}.

## Commands

A \`prepare\` command computes before the commit and can be discarded; a \`perform\` command touches the world after it, at least once.

${commands(chart, source)}
${
  timers.length === 0
    ? ""
    : `
## Timers

${table(
  ["in", "after", "goes to"],
  timers.map((rule) => [
    named(rule.from),
    code(headOf(rule).slice("after ".length)),
    rule.to === undefined ? "(stays)" : named(rule.to),
  ]),
)}
`
}${await invariantsOf(chart.id)}`
  return { slug: `machines/${chart.id.toLowerCase()}`, text }
}

/** For tests and the stepper as well: the same pictures as on the pages. */
export const drawings = async (): Promise<ReadonlyArray<{ readonly chart: Chart; readonly svg: string }>> => {
  const drawn = []
  for (const machine of machines) {
    const chart = chartOf(machine)
    drawn.push({ chart, svg: draw(chart, await layout(chart)) })
  }
  return drawn
}
