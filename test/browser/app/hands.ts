/** What a person does with the app, and what a test does with the fake behind it. */
import type { Page } from "playwright-core"
import { at, type Place } from "../../../examples/chat/src/names.ts"
import type { Control } from "./fake.ts"

export const find = (page: Page, place: Place) => page.getByRole(place.role, { name: place.name, exact: true })

/** Runs a function in the page with the fake's controls; it sees nothing of this file. */
export const controls = <R, A = undefined>(
  page: Page,
  run: (fake: Control, argument: A) => R,
  ...given: undefined extends A ? [] : [A]
): Promise<Awaited<R>> =>
  page
    .evaluateHandle(() => (globalThis as unknown as { fake: Control }).fake)
    .then((fake) =>
      fake.evaluate(run as unknown as (fake: Control, argument: unknown) => R, given[0] as unknown),
    ) as Promise<Awaited<R>>

export const press = (place: Place) => (page: Page) => find(page, place).first().click()

/** Everything that can become of a message, at the end of the conversation with Ana. */
export const showChanges = async (page: Page) => {
  await page.getByText("See you!").last().waitFor()
  await controls(page, async (fake) => {
    const ana = fake.contact("ana")!
    await ana.setTimer({ after: 86_400_000, from: "sending" })
    const first = ana.arrive("Shall we take the boat instead?", { timer: ana.timer.get() })
    await ana.send("Yes! With a quotation.", { replyTo: first.id })
    ana.arrive("This answers what is gone.", { replyTo: "gone" })
    await ana.react(first.id, "❤️")
    const edited = await ana.send("An edited one")
    await ana.edit(edited.id, "An edited message")
    ana.become(edited.id, {
      reactions: [
        { from: "me", emoji: "😂" },
        { from: "ana", emoji: "👩‍❤️‍💋‍👨" },
      ],
    })
    const deleted = await ana.send("nobody sees this")
    await ana.delete(deleted.id, { for: "everyone" })
    const late = await ana.send("too late")
    ana.become(late.id, { text: "", timer: undefined })
    ana.mark("expired")
  })
  await page.getByText("edited", { exact: true }).waitFor()
}

/** Types a passphrase on the locked screen and tries it. */
export const tryPassphrase = async (page: Page, words: string) => {
  await page.getByLabel(at.passphrase.name).fill(words)
  await find(page, at.unlock).click()
}
