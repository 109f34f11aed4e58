/** Two people with a browser each, through `sotto serve`: they pair by a link, talk, and go on after one was killed. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
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

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url))

/** In which state each machine is, by its id, as "Look inside" has it. */
const machinesOf = async ({ find }: Person): Promise<ReadonlyMap<string, string>> => {
  const rails = await find(at.inside)
    .locator(".rails > li")
    .evaluateAll((all) =>
      all.map((rail) => [".rail-name strong", ".rail-now"].map((part) => rail.querySelector(part)?.textContent ?? "")),
    )
  // Set for reading there: ` › ` is a dot, ` · ` stands between states side by side.
  return new Map(rails.map(([id = "", state = ""]) => [id, state.replaceAll(" › ", ".").replaceAll(" · ", " ")]))
}

/** A recording as the app saves it and \`sotto inspect\` reads it, taken while no machine moved. */
const recordingOf = async (person: Person) => {
  for (;;) {
    const shown = await machinesOf(person)
    const coming = person.page.waitForEvent("download")
    await person.find(at.saveRecording).click()
    const file = await (await coming).path()
    const { status, stdout } = spawnSync(process.execPath, [MAIN, "inspect", file, "--text"], { encoding: "utf8" })
    assert.strictEqual(status, 0)
    // The last word on each machine: `session/main FrameArrived: from → to [commands]`.
    const recorded = new Map(
      [...stdout.matchAll(/ (\w+\/\S+) \S+: .*?→ ([^[\n]*)/g)].map(([, id = "", to = ""]) => [id, to.trim()]),
    )
    const after = await machinesOf(person)
    const isStill = JSON.stringify([...shown]) === JSON.stringify([...after])
    if (isStill && [...shown].every(([id, state]) => (recorded.get(id) ?? state) === state)) return { recorded, shown }
  }
}

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

  it("save what happened, and sotto inspect shows every machine where the app shows it", async () => {
    await ana.find(at.lookInside).click()
    await ana.find(at.saveRecording).waitFor()
    await say(ben, "Ana", "look inside")
    await hears(ana, "Ben", "look inside")
    const { recorded, shown } = await recordingOf(ana)
    assert.includeMembers([...recorded.keys()], ["session/main"])
    assert.include(shown.get("session/main"), "conversation.established")
    for (const [id, state] of recorded) if (shown.has(id)) assert.strictEqual(state, shown.get(id), id)
  })

  it("asked nobody else for anything", () => {
    assert.deepStrictEqual([...ana.outside, ...ben.outside], [])
  })
})
