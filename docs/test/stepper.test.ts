/** The stepper in a real browser: every scenario's page is stepped to its end, and comes to the same run as in Node. */

import axe from "axe-core"
import { type Browser, chromium, type Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { serveRecording } from "../../src/cli/inspect.ts"
import { type Serving, serve } from "../../src/cli/serve.ts"
import { scenarios } from "../../src/spec/scenarios/all.ts"
import { hashes } from "../../src/spec/scenarios/hashes.ts"
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

/** Forty pages, each with a run of its own, on a machine that may be busy: some twenty seconds where it is not. */
const PATIENT = 400_000

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
  it(
    "comes to the end and the hash that the tests in Node see, on the page of every scenario",
    async () => {
      const { done, page } = await open("see/stepper/")
      for (const { expect, id } of scenarios) {
        await page.goto(`${serving.url}docs/scenarios/${id}/`, { waitUntil: "commit" })
        await page.waitForSelector("sotto-stepper[data-ready]", { timeout: PATIENT })
        await page.click("[data-do=last]")
        const { at, hash, steps } = await data(page)
        assert.strictEqual(at, steps, id)
        assert.strictEqual(hash, hashes[id], id)
        // Each thing that is expected, and that it is the run of the tests.
        const goals = await page.$$eval(".goals li", (lines) => lines.map((line) => line.textContent ?? ""))
        assert.lengthOf(goals, expect.length + 1, id)
        for (const goal of goals) assert.match(goal, /^✓/, `${id}: ${goal}`)
        assert.notInclude(await facts(page), "✗", id)
      }
      await done()
    },
    PATIENT,
  )

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
      ["#v=1&s=1&c=&h=0123456789abcdef", /led elsewhere/],
    ] as const) {
      const { done, page } = await open(`see/stepper/${hash}`)
      assert.match(await page.$eval(".problem", (box) => box.textContent ?? ""), words)
      await done()
    }
  })

  it("reads a frame with the keys that are chosen, and says how each was made", async () => {
    const { done, page } = await open("scenarios/stolen-kem/")
    await page.click("[data-do=last]")
    await page.locator(".frame.arrived", { hasText: "sealed" }).last().focus()
    await page.keyboard.press("Enter")
    const text = () => page.$eval(".pane.bytes", (pane) => pane.textContent ?? "")
    const layers = () => page.locator(".pane.bytes .opens").count()
    assert.strictEqual(await layers(), 4)
    assert.include(await text(), "sotto/1 kem chain step")
    for (const [layer, left] of [
      ["mls", 3],
      ["kem", 1],
      ["aes", 0],
    ] as const) {
      await page.uncheck(`[data-keys=${layer}]`)
      assert.strictEqual(await layers(), left, layer)
    }
    assert.include(await text(), "Such a thief sees what a relay sees")
    await done()
  })

  it("is damaged without a mouse, compared with the undamaged run, and begun anew with three", async () => {
    const { done, page } = await open("see/stepper/")
    await page.locator("text=Alice invites Bob").focus()
    await page.keyboard.press("Enter")
    await page.waitForSelector('sotto-stepper[data-at="1"]')
    await page.keyboard.press("ArrowRight")
    await page.waitForSelector('sotto-stepper[data-at="2"]')
    await page.locator(".frame.flying").last().focus()
    await page.keyboard.press("Delete")
    await page.waitForSelector(".frame.lost")
    await page.locator("summary", { hasText: "Attackers" }).focus()
    await page.keyboard.press("Enter")
    assert.isTrue(await page.locator("text=Stand in the middle of new links").isVisible())
    await page.click("[data-do=compare]")
    await page.waitForSelector(".comparison")
    assert.match(await page.$eval(".comparison", (box) => box.textContent ?? ""), /They part at/)
    await page.selectOption(".setup .count", "3")
    await page.click("[data-do=fresh]")
    await page.waitForSelector(".space .head.peer-2")
    await done()
  })

  it("steps through a recording of a live peer, and says what is wrong with a file that is none", async () => {
    const step = (at: number, from: string, to: string) =>
      JSON.stringify({ at, contact: 1, id: "link/main", event: "LinkOpened", from, to, commands: ["announceOpen"] })
    const text = [
      '{"recording":"sotto","version":1,"texts":true,"dropped":7}',
      step(0, "waiting", "connecting"),
      step(10, "connecting", "waiting"),
      '{"at":12,"contact":1,"news":"messageArrived","text":"<img src=x>"}',
      '{"at":13,"contact":2,"news":"paired"}',
      "",
    ].join("\n")
    const inspecting = await serveRecording(text, 0, built)
    const page = await browser.newPage()
    const faults: Array<string> = []
    page.on("pageerror", (error) => faults.push(error.message))
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()))
    await page.goto(inspecting!.url)
    await page.waitForSelector('sotto-stepper[data-ready][data-steps="4"]')
    assert.include(await page.$eval(".choices", (box) => box.textContent ?? ""), "7 before them were not kept")
    assert.strictEqual(await page.locator(".space .head").count(), 2)
    assert.include(await page.$eval(".facts", (box) => box.textContent ?? ""), "<img src=x>")
    await page.click("[data-do=back]")
    await page.click("[data-do=back]")
    await page.waitForSelector('sotto-stepper[data-at="2"]')
    assert.match(page.url(), /&at=2$/)
    await page.selectOption(".only", "1")
    await page.waitForSelector('sotto-stepper[data-steps="3"]')
    await page.setInputFiles(".file input", { name: "x.jsonl", mimeType: "text/plain", buffer: Buffer.from("no") })
    await page.waitForSelector(".problem:not([hidden])")
    assert.match(await page.$eval(".problem", (box) => box.textContent ?? ""), /not a recording/)
    assert.deepStrictEqual(faults, [])
    await page.close()
    inspecting!.close()
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
    await page.locator(".frame.arrived", { hasText: "sealed" }).last().focus()
    await page.keyboard.press("Enter")
    for (const group of await page.locator(".group summary").all()) await group.click()
    if (look.width < 800) await page.click("button[data-pane=facts]")
    await page.click("[data-do=compare]")
    await page.waitForSelector(".comparison")
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
