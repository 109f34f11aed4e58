/** Messages as a user reads and writes them. */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { assert, describe, it } from "vitest"
import { type Message, SottoError, type SottoErrorCode } from "../../src/index.ts"
import { pair, person, talk, textsFrom } from "./people.ts"
import { inWorld, type World } from "./world.ts"

const refusal = (world: World, promise: Promise<unknown>): Promise<SottoErrorCode | "nothing"> =>
  world.hear(
    promise.then(
      () => "nothing" as const,
      (error: unknown) => {
        assert.instanceOf(error, SottoError)
        return (error as SottoError).code
      },
    ),
  )

/** Reads until told to stop. */
const reader = (world: World, source: AsyncIterable<Message>) => {
  const read: Array<string> = []
  const iterator = source[Symbol.asyncIterator]()
  const reading = (async () => {
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      world.stir()
      read.push(next.value.text)
    }
  })()
  return { read, stop: () => world.hear(Promise.all([iterator.return!(), reading])) }
}

/** Lets go of whatever nothing holds. */
const collectGarbage = async () => {
  setFlagsFromString("--expose-gc")
  const gc = runInNewContext("gc") as () => void
  for (let i = 0; i < 3; i++) {
    // What a WeakRef was asked for is held until the end of the job.
    await new Promise((resolve) => setImmediate(resolve))
    gc()
  }
}

