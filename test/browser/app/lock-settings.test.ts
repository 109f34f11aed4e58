/** The lock from the settings, and the storage from wherever it is shown: turned on later, changed, looked at, lost. */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { at } from "../../../examples/chat/src/names.ts"
import { words } from "../../../examples/chat/src/words.ts"
import { type Stage, stage } from "./browser.ts"
import { controls, find } from "./hands.ts"

const SECRET = "five words nobody would guess"

describe("the lock in the settings", () => {
  let theatre: Stage
  beforeAll(async () => {
    theatre = await stage(inject("app"))
  })
  afterAll(() => theatre.close())

  const choose = async (page: Parameters<typeof find>[0], secret = SECRET) => {
    await page.getByLabel(at.newPassphrase.name).fill(secret)
    await page.getByLabel(at.repeatPassphrase.name).fill(secret)
  }
  const kept = (page: Parameters<typeof find>[0]) =>
    page.evaluate(() => JSON.parse(localStorage.getItem("sotto.chat.main") ?? "{}") as Record<string, unknown>)

  test("is turned on later, by a passphrase; a change of mind changes nothing", async () => {
    const { page, context, complaints } = await theatre.open({ hash: "#/settings/lock" })
    expect(await find(page, at.lock).count()).toBe(0)
    await find(page, at.turnLockOn).click()
    await choose(page)
    await find(page, at.cancel).click()
    await find(page, at.turnLockOn).click()
    expect(await page.getByLabel(at.newPassphrase.name).inputValue()).toBe("")
    await choose(page)
    await find(page, at.encryptNow).click()
    await find(page, at.lock).first().waitFor()
    expect(await controls(page, (fake) => fake.sealed)).toBe(true)
    expect(await kept(page)).toMatchObject({ sealed: true })
    expect(JSON.stringify(await page.evaluate(() => ({ ...localStorage })))).not.toContain(SECRET)
    await find(page, at.lock).first().click()
    await page.getByRole("heading", { name: "Sotto is locked" }).waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })

  test("that cannot be turned on for want of room says so, and the profile stays as it was", async () => {
    const { page, context } = await theatre.open({ scene: "full", hash: "#/settings/lock" })
    await find(page, at.turnLockOn).click()
    await choose(page)
    await find(page, at.encryptNow).click()
    await page.getByRole("heading", { name: "Storage is full" }).waitFor()
    expect(await kept(page)).not.toMatchObject({ sealed: true })
    await find(page, at.tryAgain).click()
    await find(page, at.main).waitFor()
    await context.close()
  })

  test("changes its passphrase, or leaves it", async () => {
    const { page, context } = await theatre.open({ scene: "sealed", hash: "#/settings/lock" })
    await find(page, at.changePassphrase).click()
    await find(page, at.cancel).click()
    await find(page, at.changePassphrase).click()
    await choose(page)
    await find(page, at.savePassphrase).click()
    await page.getByText("The passphrase was changed.").waitFor()
    await find(page, at.changePassphrase).waitFor()
    expect(await controls(page, (fake) => fake.asked)).toEqual([`change 1 to ${SECRET}`])
    await context.close()
  })

  test("locks by itself after the time that is chosen, counted from the last key or tap", async () => {
    const { page, context } = await theatre.open({ scene: "sealed", hash: "#/settings/lock" })
    await find(page, at.autoLock).selectOption({ label: "After 5 minutes" })
    const before = await controls(page, (fake) => fake.active)
    await page.keyboard.press("Shift")
    await page.mouse.click(700, 20)
    expect(await controls(page, (fake) => fake.active)).toBe(before + 2)
    expect(await find(page, at.autoLock).inputValue()).toBe(String(5 * 60_000))
    await context.close()
  })
})

describe("the storage", () => {
  let theatre: Stage
  beforeAll(async () => {
    theatre = await stage(inject("app"))
  })
  afterAll(() => theatre.close())

  test("is shown in Look inside as in the settings: kind, seal, writer, promise and room", async () => {
    const facts = ["this browser (indexeddb)", "this tab alone", "1.5 MB of 2.0 GB"]
    for (const [hash, scene, seal] of [
      ["#/chat/ana/inside", "sealed", "yes"],
      ["#/settings/storage", "busy", "no: nothing is locked"],
    ] as const) {
      const { page, context } = await theatre.open({ scene, hash })
      const list = page.locator("dl", { hasText: "Encrypted at rest" })
      await list.waitFor()
      for (const fact of [...facts, seal]) expect(await list.textContent()).toContain(fact)
      await context.close()
    }
  })

  test("offers the first backup once there is somebody to lose, and takes a no for good", async () => {
    const { page, context } = await theatre.open()
    await find(page, at.askToKeep).first().click()
    await page.getByText(words.noBackup).waitFor()
    await find(page, at.notNow).click()
    await page.getByText(words.noBackup).waitFor({ state: "hidden" })
    await page.reload()
    await find(page, at.askToKeep).first().click()
    await page.getByText(words.notPersistent).waitFor({ state: "hidden" })
    expect(await page.getByText(words.noBackup).count()).toBe(0)
    await context.close()
  })

  for (const [reason, title] of [
    ["lost", "Your messages are gone from this browser"],
    ["damaged", "What is kept here was altered"],
    ["full", "Storage is full"],
    ["newer", "Made by a newer version"],
    ["denied", "This browser keeps nothing here"],
  ] as const) {
    test(`that is ${reason} under way stops Sotto in words, and nothing begins anew by itself`, async () => {
      const { page, context } = await theatre.open()
      await controls(
        page,
        (fake, why) => {
          fake.emit({ type: "storageFailed", reason: why })
          fake.emit({ type: "stopped", reason: "storage" })
        },
        reason,
      )
      await page.getByRole("heading", { name: title }).waitFor()
      expect(await find(page, at.main).count()).toBe(0)
      if (reason === "lost") {
        await find(page, at.eraseProfile).click()
        await find(page, at.eraseSure).check()
        await Promise.all([page.waitForEvent("load"), find(page, at.eraseNow).click()])
      } else expect(await find(page, at.eraseProfile).count()).toBe(reason === "damaged" ? 1 : 0)
      await context.close()
    })
  }
})
