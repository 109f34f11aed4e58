/** `sotto inspect`: a recording as text or in a browser, to this machine alone. */

import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { afterAll, assert, describe, it } from "vitest"
import { recordingIn, serveRecording } from "../../src/cli/inspect.ts"

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "sotto-inspect-"))
afterAll(() => rmSync(folder, { recursive: true }))

const HEAD = '{"recording":"sotto","version":1,"texts":false,"dropped":0}'
const STEP =
  '{"at":1500,"contact":1,"id":"link/main","event":"Opened","from":"closed","to":{"linked":"open"},"commands":["probe"]}'

const file = (text: string): string => {
  const path = join(folder, `${Math.random()}.jsonl`)
  writeFileSync(path, text)
  return path
}

const refusal = (path: string) =>
  recordingIn(path).then(
    () => assert.fail("it opened"),
    (error: Error) => error.message,
  )

describe("sotto inspect", () => {
  it("prints a timeline", () => {
    const { status, stdout } = spawnSync(
      process.execPath,
      [MAIN, "inspect", "--text", file(`${HEAD}\n${STEP}\n{"at":`)],
      {
        encoding: "utf8",
      },
    )
    assert.strictEqual(status, 0)
    assert.match(stdout, /1\.500 s {2}contact 1 {3}link\/main Opened: closed → linked\.open \[probe\]/)
    assert.match(stdout, /breaks off here/)
  })

  it("says what is wrong with a file, and shows none of it", async () => {
    assert.match(await refusal(join(folder, "absent")), /there is no file/)
    assert.match(await refusal(folder), /there is no file/)
    assert.match(await refusal(file("\u001b[2J")), /cannot be opened. It is not a recording/)
    assert.match(await refusal(file(`${HEAD}\n"\u001b[2J"\n`)), /Line 2 is no line/)
  })

  it("serves the documentation with the recording, under a name that nobody can guess", async () => {
    writeFileSync(join(folder, "index.html"), "<p>docs</p>")
    const serving = await serveRecording(`${HEAD}\n`, 0, pathToFileURL(`${folder}/`))
    assert.isDefined(serving)
    const { hash, origin } = new URL(serving!.url)
    try {
      assert.match(serving!.url, /^http:\/\/127\.0\.0\.1:\d+\/docs\//)
      assert.match(hash, /^#r=\/[0-9a-f]{32}\.jsonl$/)
      assert.strictEqual(await (await fetch(origin + hash.slice(3))).text(), `${HEAD}\n`)
      const page = await fetch(`${origin}/docs/`)
      assert.strictEqual(await page.text(), "<p>docs</p>")
      const none = await fetch(`${origin}/${"0".repeat(32)}.jsonl`)
      assert.strictEqual(none.status, 404)
      assert.isNull(page.headers.get("access-control-allow-origin"))
    } finally {
      serving!.close()
    }
  })

  it("has nothing to serve where the documentation is not built", async () => {
    assert.isUndefined(await serveRecording(HEAD, 0, pathToFileURL(join(folder, "absent/"))))
  })
})
