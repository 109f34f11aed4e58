/**
 * The built site in a real Chromium, as `sotto serve` shows it: one server and one browser for a file of tests. What goes wrong in a
 * page, and whatever it asks of anybody else, is kept, and is a failure once the test is done with the page.
 */
import axe from "axe-core"
import type { Browser, Page } from "playwright-core"
import { afterAll, assert, beforeAll } from "vitest"
import { type Serving, serve } from "../../src/cli/serve.ts"
import { launch } from "../../test/browser/chromium.ts"

/** Where the site is built. */
export const built = new URL("../../dist/docs/", import.meta.url)

/**
 * In CI, beside all other tests, there is time for one look at each thing, and for one of many frames of bytes. Without CI=true everything
 * is looked at in all four ways.
 */
export const isBrief = process.env["CI"] !== undefined

/** How a reader looks at it. Light, and as wide as a desktop, where nothing is said. */
export interface Look {
  readonly width?: number
  readonly height?: number
  readonly theme?: "light" | "dark"
}

/** A desktop and a phone, light and dark: in this order one thing changes at a time. */
const LOOKS = [
  { width: 1_280, theme: "light" },
  { width: 1_280, theme: "dark" },
  { width: 390, theme: "dark" },
  { width: 390, theme: "light" },
] as const satisfies ReadonlyArray<Look>

/** A page in which everything that goes wrong is kept. */
export interface Opened {
  readonly page: Page
  /** Goes to a page of the site, by its path below /docs/. */
  readonly to: (path: string) => Promise<void>
  /** The same, and waits for its stepper. */
  readonly toStepper: (path: string, timeout?: number) => Promise<void>
  /** Closes it. Nothing went wrong in it, and it asked nobody else for anything. */
  readonly done: () => Promise<void>
}

/** Declares the server and the browser of this file of tests. */
export const site = () => {
  let serving: Serving
  let browser: Browser

  beforeAll(async () => {
    serving = await serve({ host: "127.0.0.1", port: 0, brokerOnly: false, files: built, docs: built })
    browser = await launch()
  })

  afterAll(async () => {
    await browser.close()
    await serving.close()
  })

  /** `from`: the origin that may be asked, where it is another server's. */
  const open = async ({ height = 900, theme = "light", width = 1_280 }: Look = {}, from?: string): Promise<Opened> => {
    const origin = from ?? serving.url
    const page = await browser.newPage({
      viewport: { width, height },
      colorScheme: theme,
      reducedMotion: "reduce",
    })
    const faults: Array<string> = []
    page.on("pageerror", (error) => faults.push(error.message))
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()))
    page.on("request", (request) => {
      const url = request.url()
      if (!url.startsWith(origin) && !url.startsWith("data:")) faults.push(`asks ${url}`)
    })
    const to = async (path: string) => void (await page.goto(`${serving.url}docs/${path}`))
    return {
      page,
      to,
      toStepper: async (path, timeout) => {
        await to(path)
        await page.waitForSelector("sotto-stepper[data-ready]", timeout === undefined ? {} : { timeout })
      },
      done: async () => {
        assert.deepStrictEqual(faults, [])
        await page.close()
      },
    }
  }

  return { open }
}

/** What axe finds in the page as it stands, or in a part of it whose frame was looked at elsewhere. */
const violationsIn = async (page: Page, within: string | undefined): Promise<ReadonlyArray<string>> => {
  // The page's policy forbids scripts that it does not know: axe comes in by the debugger.
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(axe.source)
  return page.evaluate(
    async ([part, repeated]) => {
      const { axe } = globalThis as unknown as { axe: typeof import("axe-core") }
      // Starlight's own search button has a label that is shorter than what it shows.
      const exclude = ["[data-open-modal]", ...repeated]
      const context = { exclude, ...(part !== undefined && { include: [part] }) }
      const { violations } = await axe.run(context, { resultTypes: ["violations"], preload: false })
      return violations.map(({ help, id, nodes }) => `${id}: ${help} ${nodes[0]?.html.slice(0, 160)}`)
    },
    [within, isBrief ? ["section.bytes ~ section.bytes"] : []] as const,
  )
}

/** How far the page is wider than the window, in pixels. */
const overflowOf = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - innerWidth)

/** Something to see in a page, and how to bring it there. */
interface Sight {
  readonly name: string
  readonly show: () => Promise<unknown>
}

/** Of everything that there is to see in a page at a width. */
type Sights = (width: number) => ReadonlyArray<Sight>
const ALL: Sights = () => [{ name: "", show: async () => {} }]

/** The next one each time, so that all four come about. */
let turn = 0
const looks = (): ReadonlyArray<(typeof LOOKS)[number]> => (isBrief ? [LOOKS[turn++ % LOOKS.length]!] : LOOKS)

/** Nothing that axe finds and nothing that sticks out, on a desktop and on a phone, light and dark. */
export const readsWell = async (page: Page, where: string, within?: string, sights = ALL): Promise<void> => {
  for (const { theme, width } of looks()) {
    await page.setViewportSize({ width, height: 900 })
    await page.evaluate((name) => {
      document.documentElement.dataset["theme"] = name
    }, theme)
    for (const { name, show } of sights(width)) {
      await show()
      const at = `${where} ${name}, ${theme} at ${width} pixels`
      assert.deepStrictEqual(await violationsIn(page, within), [], at)
      assert.isAtMost(await overflowOf(page), 0, at)
    }
  }
}
