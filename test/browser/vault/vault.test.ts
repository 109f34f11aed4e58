/** The vault in a real Chromium: passkeys with and without the key-making extension, and a profile folder that tells nothing. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Browser, CDPSession, Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { violations } from "../../../src/spec/invariants/invariant.ts"
import { vaultInvariants } from "../../../src/spec/invariants/vault.ts"
import { type Canary, canary, leaksIn } from "../../attacks/fixture/canary.ts"
import { bundle as bundled, launch, launchProfile, openPage } from "../chromium.ts"
import type * as Inside from "./vault-page.ts"

declare const bundle: typeof Inside

let script: string
let browser: Browser
beforeAll(async () => {
  script = await bundled(new URL("./vault-page.ts", import.meta.url))
  browser = await launch()
})
afterAll(() => browser?.close())

/** A security key inside the browser, made of software. */
const authenticator = async (page: Page, hasPrf: boolean): Promise<CDPSession> => {
  const session = await page.context().newCDPSession(page)
  await session.send("WebAuthn.enable")
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      ctap2Version: "ctap2_1",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      hasPrf,
    },
  })
  return session
}

describe("a passkey in Chromium", () => {
  it("opens a vault beside a passphrase, is asked anew each time, and is refused where it was removed", async () => {
    const page = await openPage(await browser.newContext(), script)
    await authenticator(page, true)
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
    const first = await authenticator(page, true)
    assert.strictEqual(await page.evaluate(() => bundle.open("lost", "both")), "done")
    await page.evaluate(() => bundle.lock())
    await first.send("WebAuthn.disable")
    await authenticator(page, true)
    assert.strictEqual(await page.evaluate(() => bundle.unlock("passkey")), "unlockCancelled")
    assert.strictEqual(await page.evaluate(() => bundle.unlock("words")), "done")
    await page.evaluate(() => bundle.close())
    await page.close()
  })

  it("without the extension is refused in words, and nothing is changed", async () => {
    const page = await openPage(await browser.newContext(), script)
    await authenticator(page, false)
    assert.strictEqual(await page.evaluate(() => bundle.open("no-prf", "words")), "done")
    assert.strictEqual(await page.evaluate(() => bundle.addPasskey()), "unlockNotSupported")
    assert.deepStrictEqual(await page.evaluate(() => bundle.kinds()), ["passphrase"])
    await page.evaluate(() => bundle.close())
    await page.close()
  })
})

const filesIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)

describe("the profile folder of a real Chromium", () => {
  it("ST-2: shows no canary in any byte of any file once Sotto is locked", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sotto-canary-"))
    try {
      const context = await launchProfile(folder)
      const page = await openPage(context, script)
      const [id, digits, invite] = await page.evaluate(() => bundle.converse("p1"))
      assert.sameMembers(
        [...(await page.evaluate(() => bundle.remembers("p1")))],
        ["canary number one sings in the mine", "canary number two answers from below"],
      )
      // It is told from outside that the scan finds what is there: the page writes one canary in the clear.
      await page.evaluate(() => localStorage.setItem("control", "a canary in the open air"))
      await context.close()
      const canaries: ReadonlyArray<Canary> = [
        canary("our name", "Alexandra Canaria"),
        canary("their name", "Benedict Canarius"),
        canary("a message sent", "canary number one"),
        canary("a message received", "canary number two"),
        canary("the contact's id", id!),
        canary("the safety number", digits!),
        canary("the invite", invite!),
        canary("the passphrase", "open sesame"),
        canary("a record's name", "history/00"),
        canary("a machine's name", "session/main"),
      ]
      const control = canary("the control", "a canary in the open air")
      const files = filesIn(folder)
      // What runs is the page's own script: it quotes some canaries, and is no part of what is stored.
      const stores = files.filter((path) => !/Code Cache|\/Cache\//.test(path))
      const scan = (all: ReadonlyArray<Canary>) => stores.flatMap((path) => leaksIn(path, readFileSync(path), all))
      assert.isNotEmpty(scan([control]), "the scan sees")
      assert.isTrue(stores.some((path) => path.includes("IndexedDB")))
      const leaks = scan(canaries)
      const observation = { tamperings: [], lookedFor: canaries.map(({ what }) => what), leaks }
      assert.deepStrictEqual(violations(vaultInvariants, observation), [], JSON.stringify(leaks))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
