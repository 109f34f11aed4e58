/** The stepper as somebody reads it who sees little, or only hears it, or has a phone: in a real browser, with axe. */
import type { Page } from "playwright-core"
import { assert, describe, it } from "vitest"
import { scenarios } from "../../src/spec/scenarios/all.ts"
import { readsWell, site } from "./fixture.ts"
import { RECORDED } from "./recorded.ts"

const { open: openPage } = site()

/** On a phone one pane is shown at a time. */
const panesOf = (page: Page) => (width: number) =>
  (width < 800 ? ["machine", "facts", "bytes", "time"] : [""]).map((name) => ({
    name,
    show: async () => name !== "" && (await page.click(`button[data-pane=${name}]`)),
  }))

describe("the stepper", () => {
  it("has nothing that axe finds and needs no sideways scrolling: at rest, in a run that is far on, and with a recording", async () => {
    const { done, page, toStepper } = await openPage()
    const own = "sotto-stepper"
    await toStepper("see/stepper/")
    await readsWell(page, "the stepper")
    await toStepper(`scenarios/${scenarios[0]!.id}/`)
    await page.setViewportSize({ width: 1_280, height: 900 })
    await page.click("[data-do=last]")
    await page.locator(".frame.arrived", { hasText: "sealed" }).last().focus()
    await page.keyboard.press("Enter")
    for (const group of await page.locator(".group summary").all()) await group.click()
    await page.click("[data-do=compare]")
    await page.waitForSelector(".comparison")
    await readsWell(page, "a scenario", own, panesOf(page))
    await toStepper("see/recording/")
    assert.isFalse(await page.locator(".stage").isVisible(), "there is nothing to step through yet")
    await page.click("main a[href*='example.jsonl']")
    await page.waitForSelector(`${own}[data-steps]`)
    assert.isTrue(await page.locator(".stage").isVisible())
    assert.isAbove(Number(await page.getAttribute(own, "data-steps")), 50)
    assert.strictEqual(await page.locator(".problem").textContent(), "")
    await page.setInputFiles(".file input", { name: "x.jsonl", mimeType: "text/plain", buffer: Buffer.from(RECORDED) })
    await page.waitForSelector("sotto-stepper[data-steps='6']")
    await readsWell(page, "a recording", own)
    await done()
  })
})
