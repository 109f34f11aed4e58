/** Storage in IndexedDB keeps the port's promises in a real browser, between tabs, and when the browser is killed. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import type { Browser, BrowserContext, Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { indexeddb } from "../../../src/adapters/storage/indexeddb.ts"
import { storeConformance } from "../../../src/spec/conformance/store.ts"
import { bundle as bundled, launch, launchProfile, ORIGIN, openPage } from "../../browser/chromium.ts"
import type * as Inside from "./indexeddb-page.ts"

declare const bundle: typeof Inside

let script: string
let browser: Browser
beforeAll(async () => {
  script = await bundled(new URL("./indexeddb-page.ts", import.meta.url))
  browser = await launch()
})
afterAll(() => browser?.close())

const open = (page: Page, name: string) => page.evaluate((place) => bundle.open(place), name)
const commit = (page: Page, expected: number, bytes = 10) =>
  page.evaluate(([version, length]) => bundle.commit(version!, length!), [expected, bytes])

describe("indexeddb", () => {
  let page: Page
  beforeAll(async () => {
    page = await openPage(await browser.newContext(), script)
  })
  for (const { name } of storeConformance) {
    it(name, async () => {
      assert.isUndefined(await page.evaluate((check) => bundle.runCheck(check), name))
    })
  }
})

describe("indexeddb between tabs", () => {
  let context: BrowserContext
  let one: Page
  let other: Page
  beforeAll(async () => {
    context = await browser.newContext()
    one = await openPage(context, script)
    other = await openPage(context, script)
  })

  it("has one writer, and is free when its tab closes or leaves the page", async () => {
    assert.strictEqual(await open(one, "tabs"), "done")
    assert.strictEqual(await open(other, "tabs"), "Elsewhere")
    assert.strictEqual(await other.evaluate(() => bundle.remove("tabs")), "Elsewhere")
    assert.strictEqual(await commit(one, 0), "done")
    await one.goto(`${ORIGIN}/elsewhere`)
    assert.strictEqual(await open(other, "tabs"), "done")
    assert.strictEqual(await other.evaluate(() => bundle.versionOf()), 1)
    await other.close()
    other = await openPage(context, script)
    assert.strictEqual(await open(other, "tabs"), "done")
    await other.evaluate(() => bundle.close())
    assert.strictEqual(await other.evaluate(() => bundle.remove("tabs")), "done")
  })

  it("refuses a database of a later version", async () => {
    const page = await openPage(context, script)
    await page.evaluate(() => bundle.raise("later"))
    assert.strictEqual(await open(page, "later"), "Unavailable newer")
  })

  it("lets a later version of the app in, and fails from then on", async () => {
    const page = await openPage(context, script)
    const later = await openPage(context, script)
    assert.strictEqual(await open(page, "upgraded"), "done")
    assert.strictEqual(await commit(page, 0), "done")
    await later.evaluate(() => bundle.raise("upgraded"))
    assert.strictEqual(await commit(page, 1), "Unavailable broken")
  })

  it("says when the quota is used up, and keeps what it had", async () => {
    const page = await openPage(await browser.newContext(), script)
    const devtools = await page.context().newCDPSession(page)
    await devtools.send("Storage.overrideQuotaForOrigin", { origin: ORIGIN, quotaSize: 1_000_000 })
    assert.strictEqual(await open(page, "full"), "done")
    assert.strictEqual(await commit(page, 0), "done")
    assert.strictEqual(await commit(page, 1, 20_000_000), "Unavailable full")
    assert.strictEqual(await page.evaluate(() => bundle.versionOf()), 1)
    assert.strictEqual(await commit(page, 1), "done")
  })
})

describe("indexeddb when the browser is killed", () => {
  const folder = mkdtempSync(join(tmpdir(), "sotto-chromium-"))
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

  it("opens whole, with all that was durable", async () => {
    let printed = 0
    for (let life = 0; life < 3; life++) {
      const context = await launchProfile(folder)
      const page = await openPage(context, script)
      assert.strictEqual(await open(page, "killed"), "done")
      const [version, ...bytes] = await page.evaluate(() => bundle.inspect())
      assert.isAtLeast(version!, printed)
      if (life > 0)
        assert.deepStrictEqual(
          bytes,
          Array.from({ length: 4 }, () => version! & 0xff),
        )
      const enough = Promise.withResolvers<void>()
      await page.exposeFunction("tell", (durable: number) => {
        printed = durable
        if (durable > version! + 20) enough.resolve()
      })
      void page.evaluate(() => bundle.commitForEver((globalThis as never as { tell: () => void }).tell)).catch(() => {})
      await enough.promise
      const devtools = await context.newCDPSession(page)
      const gone = new Promise((resolve) => context.on("close", resolve))
      await devtools.send("Browser.crash" as never).catch(() => {})
      await gone
    }
  })
})

describe("indexeddb without a browser", () => {
  it("is imported without side effects, and says that it is not available when it is opened", async () => {
    const failed = await Effect.runPromise(Effect.flip(Effect.scoped(indexeddb("nowhere").open)))
    assert.deepInclude({ ...failed }, { _tag: "Unavailable", reason: "broken" })
  })
})
