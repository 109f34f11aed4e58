/** The README's example is the file it names, and prints what the README says it prints. */
import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { promisify } from "node:util"
import { assert, describe, it } from "vitest"

const root = new URL("../../", import.meta.url)
const read = (path: string) => readFile(new URL(path, root), "utf8")
const run = async (path: string): Promise<string> => {
  const { stderr, stdout } = await promisify(execFile)(process.execPath, [new URL(path, root).pathname])
  assert.strictEqual(stderr, "")
  return stdout
}

/** The fenced blocks of a language, in order. */
const blocks = (markdown: string, language: string): ReadonlyArray<string> =>
  [...markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, of, text]) => (of === language ? [text!] : []))

/** A file as its users would write it: by the package's names, without our header. */
const asUsersWrite = (source: string): ReadonlyArray<string> =>
  source
    .replace(/^\/\*\*.*\*\/\n/, "")
    .replaceAll('"../src/index.ts"', '"sotto"')
    .replaceAll(/"\.\.\/src\/adapters\/(.*)\.ts"/g, '"sotto/$1"')
    .trim()
    .split("\n")

describe.concurrent("the examples", () => {
  it("the README shows two-peers.ts, about 20 lines, and what it prints", async () => {
    const readme = await read("README.md")
    const [shown = ""] = blocks(readme, "ts")
    const [printed = ""] = blocks(readme, "text")
    const [ours, theirs] = [asUsersWrite(await read("examples/two-peers.ts")), shown.trim().split("\n")]
    const isImport = (line: string) => line.startsWith("import ")
    // Imports are in the order of their names, which differ.
    assert.sameMembers(theirs.filter(isImport), ours.filter(isImport))
    assert.deepStrictEqual(
      theirs.filter((line) => !isImport(line)),
      ours.filter((line) => !isImport(line)),
    )
    assert.isAtMost(shown.split("\n").filter((line) => line.trim() !== "").length, 20)
    assert.strictEqual(await run("examples/two-peers.ts"), printed)
  })

  it("custom-transport.ts keeps every promise of a transport", async () => {
    assert.match(
      await run("examples/custom-transport.ts"),
      /delivered: Hello over TCP\nand all \d+ promises .* are kept\n$/,
    )
  })

  it("custom-store.ts keeps every promise of a store, and a conversation beyond its process", async () => {
    assert.match(
      await run("examples/custom-store.ts"),
      /written before, written meanwhile\nand all \d+ promises .* are kept\n$/,
    )
  })
})
