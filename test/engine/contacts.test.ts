/** What can be done with a contact: compare, rename, block, remove, be quiet. */
import { assert, describe, it } from "vitest"
import { SottoError } from "../../src/index.ts"
import { isEstablished, isSettled, pair, person, talk, textsFrom } from "./people.ts"
import { inWorld } from "./world.ts"

const kindsOf = (frames: ReadonlyArray<{ readonly kind: string | undefined }>) => frames.map(({ kind }) => kind)

describe("a contact", () => {
  it("is called as the peer calls itself, and hears of a new name", () =>
    inWorld(async (world) => {
      const alice = await person(world, { name: "Alice" })
      const bob = await person(world, { name: "Bob" })
      const { toAlice } = await pair(world, alice, bob)
      await world.hear(alice.me.rename("Alice B."))
      await world.until("the name is known", () => toAlice.name === "Alice B.")
      assert.equal(alice.me.name.get(), "Alice B.")
    }))

  it("hears of the name that was taken while pairing was under way", () =>
    inWorld(async (world) => {
      const alice = await person(world, { name: "Alice" })
      const bob = await person(world, { name: "Bob" })
      const invite = await world.hear(alice.me.invite())
      await world.hear(alice.me.rename("Alicia"))
      const toAlice = await world.hear(bob.me.accept(invite.url))
      await world.until("they have paired", () => isEstablished(toAlice) && isSettled(toAlice))
      await world.until("the name is known", () => toAlice.name === "Alicia")
    }))

  it("hears of the name that was taken while it was blocked", () =>
    inWorld(async (world) => {
      const alice = await person(world, { name: "Alice" })
      const { toAlice, toBob } = await pair(world, alice, await person(world))
      await world.hear(toBob.block())
      await world.hear(alice.me.rename("Alicia"))
      await world.hear(toBob.unblock())
      await world.until("the name is known", () => toAlice.name === "Alicia")
    }))

  it("refuses a name that is too long, and keeps the old one", () =>
    inWorld(async (world) => {
      const alice = await person(world, { name: "Alice" })
      const error = await world.hear(
        alice.me.rename("é".repeat(65)).then(
          () => undefined,
          (e: unknown) => e,
        ),
      )
      assert.equal((error as SottoError).code, "nameTooLong")
      assert.equal(alice.me.name.get(), "Alice")
    }))

  it("is marked as compared, and no longer", () =>
    inWorld(async (world) => {
      const { alice, toAlice, toBob } = await pair(world, await person(world), await person(world))
      assert.isUndefined(toBob.verified.get())
      await world.hear(toBob.verify())
      await world.until("it is marked", () => toBob.verified.get() !== undefined)
      assert.isUndefined(toAlice.verified.get(), "the other side compares for itself")
      await world.hear(alice.me.close())
      const again = await person(world, { shelves: alice.shelves })
      assert.isDefined(again.me.contacts.get()[0]?.verified.get())
      await world.hear(again.me.contacts.get()[0]!.verify(false))
      await world.until("it is not", () => again.me.contacts.get()[0]?.verified.get() === undefined)
    }))

  it("hears nothing and is not heard while blocked; what was written meanwhile comes after", () =>
    inWorld(async (world) => {
      const { bob, toAlice, toBob } = await pair(world, await person(world), await person(world))
      await world.hear((await world.hear(toBob.send("before"))).until("delivered"))
      await world.hear(toBob.block())
      assert.equal(toBob.session.get().state, "blocked")
      await world.hear(toAlice.send("into the dark"))
      await world.pass(120_000)
      assert.deepEqual(textsFrom(await talk(world, toBob), toBob), [])
      const sealed = () => kindsOf(bob.tap.arrived).filter((kind) => kind === "sealed").length
      const heard = sealed()
      await world.pass(60_000)
      assert.equal(sealed(), heard)
      await world.hear(toBob.unblock())
      await world.until("it arrives", () => toAlice.session.get().waiting === 0)
      assert.deepEqual(textsFrom(await talk(world, toBob), toBob), ["into the dark"])
      await world.hear((await world.hear(toBob.send("after"))).until("delivered"))
      assert.deepEqual(textsFrom(await talk(world, toAlice), toAlice), ["before", "after"])
    }))

  it("can be talked to after a block that caught messages under way", () =>
    inWorld(async (world) => {
      const { bob, toAlice, toBob } = await pair(world, await person(world), await person(world))
      bob.tap.incoming = () => []
      const caught = await world.hear(toBob.send("caught"))
      await world.until("it is under way", () => caught.state.get() === "sent")
      await world.hear(toBob.block())
      await world.pass(1_000)
      bob.tap.incoming = (frame) => [frame]
      await world.hear(toBob.unblock())
      const after = await world.hear(toBob.send("after"))
      await world.hear(after.until("delivered"))
      const texts = textsFrom(await talk(world, toAlice), toAlice)
      assert.include(texts, "after")
      // What was said of the first message is what came of it.
      assert.equal(texts.includes("caught"), caught.state.get() !== "failed")
    }))

  it("stays blocked over a restart", () =>
    inWorld(async (world) => {
      const { alice, toAlice, toBob } = await pair(world, await person(world), await person(world))
      await world.hear(toBob.block())
      await world.hear(alice.me.close())
      const again = await person(world, { shelves: alice.shelves })
      assert.equal(again.me.contacts.get()[0]?.session.get().state, "blocked")
      await world.hear(toAlice.send("still?"))
      await world.pass(60_000)
      assert.deepEqual(await talk(world, again.me.contacts.get()[0]!), [])
    }))

  it("is erased with everything of it when removed", () =>
    inWorld(async (world) => {
      const { alice, toAlice, toBob } = await pair(world, await person(world), await person(world))
      await world.hear((await world.hear(toAlice.send("secret"))).until("delivered"))
      await world.hear(toBob.remove())
      assert.lengthOf(alice.me.contacts.get(), 0)
      assert.deepEqual([...alice.shelves.hosts.keys()], ["profile"])
      const failed = await world.hear(
        toBob.send("?").then(
          () => undefined,
          (error: unknown) => error,
        ),
      )
      assert.instanceOf(failed, SottoError)
      assert.equal(toAlice.session.get().state, "established", "the other side is not told")
      await world.hear(alice.me.close())
      const again = await person(world, { shelves: alice.shelves })
      assert.lengthOf(again.me.contacts.get(), 0)
    }))

  it("is never told of reading while read receipts are off", () =>
    inWorld(async (world) => {
      const { bob, toAlice, toBob } = await pair(world, await person(world), await person(world))
      const one = await world.hear(toBob.send("one"))
      await world.hear(one.until("delivered"))
      await world.hear(bob.me.configure({ readReceipts: false }))
      const cursor = (await talk(world, toAlice)).at(-1)!.cursor
      await world.hear(toAlice.markRead(cursor))
      assert.equal(toAlice.unread.get(), 0)
      const two = await world.hear(toBob.send("two"))
      await world.hear(two.until("delivered"))
      await world.pass(120_000)
      assert.deepEqual([one.state.get(), two.state.get()], ["delivered", "delivered"])
      await world.hear(bob.me.configure({ readReceipts: true }))
      await world.hear(toAlice.markRead((await talk(world, toAlice)).at(-1)!.cursor))
      await world.hear(two.until("read"))
      assert.equal(one.state.get(), "read")
    }))

  it("is told of reading: all up to the message that was seen", () =>
    inWorld(async (world) => {
      const { toAlice, toBob } = await pair(world, await person(world), await person(world))
      const sent = await world.hear(Promise.all(["a", "b", "c"].map((text) => toBob.send(text))))
      await world.until("they are there", () => toAlice.unread.get() === 3)
      const second = (await talk(world, toAlice))[1]!
      await world.hear(toAlice.markRead(second.cursor))
      await world.hear(sent[1]!.until("read"))
      assert.deepEqual(
        sent.map(({ state }) => state.get()),
        ["read", "read", "delivered"],
      )
      assert.equal(toAlice.unread.get(), 1)
    }))

  it("counts nothing as unread once all was seen, however much we wrote since", () =>
    inWorld(async (world) => {
      const { toAlice, toBob } = await pair(world, await person(world), await person(world))
      await world.hear((await world.hear(toBob.send("read me"))).until("delivered"))
      await world.hear(Promise.all(Array.from({ length: 80 }, (_, i) => toAlice.send(`${i}`))))
      assert.equal(toAlice.unread.get(), 1)
      await world.hear(toAlice.markRead((await talk(world, toAlice)).at(-1)!.cursor))
      assert.equal(toAlice.unread.get(), 0)
    }))

  it("sees typing, and its end; and nothing of it while notices are off", () =>
    inWorld(async (world) => {
      const { bob, toAlice, toBob } = await pair(world, await person(world), await person(world))
      toAlice.setTyping(true)
      await world.until("she sees it", () => toBob.typing.get())
      toAlice.setTyping(false)
      await world.until("she sees the end of it", () => !toBob.typing.get())
      toAlice.setTyping(true)
      await world.until("she sees it again", () => toBob.typing.get())
      await world.until("it ends by itself", () => !toBob.typing.get(), 10_000)
      await world.hear(bob.me.configure({ typingNotices: false }))
      const sealed = () => bob.tap.sent.filter(({ kind }) => kind === "sealed").length
      const before = sealed()
      await world.pass(4_000)
      toAlice.setTyping(true)
      await world.pass(5_000)
      assert.equal(sealed(), before)
      assert.isFalse(toBob.typing.get())
    }))

  it("keeps its settings over a restart", () =>
    inWorld(async (world) => {
      const alice = await person(world, { name: "Alice" })
      await world.hear(alice.me.configure({ readReceipts: false }))
      await world.hear(alice.me.close())
      const again = await person(world, { shelves: alice.shelves })
      assert.deepEqual(again.me.settings.get(), { readReceipts: false, typingNotices: true, autoLock: null })
      assert.equal(again.me.name.get(), "Alice")
    }))
})
