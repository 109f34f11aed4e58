/** Reading and writing: long histories, new messages, delivery, drafts, receipts. */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { at, of } from "../../../examples/chat/src/names.ts"
import { DESKTOP, PHONE, type Stage, stage } from "./browser.ts"
import { controls, find } from "./hands.ts"

describe("a conversation", () => {
  let theatre: Stage
  beforeAll(async () => {
    theatre = await stage(inject("app"))
  })
  afterAll(() => theatre.close())

  const openZed = async () => {
    const opened = await theatre.open({ hash: "#/chat/zed" })
    await opened.page.getByText("Message 10000").last().waitFor()
    return { ...opened, log: find(opened.page, of.log("Zed")) }
  }

  test("of 10,000 messages draws few of them, and begins at the end", async () => {
    const { log, context } = await openZed()
    expect(await log.getByRole("listitem").count()).toBeLessThan(200)
    expect(
      await log.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight),
    ).toBeLessThan(2)
    await context.close()
  })

  test.each([DESKTOP, PHONE])("older messages come in above without moving what is read ($width px)", async (size) => {
    const { page, context } = await theatre.open({ hash: "#/chat/zed", size })
    await page.getByText("Message 10000").last().waitFor()
    // In the page: scrolls up by steps over some 500 messages; after each frame the first visible row must be where the scroll put it.
    const { worst, reached } = await find(page, of.log("Zed")).evaluate(async (log) => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
      const edge = () => log.getBoundingClientRect().top
      const firstRow = () =>
        [...log.querySelectorAll("[data-id]")].find((row) => row.getBoundingClientRect().bottom > edge())
      let worst = 0
      let reached = ""
      for (let step = 0; step < 400; step++) {
        const row = firstRow()
        const before = row?.getBoundingClientRect().top ?? 0
        const wanted = Math.min(350, log.scrollTop)
        log.scrollTop -= wanted
        await frame()
        if (row?.isConnected) worst = Math.max(worst, Math.abs(row.getBoundingClientRect().top - before - wanted))
        reached = row?.textContent ?? ""
        if (/^Message 9[0-4]\d\d/.test(reached)) break
      }
      return { worst, reached }
    })
    expect(reached).toMatch(/^Message 9[34]\d\d/)
    expect(worst).toBeLessThanOrEqual(1)
    expect(await find(page, of.log("Zed")).getByRole("listitem").count()).toBeLessThan(300)
    await context.close()
  })

  test("a message that arrives while one reads above is counted, not forced on the reader", async () => {
    const { page, log, context } = await openZed()
    await log.evaluate((element) => element.scrollTo(0, element.scrollHeight - 3_000))
    await find(page, of.jump(0)).waitFor()
    const before = await log.evaluate((element) => element.scrollTop)
    await controls(page, (fake) => {
      fake.contact("zed")?.arrive("one")
      fake.contact("zed")?.arrive("two")
    })
    await find(page, of.jump(2)).click()
    await log.getByText("two").waitFor()
    expect(before).toBeGreaterThan(0)
    expect(
      await log.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight),
    ).toBeLessThan(2)
    await context.close()
  })

  test("items say who, what, when and how far, and their place among all that are loaded", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/ana" })
    const last = find(page, of.log("Ana")).getByRole("listitem").last()
    await last.waitFor()
    expect(await last.getAttribute("aria-label")).toMatch(/^You: See you!\. \d\d:\d\d\. Delivered\.$/)
    expect(await last.getAttribute("aria-setsize")).toBe("15")
    expect(await last.getAttribute("aria-posinset")).toBe("15")
    expect(await find(page, of.log("Ana")).getAttribute("aria-live")).toBe("off")
    await context.close()
  })

  test("writing: Enter sends, Shift+Enter breaks the line, and the mark moves only when the peer answers", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/bo" })
    await find(page, of.composer("Bo Lindqvist")).fill("first")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("second")
    await page.keyboard.press("Enter")
    const sent = find(page, of.log("Bo Lindqvist")).getByRole("listitem", {
      name: /^You: first\s+second\. .* Waiting here\.$/,
    })
    await sent.waitFor()
    await expect.poll(() => find(page, of.composer("Bo Lindqvist")).inputValue()).toBe("")
    await controls(page, (fake) => fake.contact("bo")?.mark("delivered"))
    await find(page, of.log("Bo Lindqvist"))
      .getByRole("listitem", { name: /^You: first\s+second\. .* Delivered\.$/ })
      .waitFor()
    await context.close()
  })

  test("a message that could not be kept comes back to the field with the reason", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/ana" })
    await find(page, of.composer("Ana")).fill("refuse this")
    await find(page, at.send).click()
    await page.getByText("no room left on this device").waitFor()
    await expect.poll(() => find(page, of.composer("Ana")).inputValue()).toBe("refuse this")
    await context.close()
  })

  test("a failed message is sent again on request", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/ana" })
    await find(page, at.retry).click()
    await find(page, of.log("Ana"))
      .getByRole("listitem", { name: /very-long-address.*Delivered/ })
      .waitFor()
    await context.close()
  })

  test("drafts stay with their conversation, in memory only", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/ana" })
    await find(page, of.composer("Ana")).fill("a plaintext draft")
    await page.keyboard.press("Alt+ArrowDown")
    await find(page, of.composer("Bo Lindqvist")).waitFor()
    await expect.poll(() => find(page, of.composer("Bo Lindqvist")).inputValue()).toBe("")
    await page.keyboard.press("Alt+ArrowUp")
    await find(page, of.composer("Ana")).waitFor()
    await expect.poll(() => find(page, of.composer("Ana")).inputValue()).toBe("a plaintext draft")
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toContain("plaintext")
    await context.close()
  })

  test("seen messages are marked read; those that arrive elsewhere are not", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/ana" })
    await find(page, of.composer("Ana")).waitFor()
    await page.bringToFront()
    await controls(page, (fake) => fake.contact("ana")?.arrive("look"))
    await find(page, of.log("Ana")).getByText("look").waitFor()
    await page.waitForFunction(
      () =>
        (globalThis as never as { fake: { contact(id: string): { unread: { get(): number } } } }).fake
          .contact("ana")
          .unread.get() === 0,
    )
    await controls(page, (fake) => fake.contact("bo")?.arrive("elsewhere"))
    await page.getByRole("option", { name: "Bo Lindqvist, 1 unread, waiting, elsewhere" }).waitFor()
    await context.close()
  })

  test("typing is told while writing, and taken back", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/ana" })
    await find(page, of.composer("Ana")).fill("h")
    await find(page, of.composer("Ana")).fill("")
    await expect
      .poll(() => controls(page, (fake) => fake.contact("ana")?.asked))
      .toEqual(["typing true", "typing false"])
    await context.close()
  })

  test("new messages are announced once, politely; focus stays where it is", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/ana" })
    await find(page, of.composer("Ana")).focus()
    await controls(page, (fake) => {
      for (let index = 0; index < 3; index++) fake.contact("cleo")?.arrive(`${index}`)
    })
    await page.getByRole("status", { name: "Announcements" }).getByText("3 new messages from Cleo").waitFor()
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe("Message to Ana")
    await context.close()
  })

  test("what breaks in one pane leaves the others, and can be tried again", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/ana" })
    await find(page, of.log("Ana")).waitFor()
    await controls(page, (fake) => fake.contact("ana")?.connection.set(undefined as never))
    await page.getByText("The conversation could not be shown").waitFor()
    await page.getByRole("option", { name: /^Bo/ }).click()
    await find(page, of.log("Bo Lindqvist")).waitFor()
    await page.keyboard.press("Alt+ArrowUp")
    await page.getByText("The conversation could not be shown").waitFor()
    await controls(page, (fake) =>
      fake.contact("ana")?.connection.set({ state: "direct", link: "open", reconnects: 0 }),
    )
    await find(page, at.tryAgain).click()
    await find(page, of.log("Ana")).waitFor()
    await context.close()
  })

  test("scrolling and typing stay quick (measured, not asserted)", async () => {
    const { log, page, context } = await openZed()
    const frames = await log.evaluate(async (element) => {
      const times: Array<number> = []
      let last = performance.now()
      for (let index = 0; index < 120; index++) {
        element.scrollTop -= 120
        await new Promise(requestAnimationFrame)
        const now = performance.now()
        times.push(now - last)
        last = now
      }
      return times.sort((a, b) => a - b)
    })
    const presses: Array<number> = []
    await find(page, of.composer("Zed")).focus()
    for (let index = 0; index < 40; index++) {
      const start = performance.now()
      await page.keyboard.press("a")
      presses.push(performance.now() - start)
    }
    presses.sort((a, b) => a - b)
    console.log(
      `scroll p50 ${frames[60]?.toFixed(1)} ms, p95 ${frames[114]?.toFixed(1)} ms a frame; key to handled p95 ${presses[38]?.toFixed(1)} ms`,
    )
    expect(frames).toHaveLength(120)
    await context.close()
  })
})
