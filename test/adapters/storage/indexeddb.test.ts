/** Storage in IndexedDB keeps the port's promises in a real browser, between tabs, and when the browser is killed. */
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { Effect } from "effect"
import type { Browser, BrowserContext, Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { indexeddb } from "../../../src/adapters/storage/indexeddb.ts"
import { storeConformance } from "../../../src/spec/conformance/store.ts"
import { bundle as bundled, launch, launchProfile, ORIGIN, openPage } from "../../browser/chromium.ts"
import { clearWhileOpen, commit, keepNoPromise, open, robEachOther, runOutOfRoom } from "./browser-games.ts"
import { EXPECTED } from "./frozen.ts"
import type * as Inside from "./indexeddb-page.ts"

declare const bundle: typeof Inside

let script: string
let browser: Browser
beforeAll(async () => {
  script = await bundled(new URL("./indexeddb-page.ts", import.meta.url))
  browser = await launch()
})
afterAll(() => browser?.close())

describe("indexeddb", () => {
  let page: Page
  beforeAll(async () => {
    page = await openPage(await browser.newContext(), script)
  })
  for (const sealed of [false, true]) {
    for (const { name } of storeConformance) {
      it(`${sealed ? "sealed: " : ""}${name}`, async () => {
        assert.isUndefined(
          await page.evaluate(([check, seals]) => bundle.runCheck(check, seals), [name, sealed] as const),
        )
      })
    }
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

  it("has nothing in any value of what a commit replaced or removed", async () => {
    const page = await openPage(context, script)
    assert.strictEqual(await open(page, "canary"), "done")
    assert.deepStrictEqual(await page.evaluate(() => bundle.canary("canary", "yellow bird")), [true, false])
    await page.close()
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
    const lost = page.evaluate(() => bundle.lost())
    await later.evaluate(() => bundle.raise("upgraded"))
    assert.strictEqual(await lost, "newer")
    assert.strictEqual(await commit(page, 1), "Unavailable newer")
  })

  it("is taken over by another tab, and back; the robbed one hears of it and commits nothing", async () => {
    const [a, b] = [await openPage(context, script), await openPage(context, script)]
    await robEachOther(a, b)
    await a.close()
    await b.close()
  })

  it("is waited for by a tab, which has it when the first one crashes", async () => {
    const [a, b] = [await openPage(context, script), await openPage(context, script)]
    assert.strictEqual(await open(a, "followed"), "done")
    const following = b.evaluate(() => bundle.openWhenFree("followed"))
    assert.strictEqual(await commit(a, 0), "done")
    const devtools = await context.newCDPSession(a)
    void devtools.send("Page.crash").catch(() => undefined)
    assert.strictEqual(await following, "done")
    assert.strictEqual(await b.evaluate(() => bundle.versionOf()), 1)
    await b.close()
  })

  it("that the browser clears is lost, at once and at every start, until somebody removes it", async () => {
    const own = await browser.newContext()
    await clearWhileOpen(own, () => openPage(own, script), "indexeddb")
    const left = await own.pages()[0]!.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))
    assert.deepStrictEqual(left.sort(), ["sotto/evicted", "sotto/evicted/neighbour"])
    await own.close()
  })

  it("says where the browser gives no storage", async () => {
    const page = await openPage(await browser.newContext(), script)
    // A sandboxed frame has an origin of its own, to which nothing is given: as where site data is blocked.
    await page.evaluate(() => {
      const frame = document.createElement("iframe")
      frame.sandbox.add("allow-scripts")
      frame.srcdoc = "<!doctype html>"
      document.body.append(frame)
    })
    const frame = page.frames()[1]!
    await frame.addScriptTag({ content: script })
    assert.strictEqual(await frame.evaluate(() => bundle.open("denied")), "Unavailable denied")
    await page.context().close()
  })

  it("promises nothing in a private window, and says so", async () => {
    const page = await openPage(await browser.newContext(), script)
    await keepNoPromise(page)
    await page.context().close()
  })

  it("says when the quota is used up, and keeps what it had", async () => {
    const page = await openPage(await browser.newContext(), script)
    await runOutOfRoom(page)
    await page.context().close()
  })
})

describe("indexeddb of an earlier schema", () => {
  it("is brought to the present one when it is opened, with everything in it", async () => {
    const page = await openPage(await browser.newContext(), script)
    const file = readFileSync(new URL("./fixtures/schema-1.indexeddb.json.gz", import.meta.url))
    await page.evaluate((dump) => bundle.thaw("frozen", dump), gunzipSync(file).toString())
    for (let start = 0; start < 2; start++) {
      assert.deepStrictEqual(await page.evaluate(() => bundle.told("frozen")), EXPECTED)
    }
    await page.context().close()
  })
})

/** Of LevelDB's log, in bytes. */
const BLOCK = 32_768

describe("indexeddb when the browser is killed", () => {
  const folder = mkdtempSync(join(tmpdir(), "sotto-chromium-"))
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

  /** As if it had died in the middle of its next record: the head of one of fifty bytes, and three of them. */
  const tear = () => {
    const at = join(folder, "Default", "IndexedDB", `${ORIGIN.replace(/:\/*/g, "_")}.indexeddb.leveldb`)
    const logs = existsSync(at) ? readdirSync(at).filter((name) => name.endsWith(".log")) : []
    const log = join(at, logs.sort().at(-1) ?? "none")
    // A browser that keeps no such log has nothing torn; a record's head never lies across a block's end.
    if (logs.length === 0 || BLOCK - (statSync(log).size % BLOCK) < 32) return
    appendFileSync(log, Uint8Array.of(1, 2, 3, 4, 50, 0, 1, 5, 6, 7))
  }

  // At the second start after a torn record Chromium used to drop the database.
  it("opens whole, with all that was durable, also where the browser's own log was torn", async () => {
    let printed = 0
    for (let life = 0; life < 4; life++) {
      if (life === 1) tear()
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
      const crash = async () => {
        const devtools = await context.newCDPSession(page)
        const gone = new Promise((resolve) => context.on("close", resolve))
        await devtools.send("Browser.crash" as never).catch(() => {})
        await gone
      }
      // Only opened, so that the browser has no reason of its own to write its log out.
      if (life % 2 === 1) {
        await crash()
        continue
      }
      const enough = Promise.withResolvers<void>()
      await page.exposeFunction("tell", (durable: number) => {
        printed = durable
        if (durable > version! + 20) enough.resolve()
      })
      void page.evaluate(() => bundle.commitForEver((globalThis as never as { tell: () => void }).tell)).catch(() => {})
      await enough.promise
      await crash()
    }
  })
})

describe("indexeddb without a browser", () => {
  it("is imported without side effects, and says that it is not available when it is opened", async () => {
    const failed = await Effect.runPromise(Effect.flip(Effect.scoped(indexeddb("nowhere").open)))
    assert.deepInclude({ ...failed }, { _tag: "Unavailable", reason: "broken" })
  })
})
