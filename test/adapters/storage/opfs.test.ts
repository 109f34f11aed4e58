/** Storage in OPFS keeps the port's promises in a real browser: torn writes, several tabs, eviction, no room. */
import type { Browser, Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { storeConformance } from "../../../src/spec/conformance/store.ts"
import { bundleFiles, launch, ORIGIN, openModules } from "../../browser/chromium.ts"
import type * as Inside from "./opfs-page.ts"

/** How many torn images are opened here. All of them, every byte, are in opfs-log.test.ts; CUTS=4000 does that in the browser too. */
const CUTS = Number(process.env["CUTS"] ?? 20)

declare const bundle: typeof Inside

let files: ReadonlyMap<string, string>
let browser: Browser
beforeAll(async () => {
  files = await bundleFiles(new URL("./opfs-page.ts", import.meta.url))
  browser = await launch()
})
afterAll(() => browser?.close())

const open = (page: Page, name: string) => page.evaluate((place) => bundle.open(place), name)
const commit = (page: Page, expected: number, bytes = 10) =>
  page.evaluate(([version, length]) => bundle.commit(version!, length!), [expected, bytes])

describe("opfs", () => {
  let page: Page
  beforeAll(async () => {
    page = await openModules(await browser.newContext(), files)
  })
  for (const { name } of storeConformance) {
    it(name, async () => {
      assert.isUndefined(await page.evaluate(([check, cuts]) => bundle.runCheck(check, cuts), [name, CUTS] as const))
    })
  }
})

describe("opfs between tabs", () => {
  it("is taken over by another tab, and back; the robbed one hears of it and commits nothing", async () => {
    const context = await browser.newContext()
    const [a, b] = [await openModules(context, files), await openModules(context, files)]
    assert.strictEqual(await open(a, "robbed"), "done")
    assert.strictEqual(await open(b, "robbed"), "Elsewhere")
    assert.strictEqual(await commit(a, 0), "done")
    for (const [from, to, version] of [
      [a, b, 1],
      [b, a, 2],
      [a, b, 3],
    ] as const) {
      const lost = from.evaluate(() => bundle.lost())
      assert.strictEqual(await to.evaluate(() => bundle.takeOver("robbed")), "done")
      assert.strictEqual(await lost, "elsewhere")
      assert.strictEqual(await commit(from, version), "Unavailable elsewhere")
      assert.strictEqual(await to.evaluate(() => bundle.versionOf()), version)
      assert.strictEqual(await commit(to, version), "done")
    }
    await context.close()
  })

  it("that the browser clears is lost at every start, until somebody removes it", async () => {
    const context = await browser.newContext()
    const page = await openModules(context, files)
    assert.strictEqual(await open(page, "evicted"), "done")
    assert.strictEqual(await commit(page, 0), "done")
    await page.evaluate(() => bundle.close())
    await page.evaluate(() => bundle.evict())
    const next = await openModules(context, files)
    for (let start = 0; start < 2; start++) assert.strictEqual(await open(next, "evicted"), "Unavailable lost")
    assert.strictEqual(await next.evaluate(() => bundle.remove("evicted")), "done")
    assert.strictEqual(await open(next, "evicted"), "done")
    assert.strictEqual(await next.evaluate(() => bundle.versionOf()), 0)
    await context.close()
  })

  it("says when the quota is used up, keeps what it had, and goes on with what fits", async () => {
    const page = await openModules(await browser.newContext(), files)
    const devtools = await page.context().newCDPSession(page)
    await devtools.send("Storage.overrideQuotaForOrigin", { origin: ORIGIN, quotaSize: 1_000_000 })
    assert.strictEqual(await open(page, "full"), "done")
    assert.strictEqual(await commit(page, 0), "done")
    assert.strictEqual(await commit(page, 1, 20_000_000), "Unavailable full")
    assert.strictEqual(await page.evaluate(() => bundle.versionOf()), 1)
    assert.strictEqual(await commit(page, 1), "done")
    await page.context().close()
  })

  it("says where there is no worker to be had", async () => {
    const page = await openModules(await browser.newContext(), files)
    assert.strictEqual(await page.evaluate(() => bundle.withoutWorker()), "Unavailable denied")
    await page.context().close()
  })
})
