/** Storage in OPFS keeps the port's promises in a real browser: torn writes, several tabs, eviction, no room. */
import type { Browser, Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { storeConformance } from "../../../src/spec/conformance/store.ts"
import { bundleFiles, launch, openModules } from "../../browser/chromium.ts"
import { clearWhileOpen, keepNoPromise, open, robEachOther, runOutOfRoom } from "./browser-games.ts"
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

describe("opfs", () => {
  let page: Page
  beforeAll(async () => {
    page = await openModules(await browser.newContext(), files)
  })
  for (const sealed of [false, true]) {
    for (const { name } of storeConformance) {
      it(`${sealed ? "sealed: " : ""}${name}`, async () => {
        const found = page.evaluate(([check, cuts, seals]) => bundle.runCheck(check, cuts, seals), [
          name,
          sealed ? 8 : CUTS,
          sealed,
        ] as const)
        assert.isUndefined(await found)
      })
    }
  }
})

describe("opfs between tabs", () => {
  it("is taken over by another tab, and back; the robbed one hears of it and commits nothing", async () => {
    const context = await browser.newContext()
    await robEachOther(await openModules(context, files), await openModules(context, files))
    await context.close()
  })

  it("that the browser clears is lost, at once and at every start, until somebody removes it", async () => {
    const context = await browser.newContext()
    await clearWhileOpen(context, () => openModules(context, files), "file_systems")
    await context.close()
  })

  it("that was cleared while nobody had it open is lost at every start", async () => {
    const context = await browser.newContext()
    const page = await openModules(context, files)
    assert.strictEqual(await open(page, "evicted"), "done")
    await page.evaluate(() => bundle.close())
    await page.evaluate(() => bundle.evict())
    assert.strictEqual(await open(page, "evicted"), "Unavailable lost")
    await context.close()
  })

  it("says when the quota is used up, keeps what it had, and goes on with what fits", async () => {
    const page = await openModules(await browser.newContext(), files)
    await runOutOfRoom(page)
    await page.context().close()
  })

  it("promises nothing in a private window, and says so", async () => {
    const page = await openModules(await browser.newContext(), files)
    await keepNoPromise(page)
    await page.context().close()
  })

  it("says where there is no worker to be had", async () => {
    const page = await openModules(await browser.newContext(), files)
    assert.strictEqual(await page.evaluate(() => bundle.withoutWorker()), "Unavailable denied")
    await page.context().close()
  })
})
