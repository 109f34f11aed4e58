/**
 * Writes the generated parts of docs/: `node test/docs/generate.ts`. A test makes them again and compares (generated.test.ts).
 */
import { readFileSync, writeFileSync } from "node:fs"
import { auditDocument } from "./audit.ts"
import { runExample } from "./example-run.ts"
import { formatsIn } from "./formats.ts"
import { invariantsDocument } from "./invariants.ts"
import { limitsTable } from "./limits.ts"
import { rootUrl } from "./repository.ts"
import { guides } from "./snippets.ts"
import { workedExample } from "./worked-example.ts"

const read = (path: string): string => readFileSync(new URL(path, rootUrl), "utf8")

/** The document with what stands between its markers replaced. */
const withPart = (document: string, name: string, part: string): string => {
  const pattern = new RegExp(`(<!-- generated: ${name} -->\n)[\\s\\S]*?(<!-- /generated -->)`)
  if (!pattern.test(document)) throw new Error(`no place for "${name}"`)
  return document.replace(pattern, (_, begin: string, end: string) => `${begin}\n${part}\n\n${end}`)
}

/** What each generated document should be. */
export const generated = async (): Promise<ReadonlyMap<string, string>> => {
  const protocol = withPart(read("docs/protocol.md"), "limits", limitsTable())
  return new Map([
    ["docs/protocol.md", protocol],
    ["docs/invariants.md", await invariantsDocument()],
    ["docs/audit.md", auditDocument()],
    ["docs/worked-example.md", await workedExample(formatsIn(protocol), await runExample())],
    ...guides(),
  ])
}

if (process.argv[1] !== undefined && import.meta.url.endsWith(process.argv[1].replaceAll("\\", "/"))) {
  for (const [path, text] of await generated()) writeFileSync(new URL(path, rootUrl), text)
}
