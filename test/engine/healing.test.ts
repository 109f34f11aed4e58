/** Keys that are agreed anew beside a conversation: whatever was lost, put back or copied, nothing is shown twice or lost. */
import { assert, describe, it } from "vitest"
import { again, copyOf, isHealed, sameTalk, sendAll, shelfOf, whole } from "./healing.ts"
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
