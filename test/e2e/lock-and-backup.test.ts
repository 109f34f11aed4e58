/**
 * Locking, unlocking, and coming back from a backup, through the app's own screens, with the real engine: what a person does
 * who loses their browser's data.
 */
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { at, of, type Place } from "../../examples/chat/src/names.ts"
import { words } from "../../examples/chat/src/words.ts"
import { type Serving, serve } from "../../src/cli/serve.ts"
import { addAuthenticator } from "../browser/authenticator.ts"
import { APP, arrive, createInvite, leave, type Person } from "./app.ts"

const SECRET = "five words nobody would guess"
const findIn = (page: Person["page"]) => (place: Place) => page.getByRole(place.role, { name: place.name, exact: true })

const settings = (page: Person["page"], section: string) =>
  page.evaluate((to) => {
    location.hash = `#/settings/${to}`
  }, section)

const beginLocked = async (page: Person["page"], name: string) => {
  const find = findIn(page)
  await find(at.firstName).fill(name)
  await find(at.lockAtAll).check()
  await page.getByLabel(at.newPassphrase.name).fill(SECRET)
  await page.getByLabel(at.repeatPassphrase.name).fill(SECRET)
  await find(at.start).click()
  await find(at.main).waitFor({ timeout: 60_000 })
}

describe("a person with a passphrase", () => {
  let serving: Serving
  let ana: Person

  beforeAll(async () => {
    serving = await serve({ host: "127.0.0.1", port: 0, brokerOnly: false, files: APP })
    ana = await arrive(serving.url, "Ana")
  })
  afterAll(async () => {
    await leave(ana)
    await serving.close()
  })

  it("talks, locks, is refused and let in, saves a backup, erases, restores, and goes on", {
    timeout: 300_000,
  }, async () => {
    const { page, find, context } = ana
    await beginLocked(page, "Ana")

    const other = await context.newPage()
    const findBen = findIn(other)
    await other.goto(`${serving.url}?profile=ben`)
    await findBen(at.firstName).fill("Ben")
    await findBen(at.start).click()
    const link = await createInvite(ana)
    await findBen(at.useInvite).first().click()
    await findBen(at.invite).fill(link)
    await findBen(at.connect).click()
    await findBen(of.composer("Ana")).waitFor()
    await find(of.composer("Ben")).waitFor()
    await find(of.composer("Ben")).fill("before the loss")
    await find(at.send).click()
    await other.getByText("before the loss").last().waitFor()

    await find(at.lock).first().click()
    await page.getByText("Sotto is locked").waitFor()
    assert.notInclude(await page.content(), "before the loss")
    await page.getByLabel(at.passphrase.name).fill("not this one at all")
    await find(at.unlock).click()
    await page.getByText("That passphrase didn't unlock this vault.").waitFor({ timeout: 60_000 })
    await page.getByLabel(at.passphrase.name).fill(SECRET)
    await find(at.unlock).click()
    await page.getByText("before the loss").last().waitFor({ timeout: 60_000 })
    await page.reload()
    await page.getByText("Sotto is locked").waitFor()
    await page.getByLabel(at.passphrase.name).fill(SECRET)
    await page.getByLabel(at.passphrase.name).press("Enter")
    await find(at.main).waitFor({ timeout: 60_000 })

    await settings(page, "storage")
    await find(at.saveBackup).last().click()
    await find(at.phrase).getByRole("listitem").nth(23).waitFor()
    const phrase = (await find(at.phrase).getByRole("listitem").allTextContents()).join(" ")
    await find(at.wroteDown).check()
    const [download] = await Promise.all([page.waitForEvent("download"), find(at.saveFile).click()])
    const file = await download.path()
    await find(at.done).click()

    await find(at.eraseProfile).click()
    await find(at.eraseSure).check()
    await find(at.eraseNow).click()
    await find(at.start).waitFor()
    assert.deepEqual(
      await page.evaluate(async () =>
        (await indexedDB.databases()).map(({ name }) => name).filter((name) => name?.includes("main")),
      ),
      [],
    )

    await beginLocked(page, "")
    await settings(page, "storage")
    await find(at.restoreBackup).click()
    await page.getByLabel(at.backupFile.name).setInputFiles(file)
    await find(at.enterPhrase).fill(phrase)
    await find(at.restoreNow).click()
    await page.getByRole("option", { name: /^Ben/ }).click()
    await page.getByText("before the loss").last().waitFor()
    await find(of.composer("Ben")).fill("after the restore")
    await find(at.send).click()
    await other.getByText("after the restore").last().waitFor({ timeout: 60_000 })
    await findBen(of.composer("Ana")).fill("welcome back")
    await findBen(at.send).click()
    await page.getByText("welcome back").last().waitFor({ timeout: 60_000 })
    await page.getByText(words.healed("Ben")).last().waitFor()
    await other.getByText(words.healed("Ana")).last().waitFor()
    await other.close()
  })

  for (const hasPrf of [true, false]) {
    it(`adds a passkey ${hasPrf ? "that makes a key, and unlocks with it" : "without PRF, and is told to use a passphrase"}`, {
      timeout: 200_000,
    }, async () => {
      // WebAuthn knows no addresses, only names.
      const page = await ana.context.newPage()
      const find = findIn(page)
      await addAuthenticator(page, hasPrf)
      await page.goto(`${serving.url.replace("127.0.0.1", "localhost")}?profile=prf-${hasPrf}`)
      await beginLocked(page, "Pia")
      await settings(page, "lock")
      await find(at.addPasskey).click()
      if (hasPrf) {
        await find(of.removeMethod("Passkey")).waitFor({ timeout: 60_000 })
        await find(at.lock).first().click()
        await find(at.unlockWithPasskey).click()
        await find(at.main).waitFor({ timeout: 60_000 })
      } else {
        await page.getByText("This passkey can't create an encryption key. Use a passphrase.").waitFor()
      }
      await page.close()
    })
  }
})