describe("messages", () => {
  it("are waited for by whoever asked, also when nobody holds anything but the promise", () =>
    inWorld(async (world) => {
      const alice = await person(world)
      const bob = await person(world)
      const { toBob } = await pair(world, alice, bob)
      await world.hear(bob.me.close())
      const arrived = (await world.hear(toBob.send("hello"))).until("delivered")
      // The conversation itself holds its last message.
      await world.hear(toBob.send("anybody there?"))
      await collectGarbage()
      await person(world, { shelves: bob.shelves })
      await world.hear(arrived)
    }))

  it("are read from a cursor on, first what is there, then what comes", () =>
    inWorld(async (world) => {
      const { toAlice, toBob } = await pair(world, await person(world), await person(world))
      for (const text of ["a", "b", "c"]) await world.hear((await world.hear(toAlice.send(text))).until("delivered"))
      const all = reader(world, toBob.messages())
      const second = (await talk(world, toBob))[1]!
      const some = reader(world, toBob.messages({ after: second.cursor }))
      await world.until("history is read", () => all.read.length === 3)
      assert.deepEqual(some.read, ["c"])
      await world.hear(toBob.send("mine"))
      await world.hear((await world.hear(toAlice.send("d"))).until("delivered"))
      await world.until("the new ones are read", () => all.read.length === 5 && some.read.length === 3)
      assert.deepEqual(all.read, ["a", "b", "c", "mine", "d"])
      assert.deepEqual(some.read, ["c", "mine", "d"])
      await all.stop()
      await world.hear((await world.hear(toAlice.send("e"))).until("delivered"))
      await world.until("the other goes on", () => some.read.length === 4)
      assert.lengthOf(all.read, 5)
      await some.stop()
    }))

  it("are read whole where there are more than a page", () =>
    inWorld(async (world) => {
      const { toAlice, toBob } = await pair(world, await person(world), await person(world))
      const texts = Array.from({ length: 130 }, (_, i) => `${i}`)
      await world.hear(Promise.all(texts.map((text) => toAlice.send(text))))
      const all = reader(world, toBob.messages())
      await world.until("they are read", () => all.read.length === texts.length)
      assert.deepEqual(all.read, texts)
      await all.stop()
      const last = await world.hear(toBob.history({ limit: 10 }))
      assert.deepEqual(
        last.map(({ text }) => text),
        texts.slice(-10),
      )
      const before = await world.hear(toBob.history({ before: last[0]!.cursor, limit: 5 }))
      assert.deepEqual(
        before.map(({ text }) => text),
        texts.slice(-15, -10),
      )
    }))

  it("are there before the other side is paired, and arrive in order", () =>
    inWorld(async (world) => {
      const alice = await person(world)
      const bob = await person(world)
      const invite = await world.hear(alice.me.invite())
      const toAlice = await world.hear(bob.me.accept(invite.url))
      const early = await world.hear(Promise.all(["one", "two"].map((text) => toAlice.send(text))))
      const toBob = await world.hear(invite.joined())
      await world.hear(early[1]!.until("delivered"))
      assert.deepEqual(textsFrom(await talk(world, toBob), toBob), ["one", "two"])
    }))

  it("have a size: not nothing, and at most 64 KiB of UTF-8", () =>
    inWorld(async (world) => {
      const { toAlice, toBob } = await pair(world, await person(world), await person(world))
      assert.equal(await refusal(world, toBob.send("")), "messageEmpty")
      assert.equal(await refusal(world, toBob.send("x".repeat(65_537))), "messageTooLong")
      assert.equal(await refusal(world, toBob.send("€".repeat(21_846))), "messageTooLong")
      const largest = `${"€".repeat(21_845)}x`
      await world.hear((await world.hear(toBob.send(largest))).until("delivered"))
      assert.deepEqual(textsFrom(await talk(world, toAlice), toAlice), [largest])
    }))

  it("keep every character", () =>
    inWorld(async (world) => {
      const { toAlice, toBob } = await pair(world, await person(world), await person(world))
      const texts = ["\u{feff}mark", "\0", "a\r\nb", "\u202egnirts", "𝄞🏳️‍🌈", "e\u0301", " ", "__proto__", "\u{fffd}"]
      for (const text of texts) await world.hear(toBob.send(text))
      await world.until("they are there", () => toAlice.unread.get() === texts.length)
      assert.deepEqual(textsFrom(await talk(world, toAlice), toAlice), texts)
    }))

  it("show how far they are, and never go back", () =>
    inWorld(async (world) => {
      const { bob, toAlice, toBob } = await pair(world, await person(world), await person(world))
      bob.tap.links[0]!.close()
      bob.tap.incoming = () => []
      await world.hear(bob.me.lock())
      const sent = await world.hear(toBob.send("slow"))
      const states: Array<string> = []
      sent.state.subscribe((state) => void states.push(state))
      await world.pass(10_000)
      assert.deepEqual(states, ["queued"])
      bob.tap.incoming = (frame) => [frame]
      await world.hear(bob.me.unlock())
      await world.hear(sent.until("delivered"))
      const [again] = bob.me.contacts.get()
      await world.hear(again!.markRead((await talk(world, again!)).at(-1)!.cursor))
      await world.hear(sent.until("read"))
      assert.deepEqual(states, ["queued", "sent", "delivered", "read"])
      assert.isDefined(toAlice)
    }))

  it("that were not had in time expire; the next one says that something is missing", () =>
    inWorld(async (world) => {
      const { bob, toBob } = await pair(world, await person(world), await person(world))
      await world.hear((await world.hear(toBob.send("first"))).until("delivered"))
      await world.hear(bob.me.lock())
      const late = await world.hear(Promise.all(["x", "y"].map((text) => toBob.send(text, { expiresIn: "1 minute" }))))
      const kept = await world.hear(toBob.send("last"))
      const failures = late.map((message) => refusal(world, message.until("delivered")))
      await world.pass(120_000)
      assert.deepEqual(
        late.map(({ state }) => state.get()),
        ["expired", "expired"],
      )
      assert.deepEqual(await Promise.all(failures), ["messageFailed", "messageFailed"])
      await world.hear(bob.me.unlock())
      await world.hear(kept.until("delivered"))
      const [toAlice] = bob.me.contacts.get()
      const messages = await talk(world, toAlice!)
      assert.deepEqual(
        messages.map(({ gap, text }) => [text, gap]),
        [
          ["first", 0],
          ["last", 2],
        ],
      )
      assert.equal(toBob.session.get().waiting, 0)
    }))

  it("keep their outcome over a restart", () =>
    inWorld(async (world) => {
      const { alice, bob, toBob } = await pair(world, await person(world), await person(world))
      await world.hear(bob.me.lock())
      await world.hear(toBob.send("too late", { expiresIn: 0.007 * 60_000 }))
      await world.pass(5_000)
      await world.hear(bob.me.unlock())
      await world.until("the tombstone was had", () => toBob.session.get().waiting === 0)
      await world.hear((await world.hear(toBob.send("in time"))).until("delivered"))
      const states = async (contact: typeof toBob) => (await talk(world, contact)).map(({ state }) => state?.get())
      assert.deepEqual(await states(toBob), ["expired", "delivered"])
      await world.hear(alice.me.close())
      const again = await person(world, { shelves: alice.shelves })
      assert.deepEqual(await states(again.me.contacts.get()[0]!), ["expired", "delivered"])
    }))

  it("fail when the contact is blocked before they were had", () =>
    inWorld(async (world) => {
      const { bob, toBob } = await pair(world, await person(world), await person(world))
      await world.hear(bob.me.lock())
      const sent = await world.hear(toBob.send("never mind"))
      const failure = refusal(world, sent.until("delivered"))
      await world.hear(toBob.block())
      assert.equal(await failure, "messageFailed")
      assert.equal(sent.state.get(), "failed")
    }))

  it("are refused options that are none", () =>
    inWorld(async (world) => {
      const { toBob } = await pair(world, await person(world), await person(world))
      assert.equal(await refusal(world, toBob.send("x", { expiresIn: -1 })), "optionInvalid")
      assert.equal(await refusal(world, toBob.send("x", { expiresIn: "soon" as "1 day" })), "optionInvalid")
      assert.equal(await refusal(world, toBob.history({ before: "x" })), "optionInvalid")
      assert.equal(await refusal(world, toBob.markRead("../../x")), "optionInvalid")
      assert.equal(await refusal(world, toBob.messages({ after: "x" })[Symbol.asyncIterator]().next()), "optionInvalid")
      for (const expiresIn of [0.5, 1.5, 1e9 + 0.25]) {
        assert.equal(await refusal(world, toBob.send("x", { expiresIn })), "nothing")
      }
      assert.equal(await refusal(world, toBob.send("x", { expiresIn: 1e300 })), "optionInvalid")
    }))

  it("are told as they arrive, once each", () =>
    inWorld(async (world) => {
      const { bob, toAlice, toBob } = await pair(world, await person(world), await person(world))
      const texts = Array.from({ length: 20 }, (_, i) => `${i}`)
      await world.hear(Promise.all(texts.map((text) => toBob.send(text))))
      await world.until("they are there", () => toAlice.unread.get() === texts.length)
      await world.pass(60_000)
      const told = bob.events.flatMap((event) => (event.type === "messageArrived" ? [event.message.text] : []))
      assert.deepEqual(told, texts)
      assert.equal(toAlice.last.get()?.text, "19")
      assert.equal(toBob.last.get()?.text, "19")
    }))
})
