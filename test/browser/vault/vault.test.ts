/** The vault in a real Chromium: passkeys with and without the key-making extension. */
import type { Browser } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { addAuthenticator } from "../authenticator.ts"
import { bundle as bundled, launch, openPage } from "../chromium.ts"
import type * as Inside from "./vault-page.ts"

declare const bundle: typeof Inside

let script: string
let browser: Browser
beforeAll(async () => {
  script = await bundled(new URL("./vault-page.ts", import.meta.url))
  browser = await launch()
})
afterAll(() => browser?.close())

describe("a passkey in Chromium", () => {
  it("opens a vault beside a passphrase, is asked anew each time, and is refused where it was removed", async () => {
    const page = await openPage(await browser.newContext(), script)
    await addAuthenticator(page, true)
    assert.strictEqual(await page.evaluate(() => bundle.open("passkeys", "passkey")), "unlockMethod", "not alone")
    assert.strictEqual(await page.evaluate(() => bundle.open("passkeys", "words")), "done")
    assert.strictEqual(await page.evaluate(() => bundle.addPasskey()), "done")
    assert.deepStrictEqual(await page.evaluate(() => bundle.kinds()), ["passphrase", "passkey"])
    for (const how of ["passkey", "words", "passkey"] as const) {
      await page.evaluate(() => bundle.lock())
      assert.strictEqual(await page.evaluate(() => bundle.status()), "locked")
      assert.strictEqual(await page.evaluate((by) => bundle.unlock(by), how), "done")
      assert.strictEqual(await page.evaluate(() => bundle.name()), "Alexandra Canaria")
    }
    await page.evaluate(() => bundle.close())
    // Another start, by the passkey alone.
    assert.strictEqual(await page.evaluate(() => bundle.open("passkeys", "passkey")), "done")
    await page.evaluate(() => bundle.close())
    await page.close()
  })

  it("that is not this one, or not there, opens nothing; the passphrase still does", async () => {
    const context = await browser.newContext()
    const page = await openPage(context, script)
    const first = await addAuthenticator(page, true)
    assert.strictEqual(await page.evaluate(() => bundle.open("lost", "both")), "done")
    await page.evaluate(() => bundle.lock())
    await first.send("WebAuthn.disable")
    await addAuthenticator(page, true)
    assert.strictEqual(await page.evaluate(() => bundle.unlock("passkey")), "unlockCancelled")
    assert.strictEqual(await page.evaluate(() => bundle.unlock("words")), "done")
    await page.evaluate(() => bundle.close())
    await page.close()
  })

  it("without the extension is refused in words, and nothing is changed", async () => {
    const page = await openPage(await browser.newContext(), script)
    await addAuthenticator(page, false)
    assert.strictEqual(await page.evaluate(() => bundle.open("no-prf", "words")), "done")
    assert.strictEqual(await page.evaluate(() => bundle.addPasskey()), "unlockNotSupported")
    assert.deepStrictEqual(await page.evaluate(() => bundle.kinds()), ["passphrase"])
    await page.evaluate(() => bundle.close())
    await page.close()
  })
})
