/** Two browsers, and nothing between them but two codes that people carry. */
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { at, of } from "../../examples/chat/src/names.ts"
import { arrive, begin, hears, leave, type Person, say, startServe } from "./app.ts"

describe("by hand", () => {
  let serving: Awaited<ReturnType<typeof startServe>>
  let ana: Person
  let ben: Person

  beforeAll(async () => {
    serving = await startServe()
    ;[ana, ben] = await Promise.all([arrive(serving.url, "Ana"), arrive(serving.url, "Ben")])
    await Promise.all([begin(ana), begin(ben)])
  })
  afterAll(async () => {
    await Promise.all([leave(ana), leave(ben)])
  })

  it("pairs and talks while no broker is there", async () => {
    // The pages are loaded; from here on nobody answers but the other side.
    await serving.close()
    await ana.find(at.createInvite).first().click()
    await ana.find(at.byHandInstead).click()
    const offer = ana.find(at.handCodeText)
    await offer.waitFor()
    const code = await offer.inputValue()
    await ana.find(at.haveReply).click()

    await ben.find(at.useInvite).first().click()
    await ben.find(at.invite).fill(code)
    await ben.page.getByRole("dialog").getByRole("button", { name: at.connect.name, exact: true }).click()
    const reply = ben.find(at.handCodeText)
    await reply.waitFor()
    await ana.find(at.handReply).fill(await reply.inputValue())
    await ana.find(at.continue).click()

    await ben.page.getByRole("dialog").getByText("Connected.").waitFor()
    for (const person of [ana, ben]) await person.page.keyboard.press("Escape")
    await say(ben, "Ana", "no broker in sight")
    await ana.page.getByRole("option", { name: /^Ben/ }).click()
    await hears(ana, "Ben", "no broker in sight")
    await say(ana, "Ben", "none at all")
    await hears(ben, "Ana", "none at all")
    assert.isTrue(await ana.find(of.log("Ben")).isVisible())
  })
})
