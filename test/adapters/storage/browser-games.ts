/** What happens to a browser's storage whatever its kind: tabs rob each other, the browser clears it, room runs out. */
import type { BrowserContext, Page } from "playwright-core"
import { assert } from "vitest"
import { ORIGIN } from "../../browser/chromium.ts"
import type { actsOn } from "./page-acts.ts"

/** What the page's script exports, whichever storage it is over. */
declare const bundle: ReturnType<typeof actsOn>

export const open = (page: Page, name: string) => page.evaluate((place) => bundle.open(place), name)
export const commit = (page: Page, expected: number, bytes = 10) =>
  page.evaluate(([version, length]) => bundle.commit(version!, length!), [expected, bytes])
export const versionOf = (page: Page) => page.evaluate(() => bundle.versionOf())

/** One tab takes the place from the other, and back; the robbed one hears of it and commits nothing. */
export const robEachOther = async (a: Page, b: Page): Promise<void> => {
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
    assert.strictEqual(await versionOf(to), version)
    assert.strictEqual(await commit(to, version), "done")
  }
}

/** The browser clears the place while it is open: that is told at once, and at every start until somebody removes what is left. */
export const clearWhileOpen = async (
  context: BrowserContext,
  newPage: () => Promise<Page>,
  storageTypes: string,
): Promise<void> => {
  const page = await newPage()
  assert.strictEqual(await open(page, "evicted"), "done")
  assert.strictEqual(await commit(page, 0), "done")
  const lost = page.evaluate(() => bundle.lost())
  const devtools = await context.newCDPSession(page)
  await devtools.send("Storage.clearDataForOrigin", { origin: ORIGIN, storageTypes })
  assert.strictEqual(await lost, "lost")
  assert.notStrictEqual(await commit(page, 1), "done")
  await page.evaluate(() => bundle.close())
  const next = await newPage()
  for (let start = 0; start < 2; start++) assert.strictEqual(await open(next, "evicted"), "Unavailable lost")
  assert.strictEqual(await next.evaluate(() => bundle.remove("evicted")), "done")
  assert.strictEqual(await open(next, "evicted"), "done")
  assert.strictEqual(await versionOf(next), 0)
}

/** The quota is used up: what was there stays, and what fits is still taken. */
export const runOutOfRoom = async (page: Page): Promise<void> => {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send("Storage.overrideQuotaForOrigin", { origin: ORIGIN, quotaSize: 1_000_000 })
  assert.strictEqual(await open(page, "full"), "done")
  assert.strictEqual(await commit(page, 0), "done")
  assert.strictEqual(await commit(page, 1, 20_000_000), "Unavailable full")
  assert.strictEqual(await versionOf(page), 1)
  assert.strictEqual(await commit(page, 1), "done")
}

/**
 * A window that keeps nothing (playwright's contexts without a folder are Chromium's incognito): it says how much room there is,
 * and that it promises nothing, whoever asks.
 */
export const keepNoPromise = async (page: Page): Promise<void> => {
  assert.strictEqual(await open(page, "measured"), "done")
  const before = await page.evaluate(() => bundle.measure("measured"))
  assert.isFalse(before.persisted)
  assert.isAbove(before.quota!, before.usage!)
  assert.isFalse(await page.evaluate(() => bundle.persist("measured")))
  assert.isFalse((await page.evaluate(() => bundle.measure("measured"))).persisted)
}
