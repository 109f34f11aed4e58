/** Everything without a mouse: the keys of the map, where focus goes, and what settings change. */
import type { Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { at, of } from "../../../examples/chat/src/names.ts"
import { DESKTOP, PHONE, type Stage, stage, WIDE } from "./browser.ts"
import { controls, find } from "./hands.ts"

const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLElement
    return element.getAttribute("aria-label") ?? element.textContent?.trim() ?? ""
  })

describe("the keyboard", () => {
  let theatre: Stage
  beforeAll(async () => {
    theatre = await stage(inject("app"))
  })
  afterAll(() => theatre.close())

  test("Ctrl+K searches; Enter opens the first found; Alt and arrows walk through the chats", async () => {
    const { page, context } = await theatre.open()
    await page.keyboard.press("Control+k")
    expect(await focused(page)).toBe("Search chats")
    await page.keyboard.type("cle")
    await page.keyboard.press("Enter")
    await find(page, of.log("Cleo")).waitFor()
    await page.keyboard.press("Alt+ArrowUp")
    await find(page, of.log("Zed")).waitFor()
    await page.keyboard.press("Alt+ArrowDown")
    await find(page, of.log("Cleo")).waitFor()
    await context.close()
  })

  test("a list of chats is one stop; arrows move in it, Enter opens", async () => {
    const { page, context } = await theatre.open()
    await page.getByRole("option").first().focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await find(page, of.log("Bo Lindqvist")).waitFor()
    expect(await page.locator("[role=option][tabindex='0']").count()).toBe(1)
    expect(await page.locator("[role=option] button").count()).toBe(0)
    await context.close()
  })

  test("opening a chat focuses the field on a desktop, the heading on a phone", async () => {
    const desktop = await theatre.open({ hash: "#/chat/ana" })
    await find(desktop.page, of.composer("Ana")).waitFor()
    await desktop.page.waitForFunction(() => document.activeElement?.tagName === "TEXTAREA")
    await desktop.context.close()
    const phone = await theatre.open({ hash: "#/chat/ana", size: PHONE, touch: true })
    await find(phone.page, of.composer("Ana")).waitFor()
    await phone.page.waitForFunction(() => document.activeElement?.tagName === "H2")
    await phone.context.close()
  })

  test("dialogs keep focus, Esc closes them, and focus returns to where it was", async () => {
    const { page, context } = await theatre.open()
    await find(page, at.newChat).focus()
    await page.keyboard.press("Enter")
    await find(page, at.newChatDialog).waitFor()
    for (let index = 0; index < 8; index++) {
      await page.keyboard.press("Tab")
      expect(
        await page.evaluate(
          () => document.activeElement === document.body || document.activeElement?.closest("dialog") !== null,
        ),
      ).toBe(true)
    }
    await page.keyboard.press("Escape")
    await find(page, at.newChatDialog).waitFor({ state: "detached" })
    expect(await focused(page)).toBe("New chat")
    await context.close()
  })

  test("Esc closes the side pane, then returns to the field", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/ana", size: WIDE })
    await page.keyboard.press("Alt+i")
    await find(page, at.inside).waitFor()
    await page.keyboard.press("Escape")
    await find(page, at.inside).waitFor({ state: "detached" })
    expect(await focused(page)).toBe("Message to Ana")
    await context.close()
  })

  test("F6 goes from pane to pane and round", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/ana/details", size: WIDE })
    await find(page, of.composer("Ana")).focus()
    await page.keyboard.press("F6")
    expect(await focused(page)).toContain("Details")
    await page.keyboard.press("F6")
    expect(await page.evaluate(() => document.activeElement?.closest("nav") !== null)).toBe(true)
    await page.keyboard.press("F6")
    expect(await focused(page)).toBe("Message to Ana")
    await context.close()
  })

  test("Alt+N and Ctrl+/ open their dialogs", async () => {
    const { page, context } = await theatre.open()
    await page.keyboard.press("Alt+n")
    await find(page, at.newChatDialog).waitFor()
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+/")
    await find(page, at.shortcuts).waitFor()
    await context.close()
  })

  test("messages can be walked through, and Shift+F10 opens their menu", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/ana" })
    await page.getByText("See you!").last().waitFor()
    await find(page, of.log("Ana")).focus()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowUp")
    expect(await focused(page)).toMatch(/^Ana: See you at six/)
    await page.keyboard.press("Shift+F10")
    await find(page, at.messageActions).waitFor()
    expect(await focused(page)).toBe("Reply")
    await page.keyboard.press("ArrowDown")
    expect(await focused(page)).toBe("Copy")
    await page.keyboard.press("Escape")
    await find(page, at.messageActions).waitFor({ state: "detached" })
    expect(await focused(page)).toMatch(/^Ana: See you at six/)
    await context.close()
  })

  test("Enter and Shift+Enter can be swapped, and the choice is kept", async () => {
    const { page, context } = await theatre.open({ hash: "#/settings" })
    await find(page, at.enterSends).click()
    await page.reload()
    await page.goto(`${page.url().split("#")[0]}#/chat/ana`)
    await find(page, of.composer("Ana")).fill("a")
    await page.keyboard.press("Enter")
    expect(await find(page, of.composer("Ana")).inputValue()).toBe("a\n")
    await page.keyboard.press("Shift+Enter")
    await find(page, of.log("Ana"))
      .getByRole("listitem", { name: /^You: a\. / })
      .waitFor()
    await context.close()
  })

  test("settings: what contacts are told, the theme, and the service", async () => {
    const { page, context } = await theatre.open({ hash: "#/settings", size: DESKTOP })
    await find(page, at.receipts).click()
    await find(page, at.typing).click()
    await expect.poll(() => find(page, at.receipts).isChecked()).toBe(false)
    await page.getByRole("radio", { name: "Dark" }).check()
    expect(await page.evaluate(() => document.documentElement.dataset["theme"])).toBe("dark")
    await find(page, at.host).fill("broker.example")
    await find(page, at.port).fill("70000")
    expect(await find(page, at.saveService).isDisabled()).toBe(true)
    await find(page, at.port).fill("9000")
    await find(page, at.saveService).click()
    await find(page, at.ownService).waitFor()
    await expect
      .poll(() => controls(page, (fake) => JSON.stringify(fake.options?.transports)))
      .toContain('"host":"broker.example","port":9000')
    await context.close()
  })

  test("only through TURN needs a TURN server, and keeps the last one", async () => {
    const { page, context } = await theatre.open({ hash: "#/settings/connection" })
    expect(await find(page, at.relayOnly).isDisabled()).toBe(true)
    await find(page, at.serverUrl).fill("https://turn.example")
    expect(await find(page, at.addServer).isDisabled()).toBe(true)
    await find(page, at.serverUrl).fill("turn:turn.example:3478")
    await find(page, at.user).fill("u")
    await find(page, at.password).fill("p")
    await find(page, at.addServer).click()
    await find(page, at.relayOnly).click()
    await expect
      .poll(() => controls(page, (fake) => JSON.stringify(fake.options?.transports)))
      .toContain('"relayOnly":true')
    await expect.poll(() => page.getByRole("button", { name: "Remove turn:turn.example:3478" }).isDisabled()).toBe(true)
    await context.close()
  })

  test("in forced colours every control still has a shape", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/ana", forcedColors: true })
    await page.getByText("See you!").last().waitFor()
    const borders = await page.evaluate(() =>
      [".bubble", ".composer-field", ".send"].map((selector) => {
        const element = document.querySelector(selector)
        return element ? Number.parseFloat(getComputedStyle(element).borderTopWidth) : 0
      }),
    )
    expect(borders.every((width) => width >= 1)).toBe(true)
    await context.close()
  })

  test("nothing moves when less motion is asked", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/dunja" })
    await find(page, at.progress).waitFor()
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
    await context.close()
  })
})
