/** The terminal follows what becomes of messages: two real messengers, and what one of them would print. */
import { assert, describe, it } from "vitest"
import { lengthOf, makeFollower } from "../../src/cli/lines.ts"
import { commandsOf } from "../../src/cli/talking.ts"
import { makeDice } from "../../src/spec/simulation/dice.ts"
import { fastCrypto } from "../../src/spec/simulation/fast-crypto.ts"
import { randomFrom } from "../../src/spec/simulation/seeded.ts"
import { isSettled, pair, person } from "../engine/people.ts"
import { inWorld, type World } from "../engine/world.ts"

const terminal = async (world: World) => {
  let seed = 0
  const begin = (name: string) => person(world, { name, crypto: fastCrypto(randomFrom(makeDice(++seed))) })
  const { bob, toAlice, toBob } = await pair(world, await begin("Alice"), await begin("Bob"))
  const printed: Array<string> = []
  const say = (line: string) => {
    world.stir()
    printed.push(line)
  }
  const follower = makeFollower(toAlice, say)
  void (async () => {
    for await (const change of toAlice.changes) {
      if (change.type === "changed") follower.changed(change.message)
      else if (change.type === "removed") follower.removed(change.cursor)
    }
  })()
  void (async () => {
    for await (const message of toAlice.messages()) follower.entry(message)
  })()
  const arrived = () => world.until("all has arrived", () => isSettled(toAlice) && isSettled(toBob))
  const type = async (line: string) => {
    await world.hear(commandsOf(toAlice, say, follower)(line))
    await arrived()
  }
  const since = () => printed.splice(0).filter((line) => !line.startsWith("✓✓"))
  return { bob, toAlice, toBob, arrived, type, since }
}

describe("the terminal", () => {
  it("says what is edited, deleted, reacted to and set, by either side", () =>
    inWorld(async (world) => {
      const { arrived, since, toBob, type } = await terminal(world)
      const first = await world.hear(toBob.send("helo\nBob: a line of somebody else's"))
      await arrived()
      assert.deepEqual(since(), ["Alice: helo\n    Bob: a line of somebody else's"])
      await world.hear(toBob.edit(first.id, "hello"))
      await arrived()
      assert.deepEqual(since(), ["(Alice changed: helo Bob: a line of some… → hello)"])
      await type("/react 👍")
      assert.deepEqual(since(), ["(You 👍 to: hello)"])
      await type("mine")
      await world.hear(toBob.react((await world.hear(toBob.history())).at(-1)!.id, "❤️"))
      await arrived()
      assert.deepEqual(since(), ["(Alice ❤️ to: mine)"])
      await type("/edit mine, better")
      assert.deepEqual(since(), ["(You changed: mine → mine, better)"])
      await type("/delete")
      assert.deepEqual(since(), ["(You deleted: mine, better)"])
      await world.hear(toBob.delete(first.id, { for: "everyone" }))
      await arrived()
      assert.deepEqual(since(), ["(Alice deleted: hello)"])
      await type("/timer 1 minute")
      await world.hear(toBob.send("not for long"))
      await arrived()
      const [set, text, length] = since()
      assert.match(set!, /^\(You set messages to disappear 1 minute after/)
      assert.deepEqual([text, length], ["Alice: not for long", "  (disappears 1 minute after reading)"])
      await type("/timer off")
      assert.deepEqual(since(), ["(You turned disappearing messages off.)"])
      await type("/nothing")
      assert.deepEqual(since(), ["! there is no /nothing"])
    }))

  it("says that a message has disappeared", () =>
    inWorld(async (world) => {
      const { arrived, since, toBob, type } = await terminal(world)
      await type("/timer 1 minute")
      const setting = await world.hear(toBob.setTimer({ after: "1 minute", from: "sending" }))
      await arrived()
      await world.hear(toBob.send("soon gone"))
      await arrived()
      since()
      await world.pass(61_000)
      assert.match(since().join(), /a message has disappeared/)
      return setting
    }))

  it("counts in the largest unit that fits", () => {
    assert.deepEqual([1_000, 90_000, 3_600_000, 172_800_000].map(lengthOf), [
      "1 second",
      "90 seconds",
      "1 hour",
      "2 days",
    ])
  })
})
