/** Two tabs of one profile, in a real browser, that take a place from each other while both write: ST-3 where it matters. */
import type { Browser } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { bundleFiles, launch, openModules } from "../../browser/chromium.ts"
import type * as Inside from "./tabs-page.ts"

declare const bundle: typeof Inside

/** How often the place changes hands. TURNS=200 tries longer. */
const TURNS = Number(process.env["TURNS"] ?? 6)

let files: ReadonlyMap<string, string>
let browser: Browser
beforeAll(async () => {
  files = await bundleFiles(new URL("./tabs-page.ts", import.meta.url))
  browser = await launch()
})
afterAll(() => browser?.close())

describe("two tabs that hammer one place", () => {
  for (const kind of ["indexeddb", "opfs"] as const) {
    it(`in ${kind} lose nothing, double nothing, and write one at a time`, async () => {
      const context = await browser.newContext()
      const tabs = [await openModules(context, files), await openModules(context, files)] as const
      const [one, other] = tabs
      for (let turn = 0; turn < TURNS; turn++) {
        const [thief, owner] = turn % 2 === 0 ? [one, other] : [other, one]
        // The owner writes while it is robbed, and the thief at once after it.
        const writing = owner.evaluate(() => bundle.hammer(1_000_000))
        const name = turn % 2 === 0 ? "one" : "other"
        assert.isTrue(await thief.evaluate(([k, n]) => bundle.enter(k, n), [kind, name] as const))
        assert.isBelow(await writing, 1_000_000)
        assert.strictEqual(await thief.evaluate(() => bundle.hammer(3)), 3)
      }
      const told = (await Promise.all(tabs.map((tab) => tab.evaluate(() => bundle.told())))).flat()
      const { ids, version } = await one.evaluate((k) => bundle.found(k), kind)
      assert.strictEqual(ids.length, version, "every version is one batch")
      assert.strictEqual(new Set(ids).size, ids.length, "no batch is there twice")
      // A batch may be there without an answer, when its writer was robbed before it could hear; never the other way round.
      for (const [made, id] of told) assert.strictEqual(ids[made - 1], id)
      assert.isAtLeast(told.length, 3 * TURNS)
      await context.close()
    })
  }
})
