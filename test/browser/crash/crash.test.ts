/**
 * Tabs of a real Chromium over IndexedDB: one that crashes again and again, and two of one profile that take the place from each
 * other, while both sides write. Nothing that was accepted is lost, nothing is shown twice or out of order. `CRASHES=…` and
 * `TURNS=…` scale it; the moments come from a printed seed. Docs: simulator.md, "Real crashes".
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { BrowserContext, Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { type Contact, createMessenger, type Messenger } from "../../../src/index.ts"
import { type ExpiryObservation, expiryInvariants, type Look } from "../../../src/spec/invariants/expiry.ts"
import { violations } from "../../../src/spec/invariants/invariant.ts"
import { makeDice } from "../../../src/spec/simulation/dice.ts"
import { type Carried, carried } from "../../spec/carried.ts"
import { allOf } from "../../spec/history.ts"
import { faultsOf } from "../../spec/kept.ts"
import { bundle as bundled, launchProfile, openPage } from "../chromium.ts"
import type * as Inside from "./crash-page.ts"

declare const bundle: typeof Inside

const CRASHES = Number(process.env["CRASHES"] ?? 20)
const TURNS = Number(process.env["TURNS"] ?? 20)
const SEED = Number(process.env["CRASH_SEED"] ?? 1)
/** The longest that a tab writes before something befalls it, in milliseconds. */
const LONGEST = 80
/** How long nothing may change, in milliseconds, before we say that it does not go on. */
const PATIENCE = 60_000

let script: string
let folder: string
let context: BrowserContext
beforeAll(async () => {
  script = await bundled(new URL("./crash-page.ts", import.meta.url))
  folder = mkdtempSync(join(tmpdir(), "sotto-crash-"))
  context = await launchProfile(folder)
})
afterAll(async () => {
  await context?.close()
  rmSync(folder, { recursive: true, force: true })
})

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Waits until nothing is missing, for as long as it becomes less. */
const untilNothing = async (what: string, missing: () => Promise<number>) => {
  let least = Number.POSITIVE_INFINITY
  for (let end = Date.now() + PATIENCE; ; ) {
    const left = await missing()
    if (left === 0) return
    if (left < least) end = Date.now() + PATIENCE
    least = Math.min(least, left)
    if (Date.now() > end) throw new Error(`${what} at ${least}, and it does not become less`)
    await pause(50)
  }
}

const until = (what: string, holds: () => Promise<boolean>) =>
  untilNothing(`it never came to this: ${what}; it stands`, async () => ((await holds()) ? 0 : 1))

/** A peer in this process, and tabs that it talks with. */
const world = async () => {
  const tabs = new Map<Page, Set<string>>()
  const accepted = new Set<string>()
  let hear: (message: Carried) => void = () => {}
  const me: Messenger = await createMessenger({
    transports: [
      carried({
        tell: (message) => {
          // Only the tab that has the place knows the address or the link; one that has crashed hears nothing.
          for (const tab of tabs.keys()) void tab.evaluate((one) => bundle.hear(one), message).catch(() => {})
        },
        hear: (fn) => {
          hear = fn
        },
      }),
    ],
    appUrl: "https://chat.example/",
    name: "Here",
  })
  return {
    me,
    accepted,
    open: async (): Promise<Page> => {
      const page = await openPage(context, script)
      const links = new Set<string>()
      await page.exposeFunction("carry", (message: Carried) => {
        links.add(message.link)
        hear(message)
      })
      await page.exposeFunction("accepted", (id: string) => void accepted.add(id))
      tabs.set(page, links)
      return page
    },
    crash: async (page: Page): Promise<void> => {
      const session = await context.newCDPSession(page)
      const gone = page.waitForEvent("crash")
      void session.send("Page.crash").catch(() => {})
      await gone
      const links = tabs.get(page)!
      tabs.delete(page)
      for (const link of links) hear({ type: "close", link })
      await page.close()
    },
  }
}

/** Everything is there once, in order, on both sides. `tab` has the place, and writes no more. */
const judge = async (contact: Contact, tab: Page, written: ReadonlyArray<string>, accepted: ReadonlySet<string>) => {
  await untilNothing("messages that have not arrived remain", async () => {
    const there = (await tab.evaluate(() => bundle.conversation())).filter(({ mine }) => mine)
    const here = (await allOf(contact)).filter(({ from }) => from === "me")
    const states = [...there.map(({ state }) => state), ...here.map(({ state }) => state!.get())]
    return states.filter((state) => state !== "delivered" && state !== "read").length
  })
  const there = await tab.evaluate(() => bundle.conversation())
  const here = await allOf(contact)
  const theirs = here.filter(({ from }) => from !== "me")
  const faults = faultsOf({
    written,
    arrived: there.filter(({ mine }) => !mine).map(({ id }) => id),
    accepted,
    own: there.filter(({ mine }) => mine).map(({ id }) => id),
    shown: theirs,
  })
  assert.deepEqual(faults, [])
  assert.isTrue(there.every(({ gap }) => gap === 0))
  return theirs.length
}

