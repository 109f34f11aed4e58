/**
 * How many typical batches a second each durable storage commits: `npm run bench:stores`. Chromium for IndexedDB, our log in OPFS
 * and SQLite compiled to WebAssembly in OPFS; Node for its own SQLite. Three rounds in turn, the best of each.
 */
import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { sqlite } from "../../src/adapters/storage/sqlite.ts"
import { bundleFiles, launchProfile, ORIGIN, openModules } from "../browser/chromium.ts"
import type * as InsideSqlite from "./sqlite/page.ts"
import type * as Inside from "./stores-page.ts"
import { commitMany } from "./stores-work.ts"

declare const bundle: typeof Inside & { readonly measureSqlite: (typeof InsideSqlite)["measureSqlite"] }

const sqliteWasm = new URL("./sqlite/node_modules/@sqlite.org/sqlite-wasm/dist/sqlite3.wasm", import.meta.url)
if (!existsSync(sqliteWasm)) {
  console.log("SQLite for browsers is not installed here yet: installing it (once, 3 MB).")
  const { status } = spawnSync("npm", ["ci"], { cwd: new URL("./sqlite/", import.meta.url), stdio: "inherit" })
  if (status !== 0) process.exit(1)
}

const BATCHES = 400
const ROUNDS = 3

const files = await bundleFiles(new URL("./stores-page.ts", import.meta.url))
const sqliteFiles = await bundleFiles(new URL("./sqlite/page.ts", import.meta.url))
const best = new Map<string, number>()
const note = (what: string, rate: number) => best.set(what, Math.max(best.get(what) ?? 0, Math.round(rate)))

for (let round = 0; round < ROUNDS; round++) {
  for (const hosts of [1, 8]) {
    for (const kind of ["indexeddb", "opfs", "sqlite-wasm"] as const) {
      // On a disk: a context without a folder keeps everything in memory.
      const folder = mkdtempSync(join(tmpdir(), "sotto-bench-"))
      const context = await launchProfile(folder)
      const page = await openModules(context, kind === "sqlite-wasm" ? sqliteFiles : files)
      await context.route(`${ORIGIN}/sqlite3.wasm`, (route) =>
        route.fulfill({ contentType: "application/wasm", body: readFileSync(sqliteWasm) }),
      )
      const rate = await page.evaluate(
        ([k, h, n]) => (k === "sqlite-wasm" ? bundle.measureSqlite(h, n) : bundle.measure(k, h, n)),
        [kind, hosts, BATCHES] as const,
      )
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
