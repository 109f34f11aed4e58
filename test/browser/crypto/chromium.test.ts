/**
 * The supplier over WebCrypto in a real Chromium: every promise of the port, agreement with noble, and that it is the browser that
 * does the work. `FUZZ=10` runs ten times as many random cases.
 */
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { cryptoConformance } from "../../../src/spec/conformance/crypto.ts"
import { bundle, launch, openPage } from "../chromium.ts"
import { agreement } from "./agreement.ts"
import { operations } from "./operations.ts"
import type * as remote from "./page.ts"

declare const bundled: { readonly bundle: typeof remote }

const RUNS = Math.ceil(40 * Number(process.env["FUZZ"] ?? 1))

describe("WebCrypto in Chromium", () => {
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    browser = await launch()
    page = await openPage(await browser.newContext(), await bundle(new URL("page.ts", import.meta.url)))
  })
  afterAll(() => browser.close())

  test("is what a page of a secure origin takes", async () => {
    expect(await page.evaluate(() => (globalThis as unknown as typeof bundled).bundle.supplier())).toBe("web")
  })

  describe("keeps every promise of the port", () => {
    for (const { name } of cryptoConformance)
      test(name, () => page.evaluate((it) => (globalThis as unknown as typeof bundled).bundle.check(it), name))
  })

  describe("agrees with noble", () => {
    test.each(Object.keys(agreement))("%s", (name) =>
      page.evaluate(([it, runs]) => (globalThis as unknown as typeof bundled).bundle.agrees(it, runs), [
        name,
        RUNS,
      ] as const),
    )
  })

  test("reads arrays only before their caller has them back", async () => {
    expect(await page.evaluate(() => (globalThis as unknown as typeof bundled).bundle.late())).toEqual([])
  })

  test("does everything itself that it can", async () => {
    const served = await page.evaluate(() => (globalThis as unknown as typeof bundled).bundle.served())
    expect(served).toEqual(Object.keys(await operations()))
  })
})

test("a page of an insecure origin has no WebCrypto and takes noble", async () => {
  const browser = await launch()
  try {
    const context = await browser.newContext()
    await context.route("http://sotto.test/**", (route) => route.fulfill({ contentType: "text/html", body: "" }))
    const page = await context.newPage()
    await page.goto("http://sotto.test/")
    await page.addScriptTag({ content: await bundle(new URL("page.ts", import.meta.url)) })
    expect(await page.evaluate(() => (globalThis as unknown as typeof bundled).bundle.supplier())).toBe("noble")
  } finally {
    await browser.close()
  }
})