describe("a tab that crashes", () => {
  it("loses nothing, and shows nothing twice", { timeout: 300_000 }, async () => {
    console.log(`seed ${SEED}, ${CRASHES} crashes`)
    const dice = makeDice(SEED)
    const { accepted, crash, me, open } = await world()
    const invite = await me.invite({ expiresIn: "1 day" })
    const written: Array<string> = []
    let tab = await open()
    await tab.evaluate(() => bundle.start("crashing", true))
    await tab.evaluate((text) => bundle.accept(text), invite.url)
    const contact = await invite.joined()
    for (let life = 1; life <= CRASHES; life++) {
      await tab.evaluate((name) => bundle.write(name), `life${life}`)
      written.push((await contact.send(`to life ${life}`)).id)
      await pause(dice.upTo(LONGEST))
      await crash(tab)
      tab = await open()
      const starting = tab.evaluate(() => bundle.start("crashing", true))
      // Now and then it crashes while it is still starting.
      if (dice.chance(0.1) && life < CRASHES) {
        starting.catch(() => {})
        await crash(tab)
        life += 1
        tab = await open()
        await tab.evaluate(() => bundle.start("crashing", true))
      } else await starting
    }
    const count = await judge(contact, tab, written, accepted)
    console.log(`${CRASHES} crashes, ${written.length} messages to it, ${count} from it`)
    assert.isAtLeast(count, accepted.size)
    await me.close()
    await tab.close()
  })
})

const WORDS = ["canary said", "canary instead", "canary answered"] as const
/** How long it all stays: long enough to be written first, in milliseconds. */
const STAYS = 10_000

describe("what disappears from a tab", () => {
  it("is in no record of IndexedDB, also where the tab crashed before its time (EX-1)", {
    timeout: 300_000,
  }, async () => {
    const { crash, me, open } = await world()
    const invite = await me.invite({ expiresIn: "1 day" })
    let tab = await open()
    await tab.evaluate(() => bundle.start("vanishing", true))
    await tab.evaluate((text) => bundle.accept(text), invite.url)
    const contact = await invite.joined()
    await contact.setTimer({ after: STAYS, from: "sending" })
    await until("the tab knows", async () => (await tab.evaluate(() => bundle.timer())) === STAYS)
    const kept = () => tab.evaluate((words) => bundle.wordsIn(words), WORDS)
    await tab.evaluate(([said, instead]) => bundle.writeOver(said, instead), WORDS)
    await (await contact.send(WORDS[2])).until("delivered")
    assert.includeMembers([...(await kept())], [WORDS[1], WORDS[2]], "the scan sees what is there")
    await crash(tab)
    await pause(STAYS)
    tab = await open()
    await tab.evaluate(() => bundle.start("vanishing", true))
    await until("all of it has disappeared", async () => (await kept()).length === 0)
    const shown = await tab.evaluate(() => bundle.texts())
    const look: Look = { after: "a crash, and its time", over: WORDS, kept: await kept(), shown, frames: 0 }
    assert.deepEqual(violations(expiryInvariants, { disks: [[look]] } satisfies ExpiryObservation), [])
    await me.close()
    await tab.close()
  })
})

describe("two tabs of one profile that hammer", () => {
  it("and take the place from each other lose nothing, and show nothing twice", { timeout: 300_000 }, async () => {
    console.log(`seed ${SEED}, ${TURNS} turns`)
    const dice = makeDice(SEED)
    const { accepted, me, open } = await world()
    const invite = await me.invite({ expiresIn: "1 day" })
    const written: Array<string> = []
    const tabs = [await open(), await open()] as const
    await tabs[0].evaluate(() => bundle.start("shared", true))
    await tabs[0].evaluate((text) => bundle.accept(text), invite.url)
    const contact = await invite.joined()
    await tabs[1].evaluate(() => bundle.start("shared", false))
    assert.strictEqual(await tabs[1].evaluate(() => bundle.status()), "elsewhere")
    for (const [i, tab] of tabs.entries()) await tab.evaluate((name) => bundle.write(name), `tab${i}`)
    for (let turn = 1; turn <= TURNS; turn++) {
      written.push((await contact.send(`in turn ${turn}`)).id)
      await pause(dice.upTo(LONGEST))
      await tabs[(turn % 2) as 0 | 1].evaluate(() => bundle.takeOver())
    }
    await Promise.all(tabs.map((tab) => tab.evaluate(() => bundle.rest())))
    const owner = tabs[(TURNS % 2) as 0 | 1]
    const count = await judge(contact, owner, written, accepted)
    console.log(`${TURNS} turns, ${written.length} messages to them, ${count} from them`)
    assert.isAtLeast(count, accepted.size)
    await me.close()
    for (const tab of tabs) await tab.close()
  })
})
