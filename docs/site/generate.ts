/** Writes every page of the site into src/content/docs, which Astro reads and git ignores. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { documentPages } from "./documents.ts"
import { front } from "./front-page.ts"
import { machinePages } from "./machine-pages.ts"
import type { Page } from "./markdown.ts"
import { sessionPage } from "./session-page.ts"

const content = fileURLToPath(new URL("../src/content/docs/", import.meta.url))

export const pages = async (): Promise<ReadonlyArray<Page>> => [
  front,
  ...documentPages(),
  ...(await machinePages()),
  await sessionPage(),
]

export const generate = async (): Promise<void> => {
  rmSync(content, { recursive: true, force: true })
  for (const { slug, text } of await pages()) {
    const file = `${content}${slug}.md`
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}
