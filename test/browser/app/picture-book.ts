/**
 * Takes a picture of every screen and state, at three sizes, light and dark, into artifacts/screens: to be looked at.
 * Run it with `node test/browser/app/picture-book.ts [part of a name]`.
 */
import { mkdirSync, rmSync } from "node:fs"
import { DESKTOP, PHONE, stage, WIDE } from "./browser.ts"
import { buildApp } from "./build.ts"
import { screens } from "./screens.ts"

const wanted = process.argv[2] ?? ""
const folder = new URL("../../../artifacts/screens/", import.meta.url).pathname
mkdirSync(folder, { recursive: true })
const app = await buildApp()
const theatre = await stage(app)
const looks = [
  { of: "phone", size: PHONE, touch: true },
  { of: "desktop", size: DESKTOP, touch: false },
  { of: "wide", size: WIDE, touch: false },
]
for (const screen of screens.filter(({ name }) => name.includes(wanted))) {
  for (const { of, size, touch } of looks) {
    for (const dark of [false, true]) {
      const { page, context, complaints } = await theatre.open({ ...screen.look, size, touch, dark })
      try {
        await screen.reach?.(page)
        await page.waitForTimeout(350)
      } catch (error) {
        console.error(`${screen.name} ${of}: ${error}`)
      }
      await page.screenshot({ path: `${folder}${screen.name}.${of}.${dark ? "dark" : "light"}.png` })
      if (complaints.length > 0) console.error(`${screen.name} ${of}:`, complaints)
      await context.close()
    }
  }
}
await theatre.close()
rmSync(app, { recursive: true })
