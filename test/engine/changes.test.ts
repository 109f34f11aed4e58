/** Edits, replies, reactions, deletions and timers, as two people see them. Docs: protocol.md, "Changes". */
import { assert, describe, it } from "vitest"
import type { Contact, Message, MessageChange, SottoError } from "../../src/index.ts"
import { MAX_WAITING_BYTES } from "../../src/machines/session-state.ts"
import { isSettled, pair, person, talk } from "./people.ts"
import { inWorld, type World } from "./world.ts"

const refusal = (world: World, promise: Promise<unknown>) =>
  world.hear(
    promise.then(
      () => "nothing",
      ({ code }: SottoError) => code,
    ),
  )

const together = async (world: World) => {
  const [alice, bob] = [await person(world, { name: "Alice" }), await person(world, { name: "Bob" })]
  const { toAlice, toBob } = await pair(world, alice, bob)
  const arrived = () => world.until("all has arrived", () => isSettled(toAlice) && isSettled(toBob))
  const say = async (contact: Contact, text: string, replyTo?: string) => {
    const sent = await world.hear(contact.send(text, replyTo === undefined ? {} : { replyTo }))
    await arrived()
    return sent
  }
  return { alice, bob, toAlice, toBob, arrived, say }
}

/** What both see must be the same, but for who is who. */
const seenBy = async (world: World, contact: Contact) =>
  (await talk(world, contact)).map(({ deleted, edited, from, id, reactions, replyTo, text, timer }) => ({
    id,
    mine: from === "me",
    text,
    edited,
    deleted,
    replyTo,
    timer,
    reactions: reactions.map(({ emoji, from: by }) => ({ emoji, mine: by === "me" })),
  }))

const mirrored = (seen: Awaited<ReturnType<typeof seenBy>>) =>
  seen.map((one) => ({
    ...one,
    mine: !one.mine,
    reactions: one.reactions.map(({ emoji, mine }) => ({ emoji, mine: !mine })).reverse(),
  }))

const listen = (world: World, contact: Contact) => {
  const heard: Array<MessageChange> = []
  void (async () => {
    for await (const change of contact.changes) {
      world.stir()
      heard.push(change)
    }
  })()
  return heard
}

describe("changes", () => {
  it("reach the other side, and whoever has shown the message before", () =>
    inWorld(async (world) => {
      const { arrived, say, toAlice, toBob } = await together(world)
      const heard = listen(world, toBob)
      const first = await say(toAlice, "helo")
      const answer = await say(toBob, "hello yourself", first.id)
      await world.hear(toAlice.edit(first.id, "hello"))
      await world.hear(toBob.react(first.id, "👍"))
      await world.hear(toAlice.react(first.id, "❤️"))
      await world.hear(toBob.react(first.id, "😂"))
      await arrived()
      const [shown, reply] = await talk(world, toBob)
      assert.deepInclude(shown, { text: "hello", edited: true, deleted: false })
      assert.deepEqual(shown!.reactions, [
        { from: "me", emoji: "😂" },
        { from: toBob.id, emoji: "❤️" },
      ])
      assert.equal(reply!.replyTo, first.id)
      assert.equal(reply!.id, answer.id)
      assert.deepEqual(mirrored(await seenBy(world, toAlice)), await seenBy(world, toBob))
      await world.settle()
      const last = heard.at(-1)
      assert.equal(last?.type === "changed" ? last.message.text : last?.type, "hello")
      assert.equal(toBob.last.get()?.id, answer.id)

      await world.hear(toAlice.delete(first.id, { for: "everyone" }))
      await world.hear(toBob.react(answer.id, null))
      await arrived()
      assert.deepInclude((await talk(world, toBob))[0], { text: "", deleted: true, edited: false, reactions: [] })
      assert.deepEqual(mirrored(await seenBy(world, toAlice)), await seenBy(world, toBob))
      assert.equal(await refusal(world, toBob.react(first.id, "👍")), "messageGone")
    }))

  it("are the sender's to make, of messages that are there, and a reaction is one emoji", () =>
    inWorld(async (world) => {
      const { say, toAlice, toBob } = await together(world)
      const theirs = await say(toAlice, "mine alone")
      assert.equal(await refusal(world, toBob.edit(theirs.id, "yours")), "messageNotOwn")
      assert.equal(await refusal(world, toBob.delete(theirs.id, { for: "everyone" })), "messageNotOwn")
      assert.equal(await refusal(world, toBob.edit("0".repeat(32), "a")), "messageGone")
      assert.equal(await refusal(world, toBob.edit("what", "a")), "messageGone")
      assert.equal(await refusal(world, toAlice.edit(theirs.id, "")), "messageEmpty")
      assert.equal(await refusal(world, toAlice.edit(theirs.id, "x".repeat(65_537))), "messageTooLong")
      assert.equal(await refusal(world, toBob.react(theirs.id, "a")), "optionInvalid")
      assert.equal(await refusal(world, toBob.react(theirs.id, "👍👍")), "optionInvalid")
      assert.equal(await refusal(world, toBob.send("to nothing", { replyTo: "0".repeat(32) })), "messageGone")
    }))

  it("for oneself take the message away wholly, and nothing else", () =>
    inWorld(async (world) => {
      const { arrived, say, toAlice, toBob } = await together(world)
      await say(toAlice, "one")
      const second = await say(toAlice, "two")
      await say(toBob, "three")
      assert.equal(toBob.unread.get(), 2)
      const heard = listen(world, toBob)
      await world.hear(toBob.delete(second.id, { for: "me" }))
      await world.settle()
      const texts = (messages: ReadonlyArray<Message>) => messages.map(({ text }) => text)
      assert.deepEqual(texts(await talk(world, toBob)), ["one", "three"])
      assert.deepEqual(texts(await talk(world, toAlice)), ["one", "two", "three"])
      assert.deepEqual(
        heard.map(({ type }) => type),
        ["removed"],
      )
      assert.equal(toBob.unread.get(), 1)
      // A change of what is gone here changes nothing, and stops nothing.
      await world.hear(toAlice.edit(second.id, "two again"))
      await say(toAlice, "four")
      await arrived()
      assert.deepEqual(texts(await talk(world, toBob)), ["one", "three", "four"])
      await world.hear(toBob.clear())
      assert.deepEqual(await talk(world, toBob), [])
      assert.equal(toBob.unread.get(), 0)
      assert.isUndefined(toBob.last.get())
      await say(toAlice, "five")
      assert.deepEqual(texts(await talk(world, toBob)), ["five"])
    }))

  it("take back what waits: the other side never has it, and misses nothing", () =>
    inWorld(async (world) => {
      const { arrived, bob, say, toAlice, toBob } = await together(world)
      bob.tap.incoming = () => []
      const sent = await world.hear(Promise.all(["a", "b", "c"].map((text) => toBob.send(text))))
      await world.hear(toBob.edit(sent[0]!.id, "a!"))
      await world.hear(toBob.delete(sent[0]!.id, { for: "everyone" }))
      await world.hear(toBob.delete(sent[1]!.id, { for: "me" }))
      await world.pass(2_000)
      bob.tap.incoming = (frame) => [frame]
      await arrived()
      const seen = await talk(world, toAlice)
      assert.deepEqual(
        seen.map(({ gap, text }) => [text, gap]),
        [["c", 0]],
      )
      assert.deepEqual(
        (await talk(world, toBob)).map(({ deleted, text }) => [text, deleted]),
        [
          ["", true],
          ["c", false],
        ],
      )
      await say(toAlice, "all well")
    }))
})

