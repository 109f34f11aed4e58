/** Two people with a browser each, through `sotto serve`: they pair by a link, talk, and go on after one was killed. */
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { at, of } from "../../examples/chat/src/names.ts"
import {
  arrive,
  begin,
  createInvite,
  hears,
  kill,
  leave,
  message,
  type Person,
  pictureOf,
  say,
  startServe,
  useInvite,
} from "./app.ts"

describe("two browsers", () => {
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
    await serving.close()
  })

  it("pair by a link that is used once", async () => {
    const link = await createInvite(ana)
    assert.isBelow(new URL(link).hash.length, 301)
    await useInvite(ben, link)
    await Promise.all([ana.find(of.composer("Ben")).waitFor(), ben.find(of.composer("Ana")).waitFor()])
    assert.notInclude(ben.page.url(), "sotto1_", "the secret must not stay in the address bar")
  })

  it("exchange a hundred messages, in order, each once", async () => {
    for (let i = 0; i < 50; i++) {
      await Promise.all([say(ana, "Ben", `ana ${i}`), say(ben, "Ana", `ben ${i}`)])
    }
    await Promise.all([hears(ben, "Ana", "ana 49"), hears(ana, "Ben", "ben 49")])
    for (const [person, other, own] of [
      [ana, "Ben", "ana"],
      [ben, "Ana", "ben"],
    ] as const) {
      const rows = await person.find(of.log(other)).getByRole("listitem").all()
      const names = await Promise.all(rows.map((row) => row.getAttribute("aria-label")))
      const theirs = names
        .filter((name) => name?.startsWith(`${other}: `))
        .map((name) => Number(/ (\d+)\. /.exec(name ?? "")?.[1]))
      const last = theirs.at(-1)
      assert.strictEqual(last, 49, `${own} sees the last message last`)
      assert.deepStrictEqual(
        theirs,
        theirs.map((_, i) => 49 - theirs.length + 1 + i),
        "no gap, nothing twice",
      )
    }
    await message(ana, "Ben", "You", "ana 49")
      .and(ana.page.getByRole("listitem", { name: /Read\.$/ }))
      .waitFor()
  })

  it("see the same safety number", async () => {
    const numbers = await Promise.all(
      [
        [ana, "Ben"],
        [ben, "Ana"],
      ].map(async ([who, other]) => {
        const person = who as Person
        await person.find(at.details).click()
        await person.find(at.compareNumbers).last().click()
        const number = await person.page
          .getByRole("dialog")
          .getByRole(at.safetyNumber.role, { name: at.safetyNumber.name })
          .textContent()
        await pictureOf(person, `verify ${String(other)}`)
        await person.page.keyboard.press("Escape")
        return (number ?? "").replaceAll(/\D/g, "")
      }),
    )
    assert.match(numbers[0]!, /^\d{60}$/)
    assert.strictEqual(numbers[0], numbers[1])
  })

  it("go on after one of them was killed, without pairing again", async () => {
    await kill(ben)
    await say(ana, "Ben", "while you were gone")
    ben = await arrive(serving.url, "Ben", ben.folder)
    await ben.page.getByRole("option", { name: /^Ana/ }).click()
    await hears(ben, "Ana", "while you were gone")
    await hears(ben, "Ana", "ana 49")
    await say(ben, "Ana", "I am back")
    await hears(ana, "Ben", "I am back")
    await pictureOf(ana, "after the crash")
  })

  it("asked nobody else for anything", () => {
    assert.deepStrictEqual([...ana.outside, ...ben.outside], [])
  })
})
