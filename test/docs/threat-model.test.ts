/** Every claim of docs/threat-model.md names tests that exist, by file and by title. */
import { existsSync, readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import { rootUrl } from "./repository.ts"

const text = readFileSync(new URL("docs/threat-model.md", rootUrl), "utf8")
const section = text.slice(text.indexOf("\n## Claims and their tests\n"))
const claims = [...section.matchAll(/^\| (?!claim|---)(.+?) \| (.+) \|$/gm)].map(([, claim, tests]) => ({
  claim: claim!,
  // A file, and the titles that are quoted after it.
  named: [...tests!.matchAll(/\]\(\.\.\/(test\/[^)]+)\)((?:[^[]|$)*)/g)].map(([, path, after]) => ({
    path: path!,
    titles: [...after!.matchAll(/"([^"]+)"/g)].map(([, title]) => title!),
  })),
}))

describe("the threat model", () => {
  it("backs every claim with a test, and every test it names is there", () => {
    assert.isAbove(claims.length, 20)
    const problems: Array<string> = []
    for (const { claim, named } of claims) {
      if (named.length === 0) problems.push(`no test: ${claim}`)
      for (const { path, titles } of named) {
        const file = new URL(path, rootUrl)
        if (!existsSync(file)) problems.push(`no ${path}`)
        else {
          const source = readFileSync(file, "utf8")
          for (const title of titles) if (!source.includes(title)) problems.push(`${path} has no "${title}"`)
        }
      }
    }
    assert.deepStrictEqual(problems, [])
  })
})