describe("the timer", () => {
  it("is one for both, said by a line, and kept by the messages that were written under it", () =>
    inWorld(async (world) => {
      const { arrived, say, toAlice, toBob } = await together(world)
      await world.hear(toBob.setTimer({ after: "1 hour", from: "sending" }))
      await arrived()
      assert.deepEqual(toAlice.timer.get(), { after: 3_600_000, from: "sending" })
      await say(toAlice, "for an hour")
      await world.hear(toAlice.setTimer({ after: null }))
      await arrived()
      assert.isUndefined(toBob.timer.get())
      await say(toBob, "for ever")
      await world.pass(3_600_000)
      for (const contact of [toAlice, toBob]) {
        const shown = await talk(world, contact)
        assert.deepEqual(
          shown.map(({ kind, text, timer }) => [kind, text, timer?.after]),
          [
            ["timer", "", 3_600_000],
            ["timer", "", undefined],
            ["text", "for ever", undefined],
          ],
        )
        assert.isEmpty(contact.machines.get().filter(({ machine }) => machine === "expiry"))
      }
    }))

  it("set by both at once comes to the same", () =>
    inWorld(async (world) => {
      const { arrived, bob, toAlice, toBob } = await together(world)
      bob.tap.incoming = () => []
      bob.tap.outgoing = () => []
      await world.hear(toBob.setTimer({ after: "1 hour" }))
      await world.hear(toAlice.setTimer({ after: "2 hours" }))
      await world.pass(100)
      bob.tap.incoming = (frame) => [frame]
      bob.tap.outgoing = (frame) => [frame]
      await arrived()
      // Alice made the invite.
      assert.deepEqual([toBob.timer.get()?.after, toAlice.timer.get()?.after], [3_600_000, 3_600_000])
      await world.hear(toAlice.setTimer({ after: "3 hours" }))
      await arrived()
      assert.deepEqual([toBob.timer.get()?.after, toAlice.timer.get()?.after], [10_800_000, 10_800_000])
    }))

  it("from reading counts when it was read, and here when it was delivered", () =>
    inWorld(async (world) => {
      const { say, toAlice, toBob } = await together(world)
      await world.hear(toBob.setTimer({ after: "1 minute", from: "reading" }))
      await say(toBob, "read me")
      await world.pass(61_000)
      assert.deepEqual(
        (await talk(world, toBob)).map(({ kind }) => kind),
        ["timer"],
      )
      const [, unread] = await talk(world, toAlice)
      assert.equal(unread?.text, "read me")
      await world.hear(toAlice.markRead(unread!.cursor))
      await world.pass(59_000)
      assert.lengthOf(await talk(world, toAlice), 2)
      await world.pass(2_000)
      assert.lengthOf(await talk(world, toAlice), 1)
    }))
})

describe("a queue that is full", () => {
  it("says so to whoever writes, and takes what is short or takes something away", () =>
    inWorld(async (world) => {
      const [alice, bob] = [await person(world), await person(world)]
      const invite = await world.hear(alice.me.invite())
      await world.hear(alice.me.close())
      const toAlice = await world.hear(bob.me.accept(invite.url))
      const long = "x".repeat(65_000)
      const results = await world.hear(Promise.allSettled(Array.from({ length: 300 }, () => toAlice.send(long))))
      const sent = results.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []))
      assert.equal(sent.length, Math.floor(MAX_WAITING_BYTES / 65_000))
      for (const one of results) {
        if (one.status === "rejected") assert.deepInclude(one.reason, { code: "busy", retryable: true })
      }
      assert.equal(await refusal(world, toAlice.edit(sent[0]!.id, long)), "busy")
      assert.equal(await refusal(world, toAlice.send("a short one")), "nothing")
      assert.equal(await refusal(world, toAlice.delete(sent[0]!.id, { for: "everyone" })), "nothing")
    }))
})
