/** Chromium with the app, its messenger replaced by the fake. One browser for a test file. */
import type { Browser, BrowserContext, Page } from "playwright-core"
import { launch } from "../chromium.ts"
import { serve } from "./serve.ts"

export { launch } from "../chromium.ts"

export const PHONE = { width: 390, height: 844 }
export const DESKTOP = { width: 1280, height: 800 }
export const WIDE = { width: 1440, height: 900 }

export interface Look {
  readonly scene?: string
  readonly hash?: string
  readonly size?: { readonly width: number; readonly height: number }
  readonly dark?: boolean
  /** Past the first screen; the default. */
  readonly started?: boolean
  readonly touch?: boolean
  readonly forcedColors?: boolean
  readonly reducedMotion?: boolean
  /** Before the page goes anywhere. */
  readonly before?: (page: Page) => Promise<unknown>
}

export interface Opened {
  readonly page: Page
  readonly context: BrowserContext
  /** Requests to anywhere but our own server, and what the policy or the page complained of. */
  readonly complaints: Array<string>
}

export interface Stage {
  readonly open: (look?: Look) => Promise<Opened>
  readonly url: string
  readonly close: () => Promise<void>
}

/** Serves a folder of the built app. */
export const stage = async (folder: string): Promise<Stage> => {
  const server = await serve(folder)
  const browser = await launch()
  return {
    url: server.url,
    open: (look = {}) => openPage(browser, server.url, look),
    close: async () => {
      await browser.close()
      await server.close()
    },
  }
}

const openPage = async (browser: Browser, url: string, look: Look): Promise<Opened> => {
  const context = await browser.newContext({
    viewport: look.size ?? DESKTOP,
    colorScheme: look.dark ? "dark" : "light",
    hasTouch: look.touch ?? false,
    isMobile: look.touch ?? false,
    reducedMotion: look.reducedMotion === false ? "no-preference" : "reduce",
    forcedColors: look.forcedColors ? "active" : "none",
    locale: "en-GB",
  })
  if (look.started !== false) {
    const scene = look.scene ?? ""
    const kept = { started: true, sealed: /^(locked|sealed)/.test(scene), hasPasskey: scene.includes("passkey") }
    await context.addInitScript((preferences) => {
      if (localStorage.getItem("sotto.chat.main") === null) localStorage.setItem("sotto.chat.main", preferences)
    }, JSON.stringify(kept))
  }
  const page = await context.newPage()
  const complaints: Array<string> = []
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(url))
      complaints.push(`request ${request.url()}`)
  })
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text())
  })
  page.on("pageerror", (error) => complaints.push(String(error)))
  await look.before?.(page)
  await page.goto(`${url}/?scene=${look.scene ?? "busy"}${look.hash ?? ""}`)
  // Past opening: any whole page, or the shell.
  await page.locator(".welcome:not([aria-busy]), .shell").waitFor()
  return { page, context, complaints }
}
