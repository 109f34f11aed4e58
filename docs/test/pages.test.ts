/**
 * The site as somebody reads it, in a real browser: no page asks anybody else for anything or says an error, all of it fits a phone,
 * nothing is hidden from a screen reader, what is searched for is found, and "try it" leads to the state that it promises.
 */
import { readFileSync } from "node:fs"
import axe from "axe-core"
import { type Browser, chromium, type Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { type Serving, serve } from "../../src/cli/serve.ts"
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

/** One of each kind. */
const PAGES = [
  "",
  "guides/start/",
  "concepts/delivery/",
  "machines/vault/",
  "reference/audit/",
  "reference/comparison/",
  "reference/performance/",
  "api/storage/memory/",
]

/** A window in which everything that goes wrong is kept. */
const open = async (width: number, colorScheme: "light" | "dark") => {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, reducedMotion: "reduce" })
  const faults: Array<string> = []
  page.on("pageerror", (error) => faults.push(error.message))
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()))
  page.on("request", (request) => {
    const url = request.url()
    if (!url.startsWith(serving.url) && !url.startsWith("data:")) faults.push(`asks ${url}`)
  })
  return { faults, page }
}

const violationsIn = async (page: Page): Promise<ReadonlyArray<string>> => {
  // The page's policy forbids scripts that it does not know: axe comes in by the debugger.
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") }
    // Starlight's own search button has a label that is shorter than what it shows.
    return (await axe.run({ exclude: ["[data-open-modal]"] })).violations.map(
      ({ help, id, nodes }) => `${id}: ${help} ${nodes[0]?.html.slice(0, 160)}`,
    )
  })
}

describe("the pages of the site", () => {
  it.each([
    { width: 1_280, theme: "light" },
    { width: 390, theme: "dark" },
  ] as const)("read well, $theme at $width pixels", async ({ theme, width }) => {
    const { faults, page } = await open(width, theme)
    for (const path of PAGES) {
      await page.goto(`${serving.url}docs/${path}`)
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      assert.isAtMost(overflow, 0, path)
      assert.deepStrictEqual(await violationsIn(page), [], path)
    }
    assert.deepStrictEqual(faults, [])
    await page.close()
  })

  it("are searched without asking anybody", async () => {
    const { faults, page } = await open(1_280, "light")
    await page.goto(`${serving.url}docs/`)
    await page.click("[data-open-modal]")
    await page.fill("input.pagefind-ui__search-input, dialog input", "tombstone")
    await page.waitForSelector('dialog a[href*="reference/protocol"]')
    assert.deepStrictEqual(faults, [])
    await page.close()
  })

  it("lead to a run in which a machine is in the state that one wants to see", async () => {
    const { faults, page } = await open(1_280, "light")
    for (const machine of ["session", "expiry", "braid", "standing"]) {
      const html = readFileSync(new URL(`machines/${machine}/index.html`, built), "utf8")
      const rows = [...html.matchAll(/<tr>\s*<td[^>]*><code[^>]*>([\w.]+)<\/code><\/td>[\s\S]*?<\/tr>/g)]
      const tries = rows.flatMap(([row, state]) => {
        const [, hash] = /see\/stepper\/(#[^"]+)"/.exec(row) ?? []
        return hash === undefined
          ? []
          : [{ state: state!, hash: hash.replaceAll("&#38;", "&").replaceAll("&amp;", "&") }]
      })
      assert.isNotEmpty(tries, machine)
      const { hash, state } = tries.at(-1)!
      await page.goto("about:blank")
      await page.goto(`${serving.url}docs/see/stepper/${hash}`)
      await page.waitForSelector("sotto-stepper[data-ready]")
      await page.waitForSelector(`.chart svg [data-state="${state}"].is-in, svg [data-state="${state}"].is-in`, {
        state: "attached",
      })
    }
    assert.deepStrictEqual(faults, [])
    await page.close()
  })
})
