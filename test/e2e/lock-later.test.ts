/**
 * A profile that is locked later, with the real engine in the app: sealed in place, locked by itself, its passphrase changed, its
 * waits kept over a reload, and its data cleared by the browser while it is open.
 */
import type { BrowserContext, Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { at, type Place } from "../../examples/chat/src/names.ts"
import { words } from "../../examples/chat/src/words.ts"
import { type Serving, serve } from "../../src/cli/serve.ts"
import { FREE_TRIES } from "../../src/machines/vault.ts"
import { launch } from "../browser/chromium.ts"
import { APP } from "./app.ts"

const SECRET = "five words nobody would guess"
const OTHER = "five other words that nobody would"

describe("a person who locks later", () => {
  let serving: Serving
  let context: BrowserContext
  let page: Page
  const find = (place: Place) => page.getByRole(place.role, { name: place.name, exact: true })
  const locked = () => page.getByText("Sotto is locked").waitFor()
  const settings = (section: string) =>
    page.evaluate((to) => {
      location.hash = `#/settings/${to}`
    }, section)
  const attempt = async (secret: string) => {
    await page.getByLabel(at.passphrase.name).fill(secret)
    await find(at.unlock).click()
  }
  const choose = async (secret: string) => {
    await page.getByLabel(at.newPassphrase.name).fill(secret)
    await page.getByLabel(at.repeatPassphrase.name).fill(secret)
  }

  beforeAll(async () => {
    serving = await serve({ host: "127.0.0.1", port: 0, brokerOnly: false, files: APP })
    const browser = await launch()
    context = await browser.newContext()
    page = await context.newPage()
    // Time goes on as it does; the test may only let some of it pass at once.
    await page.clock.install()
    await page.goto(serving.url)
    await find(at.firstName).fill("Lia")
    await find(at.start).click()
    await find(at.main).waitFor()
  })
  afterAll(async () => {
    await context.browser()?.close()
    await serving.close()
  })

  it("turns the lock on, with everything that was there", async () => {
    await settings("lock")
    await find(at.turnLockOn).click()
    await choose(SECRET)
    await find(at.encryptNow).click()
    await find(at.lock).first().waitFor({ timeout: 60_000 })
    assert.strictEqual(await find(at.firstName).inputValue(), "Lia")
    const hosts = await page.evaluate(
      () =>
        new Promise<ReadonlyArray<unknown>>((resolve) => {
          const request = indexedDB.open("sotto/main")
          request.onsuccess = () => {
            const asked = request.result.transaction("hosts").objectStore("hosts").getAllKeys()
            asked.onsuccess = () => {
              request.result.close()
              resolve(asked.result)
            }
          }
        }),
    )
    assert.notInclude(hosts, "profile")
    assert.include(hosts, "vault")
  })

  it("is locked out after the time that was chosen, and let in again", async () => {
    await settings("lock")
    await find(at.autoLock).selectOption({ label: "After 1 minute" })
    await page.clock.fastForward(50_000)
    await page.keyboard.press("Shift")
    await page.clock.fastForward(50_000)
    assert.strictEqual(await find(at.main).count(), 1, "a key counts as being there")
    await page.clock.fastForward(61_000)
    await locked()
    assert.notInclude(await page.content(), "Lia")
    await attempt(SECRET)
    await find(at.main).waitFor({ timeout: 60_000 })
  })

  it("changes the passphrase; wrong ones cost a wait that a reload does not end", async () => {
    await settings("lock")
    await find(at.changePassphrase).click()
    await choose(OTHER)
    await find(at.savePassphrase).click()
    await page.getByText("The passphrase was changed.").waitFor({ timeout: 60_000 })
    await find(at.lock).first().click()
    await locked()
    for (let wrong = 0; wrong <= FREE_TRIES; wrong++) {
      await attempt(SECRET)
      if (wrong < FREE_TRIES) {
        await page.getByText(words.wrongPassphrase).waitFor({ timeout: 60_000 })
        await page.getByLabel(at.passphrase.name).fill("")
      }
    }
    const wait = page.getByText("There is no reset. Next try in")
    await wait.waitFor({ timeout: 60_000 })
    // One wait is over before the next page is there; the second, of 16 seconds, is not.
    await page.clock.fastForward(8_100)
    await wait.waitFor({ state: "hidden" })
    await attempt(SECRET)
    await wait.waitFor({ timeout: 60_000 })
    await page.reload()
    await wait.waitFor()
    await page.getByLabel(at.passphrase.name).fill(OTHER)
    assert.isTrue(await find(at.unlock).isDisabled())
    await page.clock.fastForward(16_100)
    await wait.waitFor({ state: "hidden" })
    await find(at.unlock).click()
    await find(at.main).waitFor({ timeout: 60_000 })
  })

  it("is told at once when the browser has cleared everything, and nothing begins anew by itself", async () => {
    const devtools = await context.newCDPSession(page)
    const gone = page.getByRole("heading", { name: "Your messages are gone from this browser" })
    const { origin } = new URL(serving.url)
    await devtools.send("Storage.clearDataForOrigin", { origin, storageTypes: "indexeddb" })
    await gone.waitFor()
    await page.reload()
    await gone.waitFor()
    await find(at.eraseProfile).click()
    await find(at.eraseSure).check()
    await find(at.eraseNow).click()
    await find(at.start).waitFor()
  })
})
