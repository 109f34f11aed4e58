/** Keys that are agreed anew beside a conversation: whatever was lost, put back or copied, nothing is shown twice or lost. */
import { assert, describe, it } from "vitest"
import { generateRecoveryPhrase } from "../../src/backup.ts"
import { RECORD, recoverySecrets } from "../../src/core/contact/records.ts"
import type { Contact } from "../../src/index.ts"
import { again, bytesOf, copyOf, isHealed, sameTalk, sendAll, shelfOf, whole } from "./healing.ts"
import { pair, person } from "./people.ts"
import { inWorld, type World } from "./world.ts"

const two = async (world: World) =>
  pair(world, await person(world, { name: "Alice" }), await person(world, { name: "Bob" }))

describe("keys that are renewed", () => {
  for (const by of ["alice", "bob"] as const) {
    it(`when ${by} asks for it, while both write`, () =>
      inWorld(async (world) => {
        const { toAlice, toBob } = await two(world)
        await sendAll(world, toBob, ["one", "two"])
        await sendAll(world, toAlice, ["eins"])
        await world.hear((by === "alice" ? toBob : toAlice).renewKeys())
        await sendAll(world, toBob, ["three"])
        await sendAll(world, toAlice, ["zwei"])
        await world.until(
          "the keys are new",
          () => (isHealed(toBob) && isHealed(toAlice) && toBob.last.get()?.kind === "notice") || whole(toBob, toAlice),
        )
        await world.until("all is had", () => whole(toBob, toAlice))
        const { a, b } = await sameTalk(world, toBob, toAlice)
        assert.deepEqual(a.notices, ["renewed"])
        assert.deepEqual(b.notices, ["renewed"])
        assert.deepEqual(b.sees, ["one", "two", "three"])
        assert.deepEqual(a.sees, ["eins", "zwei"])
      }))
  }
})

describe("a state that was lost", () => {
  for (const who of ["alice", "bob"] as const) {
    it(`is agreed anew when ${who}'s keys are gone`, () =>
      inWorld(async (world) => {
        const { alice, bob, toAlice, toBob } = await two(world)
        await sendAll(world, toBob, ["one", "two"])
        await world.until("all is had", () => whole(toBob, toAlice))
        const before = who === "alice" ? alice : bob
        await world.hear(before.me.close())
        for (const record of [...shelfOf(before.shelves).records.keys()]) {
          if (record.startsWith("layer/")) shelfOf(before.shelves).records.delete(record)
        }
        const back = await again(world, before)
        const other = who === "alice" ? toAlice : toBob
        await sendAll(world, other, ["three"])
        await sendAll(world, back.contact, ["four"])
        await world.until("all is had", () => whole(back.contact, other))
        const { a, b } = await sameTalk(world, back.contact, other)
        assert.deepEqual([a.notices, b.notices], [["lost"], ["lost"]])
        assert.deepEqual(a.sees, b.wrote)
        assert.deepEqual(b.sees, a.wrote)
      }))
  }
})

describe("an old state that is put back", () => {
  for (const who of ["alice", "bob"] as const) {
    it(`is noticed, and ${who} goes on with new keys and the messages that she has`, () =>
      inWorld(async (world) => {
        const { alice, bob, toAlice, toBob } = await two(world)
        const before = who === "alice" ? alice : bob
        const [own, other] = who === "alice" ? [toBob, toAlice] : [toAlice, toBob]
        await sendAll(world, own, ["one"])
        await world.until("all is had", () => whole(own, other))
        const old = copyOf(before.shelves)
        await sendAll(world, own, ["two", "three"])
        await sendAll(world, other, ["eins"])
        await world.until("all is had", () => whole(own, other))
        const back = await again(world, before, old)
        await sendAll(world, back.contact, ["four", "five"])
        await world.until("all is had", () => whole(back.contact, other))
        await sendAll(world, other, ["zwei"])
        await world.until("all is had", () => whole(back.contact, other))
        const { a, b } = await sameTalk(world, back.contact, other)
        assert.deepEqual([a.notices, b.notices], [["cloned"], ["cloned"]])
        assert.deepEqual(a.wrote, ["one", "four", "five"])
        assert.deepEqual(b.sees, ["one", "two", "three", "four", "five"])
        assert.deepEqual(a.sees, ["zwei"])
        assert.deepEqual(b.wrote, ["eins", "zwei"])
      }))
  }
})

