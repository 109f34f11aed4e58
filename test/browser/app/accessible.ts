/**
 * Every screen and state, checked by axe-core. Each is looked at in one size and theme; `SCREENS=all` takes every size in both
 * themes.
 */
import axe from "axe-core"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { DESKTOP, type Look, PHONE, type Stage, stage, WIDE } from "./browser.ts"
import type { Screen } from "./screens/screen.ts"

const everything = process.env["SCREENS"] === "all"

const sizes: ReadonlyArray<Look> = [
  { size: PHONE, touch: true },
  { size: DESKTOP, dark: true },
  { size: WIDE },
  { size: PHONE, touch: true, dark: true },
  { size: DESKTOP },
  { size: WIDE, dark: true },
]

/** Declares a test for each of the screens. */
export const areAccessible = (about: string, screens: ReadonlyArray<Screen>) =>
  describe(`nothing that axe-core finds: ${about}`, () => {
    const looks = screens.flatMap((screen, index) =>
      (everything ? sizes : [sizes[index % sizes.length] ?? {}]).map((size) => ({
        screen,
        look: { ...screen.look, ...size },
        name: `${screen.name}, ${size.size?.width} px, ${size.dark ? "dark" : "light"}`,
      })),
    )
    let theatre: Stage
    beforeAll(async () => {
      theatre = await stage(inject("app"))
    })
    afterAll(() => theatre.close())

    test.each(looks)("$name", async ({ screen, look }) => {
      const { page, context, complaints } = await theatre.open(look)
      await screen.reach?.(page)
      await page.evaluate(axe.source)
      const found = await page.evaluate(async () => {
        const run = (globalThis as unknown as { axe: typeof axe }).axe
        const { violations } = await run.run(document, {
          resultTypes: ["violations"],
          runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        })
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`)
      })
      expect(found).toEqual([])
      const shifted = await page.evaluate(() =>
        [document.documentElement, ...document.querySelectorAll("body, #app, .shell, .panes, .stage, .pane")]
          .filter((element) => element.scrollTop !== 0)
          .map((element) => element.className || element.tagName),
      )
      expect(shifted).toEqual([])
      // WCAG 1.4.10: 320 pixels are enough, without scrolling sideways.
      await page.setViewportSize({ width: 320, height: 568 })
      const wide = await page.evaluate(() =>
        [...document.querySelectorAll("body, .pane, .log, .side-body, .settings-body, .dialog-body, .welcome")]
          .filter((element) => element.scrollWidth > element.clientWidth + 1)
          .map((element) => element.className),
      )
      expect(wide).toEqual([])
      expect(complaints).toEqual([])
      await context.close()
    })
  })
