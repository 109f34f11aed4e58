/** `sotto fuzz`: what its last line says, how it ends, and what it refuses. */
import { execFile } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { assert, describe, it } from "vitest"

const ROOT = fileURLToPath(new URL("../../", import.meta.url))

const fuzz = (...words: ReadonlyArray<string>): Promise<{ readonly status: number; readonly text: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, ["src/cli/main.ts", "fuzz", ...words], { cwd: ROOT }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), text: `${stdout}${stderr}` }),
    )
  })

const lastLine = (text: string) => text.trimEnd().split("\n").at(-1)!

describe("sotto fuzz", () => {
  it("ends with what it did, the same for the same seed", async () => {
    const words = ["--seed", "5", "--runs", "2", "--sends", "12", "--faults", "loss,crash,torn"]
    const { status, text } = await fuzz(...words)
    assert.strictEqual(status, 0, text)
    assert.match(lastLine(text), /^2 runs, \d+ sends, \d+ faults injected, 0 violations \(seeds 5 to 6\)$/)
    assert.strictEqual((await fuzz(...words)).text, text)
  })

  it("finds the fault of a storage that lists entries twice, and shows how", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sotto-fuzz-"))
    const path = join(folder, "stammering.ts")
    const from = (file: string) => JSON.stringify(pathToFileURL(join(ROOT, file)).href)
    writeFileSync(
      path,
      `import { memory } from ${from("src/adapters/storage/memory.ts")}
       import * as Effect from ${JSON.stringify(import.meta.resolve("effect/Effect"))}
       const twice = (rows, { prefix }) => prefix === "history/" ? rows.flatMap((row) => [row, row]) : rows
       export const storage = () => {
         const inner = memory()
         const open = Effect.map(inner.open, (store) => ({
           ...store,
           list: (host, range) => Effect.map(store.list(host, range), (rows) => twice(rows, range)),
         }))
         return { kind: "stammering", durable: true, open }
       }`,
    )
    const { status, text } = await fuzz(
      "--seed",
      "1",
      "--runs",
      "1",
      "--sends",
      "4",
      "--faults",
      "none",
      "--storage",
      path,
    )
    rmSync(folder, { recursive: true })
    assert.strictEqual(status, 1, text)
    assert.match(lastLine(text), /[1-9]\d* violations/)
    for (const part of ["seed 1", "DL-", "sotto fuzz", "alice", "bob"]) assert.include(text, part)
  })

  it("tries a storage and a transport of its user's", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sotto-fuzz-"))
    const path = join(folder, "own.ts")
    const from = (file: string) => JSON.stringify(pathToFileURL(join(ROOT, file)).href)
    writeFileSync(
      path,
      `import { makeShelves, memory } from ${from("src/adapters/storage/memory.ts")}
       import { memoryNetwork } from ${from("src/adapters/transport/memory.ts")}
       const network = memoryNetwork()
       export const storage = () => memory(makeShelves())
       export const transport = () => network.transport()`,
    )
    const words = ["--seed", "3", "--runs", "2", "--sends", "8", "--faults", "crash,partition"]
    const { status, text } = await fuzz(...words, "--storage", path, "--transport", path)
    rmSync(folder, { recursive: true })
    assert.strictEqual(status, 0, text)
    assert.match(lastLine(text), /^2 runs, [1-9]\d* sends, \d+ faults injected, 0 violations/)
  })

  it("refuses a fault that it does not know", async () => {
    const { status, text } = await fuzz("--faults", "earthquake")
    assert.strictEqual(status, 2)
    assert.include(text, "earthquake")
  })
})
