/**
 * How many typical batches a second each durable storage commits: `npm run bench:stores`. Chromium for IndexedDB and OPFS, Node for
 * SQLite; three rounds in turn, the best of each.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { sqlite } from "../../src/adapters/storage/sqlite.ts"
import { bundleFiles, launchProfile, openModules } from "../browser/chromium.ts"
import type * as Inside from "./stores-page.ts"
import { commitMany } from "./stores-work.ts"

declare const bundle: typeof Inside

const BATCHES = 400
const ROUNDS = 3

const files = await bundleFiles(new URL("./stores-page.ts", import.meta.url))
const best = new Map<string, number>()
const note = (what: string, rate: number) => best.set(what, Math.max(best.get(what) ?? 0, Math.round(rate)))

for (let round = 0; round < ROUNDS; round++) {
  for (const hosts of [1, 8]) {
    for (const kind of ["indexeddb", "opfs"] as const) {
      // On a disk: a context without a folder keeps everything in memory.
      const folder = mkdtempSync(join(tmpdir(), "sotto-bench-"))
      const context = await launchProfile(folder)
      const page = await openModules(context, files)
      const rate = await page.evaluate(([k, h, n]) => bundle.measure(k, h, n), [kind, hosts, BATCHES] as const)
      note(`${kind}, ${hosts} at once`, rate)
      await context.close()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    }
    const folder = mkdtempSync(join(tmpdir(), "sotto-bench-"))
    const work = commitMany(sqlite(join(folder, "file")), hosts, BATCHES, () => performance.now())
    note(`sqlite, ${hosts} at once`, await Effect.runPromise(work))
    rmSync(folder, { recursive: true })
  }
}
for (const [what, rate] of best) console.log(`${what.padEnd(24)} ${rate} batches a second`)