describe("a contact out of a backup", () => {
  const phrase = generateRecoveryPhrase()

  for (const who of ["alice", "bob", "both"] as const) {
    it(`heals by itself when ${who} restored one, with what waited on either side`, () =>
      inWorld(async (world) => {
        const people = await two(world)
        let [toBob, toAlice] = [people.toBob, people.toAlice]
        await sendAll(world, toBob, ["one"])
        await sendAll(world, toAlice, ["eins"])
        await world.until("all is had", () => whole(toBob, toAlice))
        const saved = who === "alice" ? [people.alice] : who === "bob" ? [people.bob] : [people.alice, people.bob]
        const files = new Map<typeof people.alice, Uint8Array>()
        for (const one of saved)
          files.set(one, await world.hear(one.me.backup({ recoveryPhrase: phrase }).then(bytesOf)))
        for (const one of saved) await world.hear(one.me.close())
        for (const [from, file] of files) {
          const one = await person(world)
          await world.hear(one.me.restore(file, { recoveryPhrase: phrase }))
          const [contact] = one.me.contacts.get() as [Contact]
          if (from === people.alice) toBob = contact
          else toAlice = contact
        }
        await sendAll(world, toBob, ["two", "three"])
        await sendAll(world, toAlice, ["zwei"])
        await world.until("all is had", () => whole(toBob, toAlice))
        const { a, b } = await sameTalk(world, toBob, toAlice)
        assert.deepEqual([a.notices, b.notices], [["restored"], ["restored"]])
        assert.deepEqual(b.sees, ["one", "two", "three"])
        assert.deepEqual(a.sees, ["eins", "zwei"])
      }))
  }

  it("sends again what waited when the backup was made, and nobody sees it twice", () =>
    inWorld(async (world) => {
      const { alice, bob, toAlice, toBob } = await two(world)
      await sendAll(world, toBob, ["one"])
      await world.until("all is had", () => whole(toBob, toAlice))
      // Written, and on its way, while the backup does not know that it came.
      alice.tap.incoming = () => []
      await sendAll(world, toBob, ["two", "three"])
      await world.pass(100)
      const file = await world.hear(alice.me.backup({ recoveryPhrase: phrase }).then(bytesOf))
      alice.tap.incoming = (frame) => [frame]
      await sendAll(world, toBob, ["four"])
      await world.until("all is had", () => whole(toBob, toAlice))
      await world.hear(alice.me.close())
      const one = await person(world)
      await world.hear(one.me.restore(file, { recoveryPhrase: phrase }))
      const back = one.me.contacts.get()[0]!
      await sendAll(world, back, ["five"])
      await world.until("all is had", () => whole(back, toAlice))
      const { b } = await sameTalk(world, back, toAlice)
      assert.deepEqual(b.sees, ["one", "two", "three", "four", "five"])
      assert.deepEqual(bob.events.filter(({ type }) => type === "messageArrived").length, 5)
    }))
})

describe("two copies of one state", () => {
  for (const who of ["alice", "bob"] as const) {
    it(`are noticed within one exchange when ${who} was copied, and one of them is stopped`, () =>
      inWorld(async (world) => {
        const people = await two(world)
        const original = people[who]
        const [own, other] = who === "alice" ? [people.toBob, people.toAlice] : [people.toAlice, people.toBob]
        await sendAll(world, own, ["one"])
        await world.until("all is had", () => whole(own, other))
        // The copy speaks first, over a link of its own, while the original is still about.
        const copy = await person(world, { shelves: copyOf(original.shelves) })
        const copied = copy.me.contacts.get()[0]!
        await world.hear(copied.connect())
        const witness = who === "alice" ? people.bob : people.alice
        const noticed = () =>
          [original, copy].some(({ events }) => events.some(({ type }) => type === "cloneDetected")) &&
          witness.events.some(({ type }) => type === "cloneDetected")
        await world.until("the copy is noticed on both sides", noticed, 60_000)
        await world.hear(copy.me.close())
        await sendAll(world, own, ["two"])
        await sendAll(world, other, ["eins"])
        await world.until("the one that is left goes on", () => whole(own, other))
        const { a, b } = await sameTalk(world, own, other)
        assert.deepEqual(b.sees.at(-1), "two")
        assert.deepEqual(a.sees.at(-1), "eins")
        assert.include(a.notices, "cloned")
      }))
  }
})

