/** Contacts that nobody talks to: asleep, shown as they were, and awake again for whoever comes. */
import { assert, describe, it, vi } from "vitest"
import type { Contact } from "../../src/index.ts"
import { pair, person, talk, textsFrom } from "./people.ts"
import { inWorld, type World } from "./world.ts"

/** Layers are shown of an open contact only. */
const isAsleep = (contact: Contact): boolean => contact.session.get().layers.length === 0

/** Alice keeps nobody open without a link, and Bob has gone. */
const parted = async (world: World) => {
  const alice = await person(world, { name: "Alice", maxAwake: 0 })
  const bob = await person(world, { name: "Bob" })
  const { toAlice, toBob } = await pair(world, alice, bob)
  const sent = await world.hear(toBob.send("hello"))
  await world.hear(sent.until("delivered"))
  await world.hear((await world.hear(toAlice.send("and hello"))).until("delivered"))
  await world.until("it came", () => toBob.last.get()?.text === "and hello")
  return { alice, bob, toBob, toAlice, sent }
}

const shown = (contact: Contact) => ({
  name: contact.name,
  pairedAt: contact.pairedAt,
  unread: contact.unread.get(),
  last: contact.last.get()?.text,
  timer: contact.timer.get(),
  verified: contact.verified.get(),
  number: contact.safetyNumber?.digits,
  session: contact.session.get().state,
  waiting: contact.session.get().waiting,
  machines: contact.machines
    .get()
    .map(({ id }) => id)
    .filter((id) => !/Ratchet|braid/i.test(id)),
})

describe("a contact that sleeps", () => {
  it("is shown as it was, is woken by whoever writes, and its messages arrive", () =>
    inWorld(async (world) => {
      const { alice, bob, sent, toBob } = await parted(world)
      assert.isFalse(isAsleep(toBob))
      const before = shown(toBob)
      await world.hear(bob.me.close())
      await world.until("it sleeps", () => isAsleep(toBob))
      assert.deepEqual(shown(toBob), before)
      assert.equal(toBob.connection.get().state, "offline")
      assert.equal(sent.state.get(), "delivered")
      const written = await world.hear(toBob.send("are you there?"))
      assert.equal(written.state.get(), "queued")
      assert.equal(toBob.last.get()?.text, "are you there?")
      await world.until("it sleeps again", () => isAsleep(toBob))
      const back = await person(world, { shelves: bob.shelves })
      await world.hear(written.until("delivered"))
      const [again] = back.me.contacts.get()
      assert.deepEqual(textsFrom(await talk(world, again!), again!), ["hello", "are you there?"])
      assert.lengthOf(
        alice.events.filter(({ type }) => type === "stopped"),
        0,
      )
    }))

  it("is woken by a link to it", () =>
    inWorld(async (world) => {
      const { bob, toBob } = await parted(world)
      await world.hear(bob.me.close())
      await world.until("it sleeps", () => isAsleep(toBob))
      const unread = toBob.unread.get()
      const back = await person(world, { shelves: bob.shelves })
      await world.hear(back.me.contacts.get()[0]!.send("I am back"))
      await world.until("it came", () => toBob.last.get()?.text === "I am back" && toBob.unread.get() === unread + 1)
    }))

  it("is woken by its own time: what was not had by then expires", () =>
    inWorld(async (world) => {
      const { bob, toBob } = await parted(world)
      await world.hear(bob.me.close())
      await world.until("it sleeps", () => isAsleep(toBob))
      const written = await world.hear(toBob.send("come at once", { expiresIn: "1 hour" }))
      const states: Array<string> = []
      written.state.subscribe((state) => states.push(state))
      await world.until("it sleeps again", () => isAsleep(toBob))
      await world.until("it expired", () => states.at(-1) === "expired", 3 * 3_600_000)
      assert.deepEqual(states, ["queued", "expired"])
    }))

  it("is woken by its own time also where the clock was set back, which then counts anew once", () =>
    inWorld(async (world) => {
      const { bob, toBob } = await parted(world)
      await world.hear(bob.me.close())
      await world.until("it sleeps", () => isAsleep(toBob))
      const written = await world.hear(toBob.send("come at once", { expiresIn: "1 hour" }))
      await world.until("it sleeps again", () => isAsleep(toBob))
      vi.setSystemTime(world.now() - 24 * 3_600_000)
      await world.until("it expired", () => written.state.get() === "expired", 3 * 3_600_000)
    }))

  it("disappears from sight what is due while it sleeps", () =>
    inWorld(async (world) => {
      const { bob, toBob } = await parted(world)
      await world.hear(toBob.setTimer({ after: "2 hours", from: "sending" }))
      await world.hear((await world.hear(toBob.send("not for long"))).until("delivered"))
      await world.hear(bob.me.close())
      await world.until("it sleeps", () => isAsleep(toBob))
      assert.equal(toBob.last.get()?.text, "not for long")
      await world.until("it disappeared", () => toBob.last.get()?.text === "", 3 * 3_600_000)
    }))

  it("can be blocked, renamed to, and removed", () =>
    inWorld(async (world) => {
      const { alice, bob, toBob } = await parted(world)
      await world.hear(bob.me.close())
      await world.until("it sleeps", () => isAsleep(toBob))
      await world.hear(toBob.block())
      assert.equal(toBob.session.get().state, "blocked")
      await world.hear(toBob.unblock())
      await world.hear(alice.me.rename("Alicia"))
      await world.until("it sleeps again", () => isAsleep(toBob))
      const back = await person(world, { shelves: bob.shelves })
      await world.until("the name is known", () => back.me.contacts.get()[0]!.name === "Alicia")
      await world.hear(back.me.close())
      await world.until("it sleeps for the last time", () => isAsleep(toBob))
      await world.hear(toBob.remove())
      assert.lengthOf(alice.me.contacts.get(), 0)
      assert.lengthOf(
        [...alice.shelves.hosts.keys()].filter((id) => id === toBob.id),
        0,
      )
    }))

  it("is one of many after a start: each is shown, and each looks for its peer in its turn", () =>
    inWorld(async (world) => {
      const alice = await person(world, { name: "Alice", maxAwake: 0 })
      const names = ["Bob", "Carol", "Dave", "Erin"]
      for (const name of names) {
        const other = await person(world, { name })
        const { toAlice } = await pair(world, alice, other)
        await world.hear((await world.hear(toAlice.send(`I am ${name}`))).until("delivered"))
        await world.hear(other.me.close())
      }
      await world.until("all sleep", () => alice.me.contacts.get().every(isAsleep))
      const before = alice.me.contacts.get().map(shown)
      await world.hear(alice.me.close())
      const again = await person(world, { shelves: alice.shelves, maxAwake: 0 })
      assert.deepEqual(again.me.contacts.get().map(shown), before)
      const looking = () =>
        new Set(again.transitions.filter(({ to }) => "connecting" in Object(to)).map((t) => t.contact))
      await world.until("all have looked", () => looking().size === names.length)
    }))
})
