/** From the first screen to a connection: the name, the invite made, the invite used, the codes by hand. */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { at, of } from "../../../examples/chat/src/names.ts"
import { type Stage, stage } from "./browser.ts"
import { controls, find } from "./hands.ts"

describe("beginning", () => {
  let theatre: Stage
  beforeAll(async () => {
    theatre = await stage(inject("app"))
  })
  afterAll(() => theatre.close())

  test("a name is optional, and leads straight in; the next visit does not ask again", async () => {
    const { page, context } = await theatre.open({ started: false, scene: "empty" })
    await page.waitForFunction(() => "fake" in globalThis)
    expect(await controls(page, (fake) => fake.opened)).toBe(0)
    await find(page, at.start).click()
    await find(page, at.createInvite).waitFor()
    expect(await controls(page, (fake) => fake.options?.name)).toBeUndefined()
    await page.reload()
    await find(page, at.createInvite).waitFor()
    await context.close()
  })

  test("the secret of an invite is gone from the address before anything else happens, and from the history", async () => {
    const { page, context } = await theatre.open({ started: false, scene: "empty", hash: "#sotto1_verysecret" })
    expect(page.url()).not.toContain("verysecret")
    await find(page, at.start).click()
    await find(page, at.invite).waitFor()
    expect(await find(page, at.invite).inputValue()).toBe("sotto1_verysecret")
    expect(await page.evaluate(() => performance.getEntriesByType("navigation").length + history.length)).toBe(3)
    await page.goBack()
    expect(page.url()).not.toContain("verysecret")
    await context.close()
  })

  test("an invite pasted into the address of an open Sotto is taken as well", async () => {
    const { page, context } = await theatre.open({ scene: "empty" })
    await page.evaluate(() => {
      location.hash = "sotto1_later"
    })
    await find(page, at.useInviteDialog).waitFor()
    expect(page.url()).not.toContain("later")
    await context.close()
  })

  test("looking at an invite contacts nobody; Connect does", async () => {
    const { page, context, complaints } = await theatre.open({ hash: "#sotto1_abc" })
    const before = await controls(page, (fake) => fake.accepted)
    await page.getByText("broker.example:9000").waitFor()
    await page.getByText("Nothing proves it yet").waitFor()
    expect(before).toBe(0)
    expect(await controls(page, (fake) => fake.accepted)).toBe(0)
    await find(page, at.connect).click()
    await find(page, at.progress).waitFor()
    expect(await controls(page, (fake) => fake.accepted)).toBe(1)
    expect(complaints).toEqual([])
    await context.close()
  })

  test("what is no invite is refused with a sentence, and Connect stays shut", async () => {
    const { page, context } = await theatre.open({ scene: "empty" })
    await find(page, at.useInvite).click()
    await find(page, at.invite).fill("hello")
    await page.getByText("not a Sotto invite").waitFor()
    expect(await find(page, at.connect).isDisabled()).toBe(true)
    await context.close()
  })

  test("an invite waits, is found again in the list, and opens the conversation when somebody joins", async () => {
    const { page, context } = await theatre.open()
    await find(page, at.newChat).click()
    await find(page, at.createInvite).click()
    expect(await find(page, at.inviteLink).inputValue()).toContain("#sotto1")
    await page.getByText("Keep Sotto open until they join.").waitFor()
    await page.keyboard.press("Escape")
    await page.getByText("Invite waiting").click()
    await find(page, at.inviteCode).waitFor()
    await controls(page, (fake) => fake.join())
    await find(page, of.log("Ana")).waitFor()
    await page.getByRole("dialog").waitFor({ state: "detached" })
    await context.close()
  })

  test("a cancelled invite says so, and another can be made", async () => {
    const { page, context } = await theatre.open({ scene: "empty" })
    await find(page, at.createInvite).click()
    await find(page, at.cancelInvite).click()
    await page.getByText("It works no more").waitFor()
    await find(page, at.createAnother).click()
    await find(page, at.inviteLink).waitFor()
    await context.close()
  })

  test("by hand: show the code, take the reply; a wrong one says so", async () => {
    const { page, context } = await theatre.open()
    await find(page, at.newChat).click()
    await find(page, at.byHand).click()
    await find(page, at.handCode).waitFor()
    await find(page, at.haveReply).click()
    await find(page, at.handReply).fill("wrong")
    await find(page, at.continue).click()
    await page.getByText("not a code that Sotto made").waitFor()
    await find(page, at.handReply).fill("right")
    await find(page, at.continue).click()
    await find(page, of.log("Ana")).waitFor()
    await context.close()
  })

  test("connecting shows five steps, of which one is now", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/dunja" })
    const steps = find(page, at.progress).getByRole("listitem")
    expect(await steps.count()).toBe(5)
    expect(await page.locator("[aria-current=step]").textContent()).toContain("Agree keys")
    await controls(page, (fake) => {
      const contact = fake.contact("dunja")
      contact?.session.set({ ...contact.session.get(), step: "layers" })
    })
    await page.locator("[aria-current=step]", { hasText: "Start four layers" }).waitFor()
    await context.close()
  })

  test("a refused answer names its cause and its remedy", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/dunja" })
    await controls(page, (fake) => fake.emit({ type: "handshakeRefused", contact: "dunja", reason: "invalid" }))
    await page.getByText("keys that do not fit this invite").waitFor()
    await find(page, at.useInvite).waitFor()
    await context.close()
  })

  test("open elsewhere: Use here opens it here", async () => {
    const { page, context } = await theatre.open({ scene: "elsewhere" })
    await page.getByText("Two at once could damage your keys.").waitFor()
    await page.clock.install()
    await find(page, at.useHere).click()
    await page.clock.fastForward(5_000)
    await find(page, at.main).waitFor()
    await context.close()
  })

  test("no storage: one can go on without, and is told what that means", async () => {
    const { page, context } = await theatre.open({ scene: "problem-storageDenied" })
    await page.getByRole("heading", { name: "This browser keeps nothing here" }).waitFor()
    await page.getByRole("button", { name: "go on without keeping anything" }).click()
    await page.getByText("Nothing is kept").waitFor()
    await context.close()
  })

  test("a browser that lacks what is needed is told what", async () => {
    const { context } = await theatre.open({ scene: "empty" })
    const page = await context.newPage()
    await page.addInitScript(() => Reflect.deleteProperty(globalThis, "RTCPeerConnection"))
    await page.goto(theatre.url)
    await page.getByText("It lacks direct connections (WebRTC)").waitFor()
    await context.close()
  })
})
