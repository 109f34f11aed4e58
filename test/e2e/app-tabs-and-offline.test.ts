/**
 * One person, one browser, the real engine: two tabs, two profiles, a server that is gone. What two people do together is in
 * two-browsers.test.ts.
 */
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { at, of } from "../../examples/chat/src/names.ts"
import { type Serving, serve } from "../../src/cli/serve.ts"
import { APP, arrive, begin, createInvite, leave, message, type Person, say } from "./app.ts"

const findIn = (page: Person["page"]) => (place: (typeof at)[keyof typeof at]) =>
  page.getByRole(place.role, { name: place.name, exact: true })

describe("one browser", () => {
  let serving: Serving
  let ana: Person

  beforeAll(async () => {
    serving = await serve({ host: "127.0.0.1", port: 0, brokerOnly: false, files: APP })
    ana = await arrive(serving.url, "Ana")
    await begin(ana)
  })
  afterAll(async () => {
    await leave(ana)
    await serving.close()
  })

  it("shows a second tab of the same profile who has it; Use here moves it there and back", async () => {
    const second = await ana.context.newPage()
    await second.goto(serving.url)
    await second.getByText("Sotto is open in another tab.").waitFor()
    await findIn(second)(at.useHere).click()
    await findIn(second)(at.main).waitFor()
    await ana.page.getByText("This tab has stopped").waitFor()
    await ana.find(at.useHere).click()
    await ana.find(at.main).waitFor()
    await second.getByText("This tab has stopped").waitFor()
    await second.close()
  })

  it("keeps an invite that came to the second tab until it can be used", async () => {
    const second = await ana.context.newPage()
    await second.goto(`${serving.url}#sotto1_not-a-real-one`)
    await findIn(second)(at.useHere).click()
    assert.strictEqual(await findIn(second)(at.invite).inputValue(), "sotto1_not-a-real-one")
    assert.notInclude(second.url(), "not-a-real-one")
    // The first goes on by itself as soon as nobody else has the profile.
    await second.close()
    await ana.find(at.main).waitFor()
  })

  it("is two people in two profiles, who can talk to each other", async () => {
    const other = await ana.context.newPage()
    await other.goto(`${serving.url}?profile=ben`)
    const find = findIn(other)
    await find(at.firstName).fill("Ben")
    await find(at.start).click()
    const link = await createInvite(ana)
    assert.notInclude(link, "profile=")
    await find(at.useInvite).first().click()
    await find(at.invite).fill(link)
    await find(at.connect).click()
    await other.getByRole("textbox", { name: of.composer("Ana").name }).waitFor()
    await ana.find(of.composer("Ben")).waitFor()
    await say(ana, "Ben", "from one tab to the other")
    await other.getByText("from one tab to the other").last().waitFor()
    await other.close()
  })

  it("says what waits, and opens with everything in it when the server is gone", async () => {
    await say(ana, "Ben", "for later")
    await message(ana, "Ben", "You", "for later").waitFor()
    await ana.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    await serving.close()
    await ana.page.reload()
    await ana.page.getByRole("option", { name: /^Ben/ }).click()
    await message(ana, "Ben", "You", "from one tab to the other").waitFor()
    await message(ana, "Ben", "You", "for later").waitFor()
    const kept = await ana.page.evaluate(async () => {
      const urls: Array<string> = []
      for (const name of await caches.keys()) {
        for (const request of await (await caches.open(name)).keys()) urls.push(new URL(request.url).pathname)
      }
      return urls
    })
    assert.isTrue(
      kept.every((path) => /^\/($|assets\/|icon\.svg$|manifest\.webmanifest$)/.test(path)),
      kept.join(" "),
    )
  })
})
