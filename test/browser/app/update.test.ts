/** A new version: it waits until the person agrees, and then replaces every kept file. */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { at } from "../../../examples/chat/src/names.ts"
import { type Stage, stage } from "./browser.ts"
import { find } from "./hands.ts"

describe("an update", () => {
  let theatre: Stage
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sotto-update-"))
    await cp(inject("app"), folder, { recursive: true })
    theatre = await stage(folder)
  })
  afterAll(async () => {
    await theatre.close()
    await rm(folder, { recursive: true })
  })

  /** Publishes what a later build would be: other bytes, another number. */
  const publish = async (version: string) => {
    const file = join(folder, "service-worker.js")
    const code = await readFile(file, "utf8")
    const numbered = code.replace(/[`"]\d+\.\d+\.\d+[`"]/, `"${version}"`)
    await writeFile(file, numbered.replace(/sotto-\$\{"\w+"\}/, `sotto-\${"${version}"}`))
  }

  test("is offered with its number, can be put off, and is taken on request", async () => {
    const { page, context } = await theatre.open()
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready
    })
    await page.reload()
    await publish("9.9.1")
    await page.reload()
    await page.getByText("Version 9.9.1 is ready.").waitFor()
    await find(page, at.later).click()
    await page.getByText("Version 9.9.1 is ready.").waitFor({ state: "detached" })
    await page.reload()
    await Promise.all([page.waitForEvent("load"), find(page, at.update).click()])
    await find(page, at.main).waitFor()
    await page.waitForFunction(async () => (await caches.keys()).join() === "sotto-9.9.1")
    expect(await page.getByText("is ready.").count()).toBe(0)
    await context.close()
  })
})
