/** Driving the chat app as a person would: by roles and accessible names, which the app and the tests share. */
import { spawn, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { BrowserContext, Locator, Page } from "playwright-core"
import { at, of, type Place } from "../../examples/chat/src/names.ts"
import { launchProfile } from "../browser/chromium.ts"

/** The built app. */
export const APP = new URL("../../dist/chat/", import.meta.url)

/** What `npm start` starts, once the app is built: the command itself, in a process of its own, on a free port. */
export const startServe = (): Promise<{ readonly url: string; readonly close: () => Promise<void> }> =>
  new Promise((resolve, reject) => {
    const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url))
    const child = spawn(process.execPath, [main, "serve", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] })
    const ended = new Promise<void>((end) => child.once("close", () => end()))
    const close = () => {
      child.kill("SIGINT")
      return ended
    }
    let printed = ""
    child.stdout.on("data", (part: Buffer) => {
      printed += part.toString()
      const [url] = /http:\/\/127\.0\.0\.1:\d+\//.exec(printed) ?? []
      if (url !== undefined && printed.includes("Ctrl-C")) resolve({ url, close })
    })
    void ended.then(() => reject(new Error(`sotto serve ended. It had printed:\n${printed}`)))
  })

/** One person: a Chromium process of their own, whose profile folder outlives it. */
export interface Person {
  readonly name: string
  readonly folder: string
  readonly context: BrowserContext
  readonly page: Page
  /** Requests that left the app's own origin; there must be none. */
  readonly outside: ReadonlyArray<string>
  readonly find: (place: Place) => Locator
}

/** Starts a Chromium and opens the app. Waits until it can be used. */
export const arrive = async (
  url: string,
  name: string,
  folder = mkdtempSync(join(tmpdir(), "sotto-e2e-")),
): Promise<Person> => {
  const context = await launchProfile(folder)
  const page = context.pages()[0] ?? (await context.newPage())
  const outside: Array<string> = []
  const { origin, host } = new URL(url)
  page.on("request", (request) => {
    const asked = request.url()
    const own = asked.startsWith(origin) || asked.startsWith(`ws://${host}`) || /^(data|blob):/.test(asked)
    if (!own) outside.push(asked)
  })
  page.on("pageerror", (error) => console.error(`${name}: ${error.stack ?? error.message}`))
  const find = (place: Place) => page.getByRole(place.role, { name: place.name, exact: true })
  await page.goto(url)
  return { name, folder, context, page, outside, find }
}

export const leave = async ({ context, folder }: Person, keep = false): Promise<void> => {
  await context.close()
  if (!keep) rmSync(folder, { recursive: true, force: true })
}

/** As the power going: the process and all its children are gone at once. The profile folder stays. */
export const kill = async ({ context, folder }: Person): Promise<void> => {
  spawnSync("pkill", ["-KILL", "-f", `--user-data-dir=${folder}`])
  await context.close().catch(() => undefined)
  // The lock names a process that is gone; Chromium on Linux would ask what to do.
  for (const lock of ["SingletonLock", "SingletonCookie", "SingletonSocket"])
    rmSync(join(folder, lock), { force: true })
}

/** A picture for whoever looks at the run; kept as an artefact, outside git. */
export const pictureOf = async ({ name, page }: Person, what: string): Promise<void> => {
  await page.screenshot({ path: `artifacts/e2e/${name} ${what}.png` })
}

/** The first run: a name, and in. */
export const begin = async ({ find, name }: Person): Promise<void> => {
  await find(at.firstName).fill(name)
  await find(at.start).click()
  await find(at.main).waitFor()
}

export const createInvite = async ({ find }: Person): Promise<string> => {
  await find(at.createInvite).first().click()
  const link = find(at.inviteLink)
  await link.waitFor()
  return link.inputValue()
}

export const useInvite = async ({ find, page }: Person, link: string): Promise<void> => {
  await find(at.useInvite).first().click()
  await find(at.invite).fill(link)
  const connect = page.getByRole("dialog").getByRole("button", { name: at.connect.name, exact: true })
  await connect.click()
}

export const say = async ({ find }: Person, to: string, text: string): Promise<void> => {
  await find(of.composer(to)).fill(text)
  await find(at.send).click()
}

/** A message in the log, as a screen reader says it: who, what, when, and how far it came. */
export const message = ({ find }: Person, chat: string, from: string, text: string): Locator =>
  find(of.log(chat)).getByRole("listitem", { name: new RegExp(`^${from}: ${text}\\. `) })

/** Waits until the log shows a message of the other side. */
export const hears = (person: Person, from: string, text: string): Promise<void> =>
  message(person, from, from, text).waitFor()