describe("an identity that is not the known one", () => {
  for (const who of ["alice", "bob"] as const) {
    it(`pauses the conversation when it is ${who}'s, until the user has decided`, () =>
      inWorld(async (world) => {
        const people = await two(world)
        const changed = people[who]
        const [seen, other] = who === "alice" ? [people.toAlice, people.bob] : [people.toBob, people.alice]
        await world.hear(seen.verify())
        await world.hear(changed.me.close())
        const { records } = shelfOf(changed.shelves)
        for (const record of [...records.keys()]) if (record.startsWith("layer/")) records.delete(record)
        const stranger = await two(world)
        records.set(RECORD.ownStatics, shelfOf(stranger.alice.shelves).records.get(RECORD.ownStatics)!)
        const back = await again(world, changed)
        await world.until("it is noticed", () => seen.session.get().state === "paused")
        assert.isTrue(other.events.some(({ type }) => type === "identityChanged"))
        const before = seen.safetyNumber?.digits
        await sendAll(world, seen, ["secret"])
        await world.pass(120_000)
        assert.equal(seen.session.get().state, "paused")
        assert.equal(back.contact.last.get()?.text, undefined)
        await world.hear(seen.continueUnverified())
        await world.until("they go on", () => whole(seen, back.contact))
        assert.equal(seen.verified.get(), undefined)
        assert.equal(seen.safetyNumber?.digits, before)
        assert.deepEqual((await sameTalk(world, seen, back.contact)).b.sees, ["secret"])
      }))
  }
})

describe("healing again and again", () => {
  it("ten times in a row, with messages under way each time, and keeps four secrets", () =>
    inWorld(async (world) => {
      const { alice, bob, toAlice, toBob } = await two(world)
      for (let i = 0; i < 10; i++) {
        await sendAll(world, toBob, [`a${i}`])
        await world.hear((i % 2 === 0 ? toBob : toAlice).renewKeys())
        await sendAll(world, toAlice, [`b${i}`])
        await world.until("all is had", () => whole(toBob, toAlice) && toBob.last.get() !== undefined)
        await world.pass(1_000)
      }
      const { a, b } = await sameTalk(world, toBob, toAlice)
      assert.deepEqual(
        b.sees,
        Array.from({ length: 10 }, (_, i) => `a${i}`),
      )
      assert.deepEqual(
        a.sees,
        Array.from({ length: 10 }, (_, i) => `b${i}`),
      )
      assert.lengthOf(a.notices, 10)
      const secretsOf = (one: typeof alice) =>
        recoverySecrets.decode(shelfOf(one.shelves).records.get(RECORD.recovery)!)!
      assert.lengthOf(secretsOf(alice), 4)
      assert.deepEqual(secretsOf(alice), secretsOf(bob))
    }))

  it("answers a peer that comes back with an older secret, once its user wants that state back", () =>
    inWorld(async (world) => {
      const { bob, toAlice, toBob } = await two(world)
      await sendAll(world, toBob, ["one"])
      await world.until("all is had", () => whole(toBob, toAlice))
      const old = copyOf(bob.shelves)
      for (let i = 0; i < 2; i++) {
        await world.hear(toBob.renewKeys())
        await world.pass(5_000)
        await world.until("the keys are new", () => whole(toBob, toAlice))
      }
      const back = await again(world, bob, old)
      await sendAll(world, back.contact, ["zwei"])
      await world.until("it knows that it is old", () => back.contact.session.get().state === "replaced")
      await world.hear(back.contact.reclaim())
      await world.until("all is had", () => whole(toBob, back.contact))
      const { a } = await sameTalk(world, toBob, back.contact)
      assert.deepEqual(a.sees, ["zwei"])
      assert.deepEqual(a.notices, ["renewed", "renewed", "reclaimed"])
    }))
})
