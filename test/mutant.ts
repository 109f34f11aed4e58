/** A copy of the sources with a fault in it, to see that an invariant notices. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { assert } from "vitest"
import { byNode } from "./by-node.ts"

export type Edit = readonly [file: string, find: string, put: string]

const ROOT = fileURLToPath(new URL("../", import.meta.url))
const COPIED = ["src", "test/engine", "test/attacks/fixture", "test/core/host/fixture"]

/** Runs with a module of the faulty copy, named by its path; of the sources themselves where there is no fault. */
export const withFault = async <M, A>(
  edits: ReadonlyArray<Edit>,
  module: string,
  run: (module: M) => Promise<A>,
): Promise<A> => {
  if (edits.length === 0) return await run((await byNode(pathToFileURL(join(ROOT, module)).href)) as M)
  const copy = mkdtempSync(join(dirname(fileURLToPath(import.meta.url)), ".mutant-"))
  try {
    const filter = (path: string) => !path.includes(".mutant-") && !path.endsWith(".test.ts")
    for (const path of COPIED) cpSync(join(ROOT, path), join(copy, path), { recursive: true, filter })
    for (const [file, find, put] of edits) {
      const parts = readFileSync(join(copy, file), "utf8").split(find)
      assert.isAtLeast(parts.length, 2, `the mutant no longer fits ${file}: ${find}`)
      writeFileSync(join(copy, file), parts.join(put))
    }
    return await run((await byNode(pathToFileURL(join(copy, module)).href)) as M)
  } finally {
    rmSync(copy, { recursive: true })
  }
}
