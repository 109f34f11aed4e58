/** One screen or state of the app, and how to get there. */
import type { Page } from "playwright-core"
import type { Look } from "../browser.ts"

export interface Screen {
  readonly name: string
  readonly look: Look
  readonly reach?: (page: Page) => Promise<unknown>
}
