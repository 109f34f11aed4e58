/** One page a machine: the chart drawn from it, and in words and tables the same again. */
import { readdirSync, readFileSync } from "node:fs"
import type { AnyStateMachine } from "xstate"
import * as exported from "../../src/machines/index.ts"
import { type Chart, chartOf, statesOf } from "../../src/spec/chart/model.ts"
import type { Choice } from "../../src/spec/simulation/choice.ts"
import { headOf, layout } from "../chart/layout.ts"
import { draw } from "../chart/svg.ts"
import { addressOf } from "../stepper/address.ts"
import { BASE, type Page, table } from "./markdown.ts"

const folder = new URL("../../src/machines/", import.meta.url)

export const machines: ReadonlyArray<AnyStateMachine> = Object.values<unknown>(exported).filter(
  (value): value is AnyStateMachine => typeof value === "object" && value !== null && "root" in value,
)

/** Which family of invariants speaks of the machine. */
const FAMILIES: Readonly<Record<string, string>> = {
  inviter: "handshake",
  joiner: "handshake",
  session: "delivery",
  delivery: "delivery",
  receipt: "delivery",
  doubleRatchet: "ratchet",
  kemRatchet: "ratchet",
  braid: "braid",
}

interface Source {
  readonly file: string
  readonly text: string
}

/** The file that makes the machine with this id. */
const sourceOf = (id: string): Source => {
  for (const file of readdirSync(folder)) {
    const text = readFileSync(new URL(file, folder), "utf8")
    if (text.includes(`id: "${id}"`)) return { file: `src/machines/${file}`, text }
  }
  throw new Error(`no file makes the machine ${id}`)
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

const familyOf = (id: string): string => {
  const family = FAMILIES[id]
  if (family === undefined) return ""
  return `\n## Invariants\n\nWhat this machine must uphold is stated in [the ${family} invariants](${BASE}/reference/invariants/#${family}), and checked over arbitrary events.\n`
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

/** Machines that the stepper's two people have; the others belong to a device alone. */
const STEPPED = new Set([...Object.keys(FAMILIES), "link"])

/** A run in which the machine has moved, from its beginning. */
const tryIt = (id: string): string => {
  if (!STEPPED.has(id)) return ""
  const choices: ReadonlyArray<Choice> = [
    ["event", "alice", { do: "pair", with: "bob" }],
    ...Array.from({ length: 12 }, (): Choice => ["."]),
  ]
  const setup = { seed: 1, peers: ["alice", "bob"], crypto: "fast" } as const
  const address = addressOf({ setup, choices, at: 1, frame: undefined, machine: id })
  return `[Try it](${BASE}/see/stepper/${address}): two people pair, and the stepper shows this machine of both.\n\n`
}

export const pageOf = (chart: Chart, svg: string): Page => {
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

${tryIt(chart.id)}## States

${table(
  ["state", "what it means", "on entry"],
  states.map(({ description = "", entry, kind, path }) => [
    named(path),
    `${description}${kind === "final" ? " *(the end)*" : ""}`,
    entry.map(code).join(", "),
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
}${familyOf(chart.id)}`
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
