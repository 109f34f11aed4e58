/** The generated parts of docs/ are what the code makes of them now. To renew them: `node test/docs/generate.ts`. */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import { runExample } from "./example-run.ts"
import { generated } from "./generate.ts"
import { rootUrl } from "./repository.ts"

describe("generated documents", () => {
  it("are current", async () => {
    for (const [path, text] of await generated()) {
      const found = readFileSync(new URL(path, rootUrl), "utf8")
      assert.strictEqual(found, text, `${path} is not current: node test/docs/generate.ts`)
    }
  })

  it("come out the same every time", async () => {
    assert.deepStrictEqual(await runExample(), await runExample())
  })
})
