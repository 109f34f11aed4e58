/** What one can do with a message, and what became of it, as a person sees and hears it. */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { at, of } from "../../../examples/chat/src/names.ts"
import { type Stage, stage } from "./browser.ts"
import { controls, find, showChanges } from "./hands.ts"

describe("a message", () => {
  let theatre: Stage
  beforeAll(async () => {
    theatre = await stage(inject("app"))
  })
  afterAll(() => theatre.close())

  const openAna = async () => {
    const opened = await theatre.open({ hash: "#/chat/ana" })
    await opened.page.getByText("See you!").last().waitFor()
    const log = find(opened.page, of.log("Ana"))
    const menu = (text: string) => log.getByText(text).last().click({ button: "right" })
    return { ...opened, log, menu, field: find(opened.page, of.composer("Ana")) }
  }

  test("that changed says how: a quotation, a reaction, an edit, a deletion, a timer, an end that came first", async () => {
    const { page, log, context } = await openAna()
    await showChanges(page)
    const names = await log
      .getByRole("listitem")
      .evaluateAll((items) => items.slice(-7).map((item) => item.getAttribute("aria-label") ?? item.textContent))
    const plain = names.map((name) => name?.replaceAll(/\d\d:\d\d/g, "–"))
    expect(plain).toEqual([
      "You set disappearing messages to 1 day, from sending. Ana can still copy or photograph messages.",
      "Ana: Shall we take the boat instead?. –. Reactions: You ❤️. Disappears after 1 day.",
      expect.stringMatching(
        /^You: Yes! With a quotation. –. (Sending|Delivered). Answers Shall we take the boat instead\?. /,
      ),
      "Ana: This answers what is gone. –. Answers Original message expired.",
      expect.stringMatching(/^You: An edited message. –. \w+. Edited. Reactions: You 😂, Ana 👩‍❤️‍💋‍👨. /),
      expect.stringMatching(/^You: This message was deleted. –. Disappears/),
      "You: Expired before reaching Ana. Not delivered. –.",
    ])
    await context.close()
  })

  test("that is none, but a line, says what happened: keys agreed anew", async () => {
    const { page, log, context } = await openAna()
    await controls(page, (fake) => fake.contact("ana")?.arrive("", { kind: "notice", notice: "lost" }))
    await log.getByText("New keys were agreed with Ana, and the conversation goes on.").waitFor()
    await context.close()
  })

  test("is answered from its menu, by keyboard alone; Esc stops answering and keeps what was written", async () => {
    const { page, log, field, context } = await openAna()
    await log.focus()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Shift+F10")
    await page.keyboard.press("Enter")
    await find(page, at.stopReplying).waitFor()
    await expect.poll(() => field.evaluate((element) => element === document.activeElement)).toBe(true)
    await page.keyboard.type("kept")
    await page.keyboard.press("Escape")
    await find(page, at.stopReplying).waitFor({ state: "detached" })
    expect(await field.inputValue()).toBe("kept")
    await log.getByText("See you at six").click({ button: "right" })
    await find(page, at.reply).click()
    await field.press("Enter")
    await log.getByRole("listitem", { name: /^You: kept\. .*Answers See you at six\./ }).waitFor()
    await find(page, at.stopReplying).waitFor({ state: "detached" })
    await context.close()
  })

  test("of one's own is edited in the field; the draft comes back afterwards", async () => {
    const { page, log, menu, field, context } = await openAna()
    await field.fill("a draft")
    await menu("See you!")
    await find(page, at.edit).click()
    await expect.poll(() => field.inputValue()).toBe("See you!")
    await field.fill("See you there!")
    await field.press("Enter")
    await log.getByRole("listitem", { name: /^You: See you there!\. .*Edited\./ }).waitFor()
    expect(await field.inputValue()).toBe("a draft")
    await context.close()
  })

  test("takes one reaction, which can be another and can be taken back", async () => {
    const { page, log, menu, context } = await openAna()
    const reacted = (name: RegExp) => log.getByRole("listitem", { name }).waitFor()
    await menu("See you at six")
    expect(await page.getByRole("menuitem", { name: "Edit", exact: true }).count()).toBe(0)
    await find(page, at.react).click()
    await find(page, of.reaction("👍", "Like")).click()
    await reacted(/Reactions: You 👍\./)
    await menu("See you at six")
    await find(page, at.react).click()
    await find(page, of.reaction("❤️", "Love")).click()
    await reacted(/Reactions: You ❤️\./)
    await menu("See you at six")
    await find(page, at.react).click()
    await find(page, at.takeBack).click()
    await reacted(/^Ana: See you at six\. [\d:]+\.$/)
    await context.close()
  })

  test("is deleted after a question that says for whom; what is gone leaves the log", async () => {
    const { page, log, menu, context } = await openAna()
    await menu("See you!")
    await find(page, at.deleteForEveryone).click()
    await page.getByText("Ana may have read or copied it.", { exact: false }).waitFor()
    await find(page, at.deleteIt).click()
    await log.getByRole("listitem", { name: /^You: This message was deleted\./ }).waitFor()
    await menu("See you at six")
    await find(page, at.deleteForMe).click()
    await find(page, at.deleteIt).click()
    await log.getByText("See you at six").waitFor({ state: "detached" })
    await find(page, at.details).click()
    await find(page, at.clear).click()
    await find(page, of.clearing("Ana")).getByRole("button", { name: at.clear.name }).click()
    await expect.poll(() => log.getByRole("listitem").count()).toBe(0)
    expect(
      await controls(page, (fake) => fake.contact("ana")?.asked.filter((one) => /^(delete|clear)/.test(one))),
    ).toEqual(["delete everyone", "delete me", "clear"])
    await context.close()
  })

  test("disappears by a timer that Details sets, in words that promise no more than they can", async () => {
    const { page, log, context } = await openAna()
    await find(page, at.details).click()
    await find(page, at.disappearing).selectOption("1 week")
    await log.getByText("You set disappearing messages to 1 week, from reading.").waitFor()
    await find(page, at.countedFrom).selectOption("when they are sent")
    await log.getByText("You set disappearing messages to 1 week, from sending.").waitFor()
    expect(await page.getByText("Ana can still copy or photograph messages.").count()).toBeGreaterThan(0)
    await find(page, at.disappearing).selectOption("Off")
    await log.getByText("You turned disappearing messages off.").waitFor()
    await context.close()
  })
})
