/**
 * The site as somebody reads it, in a real browser: no page asks anybody else for anything or says an error, all of it fits a phone,
 * nothing is hidden from a screen reader, what is searched for is found, and "try it" leads to the state that it promises.
 */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import { built, isBrief, readsWell, site } from "./fixture.ts"

const { open } = site()

/** One of each kind. Those with a stepper have tests of their own. */
const PAGES = [
  "",
  "guides/start/",
  "concepts/delivery/",
  "machines/vault/",
  "see/session/",
  "see/at-rest/",
  "reference/audit/",
  "reference/comparison/",
  "reference/performance/",
  "api/",
  "api/storage/memory/",
]

describe("the pages of the site", () => {
  it("read well, light and dark, on a desktop and on a phone", async () => {
    const { done, page, to } = await open()
    for (const [i, path] of PAGES.entries()) {
      await to(path)
      // What is around it is the same on every page.
      await readsWell(page, path, i === 0 ? undefined : "main")
    }
    await done()
  })

  it("are searched without asking anybody", async () => {
    const { done, page, to } = await open()
    await to("")
    await page.click("[data-open-modal]")
    await page.fill("input.pagefind-ui__search-input, dialog input", "tombstone")
    await page.waitForSelector('dialog a[href*="reference/protocol"]')
    await done()
  })

  it("lead to a run in which a machine is in the state that one wants to see", async () => {
    const { done, page, toStepper } = await open()
    for (const machine of isBrief ? ["delivery"] : ["session", "expiry", "delivery", "inviter", "joiner"]) {
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
      await toStepper(`see/stepper/${hash}`)
      await page.waitForSelector(`.chart svg [data-state="${state}"].is-in, svg [data-state="${state}"].is-in`, {
        state: "attached",
      })
    }
    await done()
  })
})
