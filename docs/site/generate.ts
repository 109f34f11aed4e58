/** Writes every page of the site into src/content/docs, which Astro reads and git ignores, and what pages load beside them. */
import { once } from "node:events"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { Worker } from "node:worker_threads"
import type { Api } from "./api-pages.ts"
import { atRestPage } from "./at-rest-page.ts"
import { documentPages } from "./documents.ts"
import { exampleRecording } from "./example-recording.ts"
import { front } from "./front-page.ts"
import { drawings, pageOf } from "./machine-pages.ts"
import type { Page } from "./markdown.ts"
import { runScenarios, scenarioPages } from "./scenario-pages.ts"
import { sessionPage } from "./session-page.ts"
import { triesOf } from "./tries.ts"

const content = fileURLToPath(new URL("../src/content/docs/", import.meta.url))
/** For the stepper, which loads those that it shows. */
const charts = fileURLToPath(new URL("../public/charts/", import.meta.url))

/** What there is to see on the page "A recording" before one has one. */
const recordings = fileURLToPath(new URL("../public/recordings/", import.meta.url))

const write = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

const apiBeside = async (): Promise<Api> => {
  const [api] = await once(new Worker(new URL("./api-worker.ts", import.meta.url)), "message")
  return api as Api
}

export const generate = async (): Promise<void> => {
  const apiComing = apiBeside()
  const drawn = await drawings()
  const runs = await runScenarios()
  const tries = await triesOf(runs)
  const machinePages = await Promise.all(
    drawn.map(({ chart, svg }) => pageOf(chart, svg, tries.get(chart.id) ?? new Map())),
  )
  const api = await apiComing
  if (api.undocumented.length > 0)
    throw new Error(`public names without a sentence of documentation: ${api.undocumented.join(", ")}`)
  if (api.unexported.length > 0)
    throw new Error(`types of public names that are not exported:\n${api.unexported.join("\n")}`)
  const pages: ReadonlyArray<Page> = [
    front,
    ...documentPages(),
    ...machinePages,
    await sessionPage(),
    await atRestPage(),
    ...scenarioPages(runs),
    ...api.pages,
  ]
  for (const folder of [content, charts, recordings]) rmSync(folder, { recursive: true, force: true })
  for (const { slug, text, type = "md" } of pages) write(`${content}${slug}.${type}`, text)
  for (const { chart, svg } of drawn) write(`${charts}${chart.id}.svg`, svg)
  write(`${recordings}example.jsonl`, await exampleRecording())
}
