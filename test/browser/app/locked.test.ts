/** The locked screen, from the person's side: there before the SDK is, patient, and honest about what is lost. */
import { basename } from "node:path"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { at } from "../../../examples/chat/src/names.ts"
import { words } from "../../../examples/chat/src/words.ts"
import { lockedScreen } from "../../package/locked-screen.ts"
import { type Stage, stage } from "./browser.ts"
import { controls, find, tryPassphrase } from "./hands.ts"

describe("the locked screen", () => {
  let theatre: Stage
  beforeAll(async () => {
    theatre = await stage(inject("app"))
  })
  afterAll(() => theatre.close())

  test("is there with the first files alone; what is typed meanwhile is tried when the SDK has come", async () => {
    const first = new Set(lockedScreen(inject("app")).map((path) => basename(path)))
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const held: Array<string> = []
    const { page, context, complaints } = await theatre.open({
      scene: "locked-passkey",
      before: (opening) =>
        opening.route(/\/assets\//, async (route) => {
          const name = basename(new URL(route.request().url()).pathname)
          if (!first.has(name)) {
            held.push(name)
            await released
          }
          await route.continue()
        }),
    })
    await page.getByRole("heading", { name: "Sotto is locked" }).waitFor()
    await find(page, at.unlockWithPasskey).waitFor()
    await tryPassphrase(page, "right words")
    await page.getByText("Unlocking…").waitFor()
    expect(await page.evaluate(() => "fake" in globalThis)).toBe(false)
    expect(held.length).toBeGreaterThan(0)
    release()
    await find(page, at.main).waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })

  test("a passphrase that is half typed when the SDK comes is still there", async () => {
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const { page, context } = await theatre.open({
      scene: "locked",
      before: (opening) =>
        opening.route(/\/assets\/(?!index-)/, async (route) => {
          await released
          await route.continue()
        }),
    })
    const field = page.getByLabel(at.passphrase.name)
    await field.fill("right ")
    release()
    await page.waitForFunction(() => (globalThis as unknown as { fake?: { opened: number } }).fake?.opened === 1)
    await field.pressSequentially("words")
    expect(await field.inputValue()).toBe("right words")
    await field.press("Enter")
    await find(page, at.main).waitFor()
    await context.close()
  })

  test("a wrong one says so; after five it says when the next may be tried, and that there is no reset", async () => {
    const { page, context } = await theatre.open({ scene: "locked" })
    for (let tries = 1; tries <= 5; tries++) {
      await tryPassphrase(page, `wrong words ${tries}`)
      await page.getByText(words.wrongPassphrase).waitFor()
    }
    await page.getByText("There is no reset. Next try in").waitFor()
    expect(await find(page, at.unlock).isDisabled()).toBe(true)
    expect(await controls(page, (fake) => fake.status.get())).toBe("locked")
    await context.close()
  })

  test("what is kept beside the profile says how it is sealed, and nothing else of it", async () => {
    const { page, context } = await theatre.open({ scene: "sealed-passkey" })
    await find(page, at.lock).first().click()
    await find(page, at.unlockWithPasskey).waitFor()
    const kept = await page.evaluate(() => JSON.parse(localStorage.getItem("sotto.chat.main") ?? "{}"))
    expect(kept).toMatchObject({ started: true, sealed: true, hasPasskey: true })
    await tryPassphrase(page, "right words")
    await find(page, at.main).waitFor()
    expect(JSON.stringify(await page.evaluate(() => ({ ...localStorage })))).not.toContain("right words")
    await context.close()
  })
})
