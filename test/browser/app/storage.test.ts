/** Storage and backup, from the person's side: the words are written down first, warnings come before what cannot be undone. */
import { readFile } from "node:fs/promises"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { at } from "../../../examples/chat/src/names.ts"
import { type Stage, stage } from "./browser.ts"
import { controls, find } from "./hands.ts"

describe("storage and backup", () => {
  let theatre: Stage
  beforeAll(async () => {
    theatre = await stage(inject("app"))
  })
  afterAll(() => theatre.close())

  test("a backup is saved once its words were written down, and the words are gone afterwards", async () => {
    const { page, context, complaints } = await theatre.open({ hash: "#/settings/storage" })
    await page.getByText("none from this browser").waitFor()
    await find(page, at.saveBackup).last().click()
    const words = await find(page, at.phrase).getByRole("listitem").allTextContents()
    expect(words).toHaveLength(24)
    expect(await find(page, at.saveFile).isDisabled()).toBe(true)
    await find(page, at.wroteDown).check()
    const [download] = await Promise.all([page.waitForEvent("download"), find(page, at.saveFile).click()])
    expect(download.suggestedFilename()).toMatch(/^sotto-\d{4}-\d\d-\d\d\.backup$/)
    expect((await readFile(await download.path())).length).toBe(70_000)
    await find(page, at.done).waitFor()
    expect(await page.content()).not.toContain("abandon")
    expect(await controls(page, (fake) => fake.secrets)).toEqual([{ recoveryPhrase: words.join(" ") }])
    await find(page, at.done).click()
    expect(await page.getByText("none from this browser").count()).toBe(0)
    expect(JSON.stringify(await page.evaluate(() => ({ ...localStorage })))).not.toContain("abandon")
    expect(complaints).toEqual([])
    await context.close()
  })

  test("a passphrase is long, and typed twice", async () => {
    const { page, context } = await theatre.open({ hash: "#/settings/storage" })
    await find(page, at.saveBackup).last().click()
    await find(page, at.byPassphrase).check()
    const [first, again] = [page.getByLabel(at.newPassphrase.name), page.getByLabel(at.repeatPassphrase.name)]
    await first.fill("short")
    await page.getByText("At least 12 characters.").waitFor()
    await first.fill("long enough words")
    await again.fill("long enough wards")
    await page.getByText("The two are not the same.").waitFor()
    expect(await find(page, at.saveFile).isDisabled()).toBe(true)
    await again.fill("long enough words")
    await again.press("Enter")
    await find(page, at.done).waitFor()
    expect(await controls(page, (fake) => fake.secrets)).toEqual([{ passphrase: "long enough words" }])
    await context.close()
  })

  test("a backup is restored from the first screen on; what is refused says why, and may be tried again", async () => {
    const { page, context } = await theatre.open({ started: false, scene: "empty" })
    await find(page, at.restoreBackup).click()
    await find(page, at.restoreBackupDialog).waitFor()
    expect(await find(page, at.restoreNow).isDisabled()).toBe(true)
    await page
      .getByLabel(at.backupFile.name)
      .setInputFiles({ name: "x.backup", mimeType: "application/octet-stream", buffer: Buffer.alloc(70_000) })
    await find(page, at.enterPhrase).fill("wrong words")
    await find(page, at.restoreNow).click()
    await page.getByText("did not open this backup").waitFor()
    await find(page, at.enterPhrase).fill("the right words")
    await find(page, at.restoreNow).click()
    await find(page, at.restoreBackupDialog).waitFor({ state: "hidden" })
    await page.getByRole("option").first().waitFor()
    await context.close()
  })

  test("a profile with chats is not restored over", async () => {
    const { page, context } = await theatre.open({ hash: "#/settings/storage" })
    expect(await find(page, at.restoreBackup).isDisabled()).toBe(true)
    await page.getByText("into an empty profile only").waitFor()
    await context.close()
  })

  test("a readable copy is made after a warning that was read", async () => {
    const { page, context } = await theatre.open({ hash: "#/settings/storage" })
    await find(page, at.exportReadable).click()
    await page.getByText("This file is not encrypted.").waitFor()
    expect(await find(page, at.exportNow).isDisabled()).toBe(true)
    await find(page, at.exportSure).check()
    const [download] = await Promise.all([page.waitForEvent("download"), find(page, at.exportNow).click()])
    expect(download.suggestedFilename()).toMatch(/^sotto-readable-.*\.html$/)
    expect(await readFile(await download.path(), "utf8")).toBe("a readable html")
    await context.close()
  })

  test("erasing asks first, and leaves nothing of the profile", async () => {
    const { page, context } = await theatre.open({ hash: "#/settings/storage", scene: "busy" })
    await find(page, at.eraseProfile).click()
    expect(await find(page, at.eraseNow).isDisabled()).toBe(true)
    await find(page, at.eraseSure).check()
    await Promise.all([page.waitForEvent("load"), find(page, at.eraseNow).click()])
    await find(page, at.restoreBackup).or(find(page, at.newChat)).first().waitFor()
    await context.close()
  })

  test("a browser that may delete everything is named, with both remedies", async () => {
    const { page, context } = await theatre.open()
    await page.getByText("This browser may delete your messages.").waitFor()
    await find(page, at.saveBackup).first().waitFor()
    await find(page, at.askToKeep).first().click()
    await page.getByText("This browser may delete your messages.").waitFor({ state: "hidden" })
    await context.close()
  })

  test("diagnostics say what works and what to do; the report names nobody and no address", async () => {
    const { page, context } = await theatre.open({ hash: "#/settings/diagnostics" })
    await find(page, at.runChecks).click()
    await find(page, at.copyReport).waitFor()
    const checks = find(page, at.checks).getByRole("listitem")
    expect(await checks.filter({ hasText: "Encryption" }).textContent()).toContain("Works")
    expect(await checks.filter({ hasText: "Storage" }).textContent()).toContain("Ask to keep data")
    // The page's own server is no connection service here.
    expect(await checks.filter({ hasText: "Connection service" }).textContent()).toContain("connect by hand")
    await context.grantPermissions(["clipboard-read", "clipboard-write"])
    await find(page, at.copyReport).click()
    const report = await page.evaluate(() => navigator.clipboard.readText())
    expect(report).toContain("Encryption: pass")
    expect(report).not.toMatch(/Ana|Bo |127\.0\.0\.1|localhost|greta/)
    await context.close()
  })
})
