/**
 * The stepper's pages: one to play freely, and one a scenario. What happens in a scenario is played when the page is built and
 * stands in it as text, so that it reads without scripts; the element takes its place.
 */
import { scenarios } from "../../src/spec/scenarios/all.ts"
import { play } from "../../src/spec/scenarios/play.ts"
import type { Scenario } from "../../src/spec/scenarios/scenario.ts"
import { isRatchet, shortOf, timeOf, wordsOf } from "../stepper/words.ts"
import { ruleLink } from "./bytes.ts"
import { BASE, type Page } from "./markdown.ts"
import type { Run } from "./tries.ts"

/** For a page of MDX, inside a string of it. */
const text = (value: string): string => JSON.stringify(value)

/** A longer run goes on much like this. */
const LINES = 300

/** Every scenario, played to its end. */
export const runScenarios = async (): Promise<ReadonlyArray<Run>> => {
  const runs: Array<Run> = []
  for (const scenario of scenarios) runs.push(await ended(scenario))
  return runs
}

const ended = async (scenario: Scenario): Promise<Run> => {
  const lengths: Array<number> = []
  const { missed, simulation, stoppedAt } = await play(scenario, undefined, ({ record }) => {
    lengths.push(record.lines.length)
  })
  simulation.close()
  simulation.close()
  if (stoppedAt !== undefined || missed.length > 0)
    throw new Error(
      `the scenario ${scenario.id} does not do what it says: ${[`stopped at ${stoppedAt}`, ...missed].join("; ")}`,
    )
  return { scenario, simulation, lengths }
}

const transcriptOf = ({ simulation }: Run): ReadonlyArray<string> => {
  const lines = simulation.record.lines
    .filter((line) => !isRatchet(line))
    .map((line) =>
      `${timeOf(line.at)} ${line.peer} ${line.peer === "" ? line.what.replace("› ", "chosen: ") : shortOf(line)}`.replaceAll(
        "  ",
        " ",
      ),
    )
  return lines.length <= LINES ? lines : [...lines.slice(0, LINES), `… and ${lines.length - LINES} lines more`]
}

const page = (slug: string, title: string, order: number, body: string, depth: string): Page => ({
  slug,
  type: "mdx",
  text: `---
title: ${text(title)}
tableOfContents: false
sidebar: { order: ${order} }
---
import Stepper from "${depth}components/Stepper.astro"

${body}
`,
})

const list = (items: ReadonlyArray<string>): string => `{${text(items.join("\n"))}}`

/** More choices than these are summed up. */
const SAID = 12

const scenarioPage = (run: Run, order: number): Page => {
  const { scenario } = run
  const { choices, holds, id, notes = {}, title } = scenario
  const lessons = Object.values(notes)
  const said = choices
    .filter(([what]) => what !== "." && what !== "wait")
    .map((choice) => wordsOf(choice).replace(/frame -\d+/, "a frame"))
  const done = said.length <= SAID ? said : [...said.slice(0, SAID), `and so on, ${said.length} times`]
  const body = `<p>{${text(`${done.join(", then ")}.`)}}</p>
<ul>${lessons.map((lesson) => `<li>{${text(lesson)}}</li>`).join("")}</ul>
<p>It shows ${holds.map(ruleLink).join(", ")}.</p>

<Stepper scenario="${id}" transcript=${list(transcriptOf(run))} />`
  return page(`scenarios/${id}`, title, order, body, "../../../")
}

const INTRODUCTION = `Two people with the real engine, in your browser: its machines, its layers, its records. Time is virtual and stands still until you let the next thing happen. Let Alice invite Bob, step, drop a frame with the mouse or a button, crash a process, wind back, and choose otherwise. Choose a frame to read every byte of it. What you see is in the address: send it to somebody, and they see the same.

Keys: → one step, ← one back; Tab walks through frames and buttons, Enter opens a frame's bytes, Delete drops it. A frame under way can be dragged, by mouse or finger: sideways to drop it, down to delay it. Everything else that may befall it stands beneath the diagram once it is chosen.`

const RECORDING = `What happened inside a live messenger, as it was recorded for a bug report: see [Recordings](${BASE}/reference/recordings/) for how to make one, and what is in it. Choose a file, look at [an example](#r=${BASE}/recordings/example.jsonl), or let \`sotto inspect FILE\` open this page with one. The file stays in your browser.`

export const scenarioPages = (runs: ReadonlyArray<Run>): ReadonlyArray<Page> => [
  page(
    "see/stepper",
    "The stepper",
    1,
    `${INTRODUCTION}\n\n<Stepper />\n\nOr begin with [a scenario](${BASE}/scenarios/${scenarios[0]!.id}/).`,
    "../../../",
  ),
  page("see/recording", "A recording", 4, `${RECORDING}\n\n<Stepper recording />`, "../../../"),
  ...runs.map((run, i) => scenarioPage(run, i + 1)),
]
