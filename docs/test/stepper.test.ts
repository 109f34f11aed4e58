/** The stepper in a real browser: every scenario's page is stepped to its end, and comes to the same run as in Node. */

import axe from "axe-core"
import { type Browser, chromium, type Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { type Serving, serve } from "../../src/cli/serve.ts"
import { scenarios } from "../../src/spec/scenarios/all.ts"
import { play } from "../../src/spec/scenarios/scenario.ts"
import { findChromium } from "../../test/browser/chromium.ts"

const built = new URL("../../dist/docs/", import.meta.url)
let serving: Serving
let browser: Browser

beforeAll(async () => {
  serving = await serve({ host: "127.0.0.1", port: 0, brokerOnly: false, files: built, docs: built })
  browser = await chromium.launch({ executablePath: findChromium(), args: ["--no-sandbox", "--disable-gpu"] })
})

afterAll(async () => {
  await browser.close()
  await serving.close()
})

interface Look {
  readonly width?: number
  readonly theme?: "light" | "dark"
}

/** A page of the site with its stepper ready; what went wrong in it is a failure. */
const open = async (path: string, { theme = "light", width = 1_280 }: Look = {}) => {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: theme, reducedMotion: "reduce" })
  const faults: Array<string> = []
  page.on("pageerror", (error) => faults.push(error.message))
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()))
  page.on(
    "request",
    (request) =>
      request.url().startsWith(serving.url) ||
      request.url().startsWith("data:") ||
      faults.push(`asks ${request.url()}`),
  )
  await page.goto(`${serving.url}docs/${path}`)
  await page.waitForSelector("sotto-stepper[data-ready]")
  return { page, done: async () => assert.deepStrictEqual(faults, []) ?? (await page.close()) }
}

const data = (page: Page) =>
  page.$eval("sotto-stepper", (element) => ({ ...(element as HTMLElement).dataset })) as Promise<Record<string, string>>

const facts = async (page: Page) => page.$eval(".invariants", (list) => list.textContent ?? "")

describe("the stepper", () => {
  it("comes to the same end as in Node, on the page of every scenario", async () => {
    const { done, page } = await open("see/stepper/")
    for (const scenario of scenarios) {
      const { simulation } = await play(scenario)
      const { trace } = simulation.view()
      simulation.close()
      await page.goto(`${serving.url}docs/scenarios/${scenario.id}/`)
      await page.waitForSelector("sotto-stepper[data-ready]")
      await page.click("[data-do=last]")
      const { at, steps, trace: shown } = await data(page)
      assert.strictEqual(at, steps, scenario.id)
      assert.strictEqual(shown, trace, scenario.id)
      assert.notInclude(await facts(page), "✗", scenario.id)
    }
    await done()
  })

  it("steps, winds back, is damaged, and its address is the same run again", async () => {
    const { done, page } = await open("see/stepper/")
    await page.click("text=Alice invites Bob")
    for (let i = 1; i <= 4; i++) {
      await page.waitForSelector(`sotto-stepper[data-at="${i}"]`)
      await page.click("[data-do=step]")
    }
    await page.waitForSelector('sotto-stepper[data-at="5"]')
    await page.keyboard.press("ArrowLeft")
    await page.click(".frame.flying .hit", { force: true })
    await page.click(".tools >> text=Drop")
    await page.waitForSelector(".frame.lost")
    const damaged = await data(page)
    const address = page.url()
    await done()

    const again = await open(`see/stepper/${new URL(address).hash}`)
    assert.deepStrictEqual(await data(again.page), damaged)
    await again.done()
  })

  it("says so where an address is of another version, damaged, or cannot go on", async () => {
    for (const [hash, words] of [
      ["#v=0&s=1", /another version/],
      ["#v=1&s=1&c=%22wat", /damaged/],
      ["#v=1&s=1&c=%22restart%22,%22alice%22", /not possible/],
    ] as const) {
      const { done, page } = await open(`see/stepper/${hash}`)
      assert.match(await page.$eval(".problem", (box) => box.textContent ?? ""), words)
      await done()
    }
  })

  it("shows nothing of an address as markup", async () => {
    const text = encodeURIComponent('["event","alice",{"do":"pair","with":"bob"}]'.slice(1, -1))
    const evil = encodeURIComponent('"event","alice",{"do":"rename","name":"<img src=x onerror=alert(1)>"}')
    const { done, page } = await open(`see/stepper/#v=1&s=1&c=${text}~.9~${evil}`)
    assert.strictEqual(await page.locator("sotto-stepper img").count(), 0)
    await done()
  })

  it.each([
    { width: 1_280, theme: "light" },
    { width: 390, theme: "dark" },
  ] as const)("has nothing that axe finds, $theme at $width pixels, and needs no sideways scrolling", async (look) => {
    const { done, page } = await open(`scenarios/${scenarios[0]!.id}/`, look)
    await page.click("[data-do=last]")
    for (const pane of look.width < 800 ? ["machine", "facts", "bytes", "time"] : ["time"]) {
      if (look.width < 800) await page.click(`button[data-pane=${pane}]`)
      // Starlight's own search button is not ours: its label is shorter than what it shows.
      // The page's policy forbids scripts that it does not know: axe comes in by the debugger.
      await page.evaluate(axe.source)
      const found = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: typeof import("axe-core") }
        return (await axe.run({ exclude: ["[data-open-modal]"] })).violations.map(
          ({ help, id, nodes }) => `${id}: ${help} ${nodes[0]?.html.slice(0, 160)}`,
        )
      })
      assert.deepStrictEqual(found, [], pane)
    }
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    assert.isAtMost(overflow, 0)
    await done()
  })
})
