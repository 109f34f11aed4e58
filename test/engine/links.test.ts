/** Links that come and go under one session: reconnecting, restarting, finding each other twice, and by hand. */
import { assert, describe, it } from "vitest"
import type { Contact, SottoError } from "../../src/index.ts"
import { handNetwork } from "./hand.ts"
import { isEstablished, isSettled, type Person, pair, person, talk, textsFrom } from "./people.ts"
import { inWorld, type World } from "./world.ts"

const hellos = (...people: ReadonlyArray<Person>): number =>
  people.reduce((sum, { tap }) => sum + tap.sent.filter(({ kind }) => kind === "hello").length, 0)

const openLinks = ({ tap }: Person): number => tap.links.filter(({ isOpen }) => isOpen()).length

const isHeard = async (world: World, from: Contact, to: Contact, text: string) => {
  const sent = await world.hear(from.send(text))
  await world.hear(sent.until("delivered"), 120_000)
  assert.equal(textsFrom(await talk(world, to), to).at(-1), text)
}

describe("a link", () => {
  it("that was lost comes back, and nobody greets again", () =>
    inWorld(async (world) => {
      const { alice, bob, toAlice, toBob } = await pair(world, await person(world), await person(world))
      await isHeard(world, toBob, toAlice, "before")
      const greeted = hellos(alice, bob)
      const states: Array<string> = []
      toAlice.connection.subscribe(({ state }) => void states.push(state))
      for (let i = 0; i < 3; i++) {
        for (const link of alice.tap.links) link.close()
        await world.until("the loss is seen", () => toAlice.connection.get().state !== "direct")
        await isHeard(world, toBob, toAlice, `after ${i}`)
        await isHeard(world, toAlice, toBob, `back ${i}`)
      }
      assert.equal(hellos(alice, bob), greeted)
      assert.equal(toAlice.connection.get().reconnects, 3)
      assert.include(states, "offline")
      assert.equal(toAlice.connection.get().state, "direct")
    }))

  it("comes back when asked for at once", () =>
    inWorld(async (world) => {
      const { alice, toAlice } = await pair(world, await person(world), await person(world))
      await world.hear(alice.me.lock())
      await world.until("it is given up for now", () => toAlice.connection.get().state === "offline")
      await world.pass(120_000)
      const { nextAttempt } = toAlice.connection.get()
      assert.isTrue(nextAttempt === undefined || nextAttempt > world.now() - 1)
      await world.hear(alice.me.unlock())
      await world.hear(toAlice.connect())
      await world.until("it is back", () => toAlice.connection.get().state === "direct", 10_000)
    }))

  it("is found again after both have started anew", () =>
    inWorld(async (world) => {
      const { alice, bob, toBob } = await pair(world, await person(world), await person(world))
      await world.hear(toBob.send("for later"))
      await world.hear(alice.me.close())
      await world.hear(bob.me.close())
      const alice2 = await person(world, { shelves: alice.shelves })
      const bob2 = await person(world, { shelves: bob.shelves })
      const [there] = alice2.me.contacts.get()
      const [back] = bob2.me.contacts.get()
      await world.until("it has arrived", () => there!.session.get().waiting === 0)
      await isHeard(world, back!, there!, "here again")
      assert.deepEqual(textsFrom(await talk(world, back!), back!), ["for later"])
      assert.equal(hellos(alice2, bob2), 0)
    }))

  it("that both opened at once is one in the end, the same at both", () =>
    inWorld(async (world) => {
      const { alice, bob, toAlice, toBob } = await pair(world, await person(world), await person(world))
      for (let i = 0; i < 4; i++) {
        for (const link of alice.tap.links) link.close()
        await world.settle()
        await world.hear(Promise.all([toAlice.connect(), toBob.connect()]))
        await isHeard(world, toBob, toAlice, `there ${i}`)
        await isHeard(world, toAlice, toBob, `back ${i}`)
        await world.pass(10_000)
        assert.deepEqual([openLinks(alice), openLinks(bob)], [1, 1])
        await isHeard(world, toBob, toAlice, `still there ${i}`)
      }
      assert.isAbove(alice.tap.links.filter(({ dialed }) => dialed).length, 0, "Alice dialled too")
    }))

  it("that says nothing is given up, and another takes its place", () =>
    inWorld(async (world) => {
      const { alice, bob, toAlice, toBob } = await pair(world, await person(world), await person(world))
      const [dead] = bob.tap.links
      bob.tap.outgoing = (frame, link) => (link === dead ? [] : [frame])
      alice.tap.outgoing = (frame, link) => (link === alice.tap.links[0] ? [] : [frame])
      await world.until("it is seen to be slow", () => toAlice.connection.get().link.includes("degraded"), 60_000)
      await isHeard(world, toBob, toAlice, "over another")
      assert.isFalse(dead!.isOpen())
    }))

  it("that lives is asked for a sign now and then, and its round trip is known", () =>
    inWorld(async (world) => {
      const { bob, toAlice } = await pair(world, await person(world), await person(world))
      const before = bob.tap.sent.length
      await world.pass(10 * 60_000)
      const probes = bob.tap.sent.slice(before).filter(({ kind }) => kind === "probe")
      assert.isAtLeast(probes.length, 30)
      assert.isDefined(toAlice.connection.get().roundTrip)
      assert.equal(toAlice.connection.get().reconnects, 0)
    }))

  it("survives that the peer is away for a day", () =>
    inWorld(async (world) => {
      const { alice, toAlice } = await pair(world, await person(world), await person(world))
      await world.hear(alice.me.lock())
      const sent = await world.hear(toAlice.send("back?"))
      await world.pass(24 * 3_600_000)
      assert.notEqual(sent.state.get(), "delivered")
      await world.hear(alice.me.unlock())
      await world.hear(sent.until("delivered"))
    }))
})

describe("by hand", () => {
  const two = async (world: World) => {
    const hand = handNetwork()
    return [
      await person(world, { name: "Alice", transports: [hand] }),
      await person(world, { name: "Bob", transports: [hand] }),
    ] as const
  }

  it("pairs with two codes and no service", () =>
    inWorld(async (world) => {
      const [alice, bob] = await two(world)
      const invite = await world.hear(alice.me.invite())
      const offer = await world.hear(invite.offer())
      assert.isTrue((await world.hear(bob.me.preview(offer.text))).byHand)
      const toAlice = await world.hear(bob.me.accept(offer.text))
      const answer = await world.hear(toAlice.reply())
      await world.hear(invite.answer(answer.text))
      const toBob = await world.hear(invite.joined())
      await world.until("they have paired", () => isEstablished(toAlice) && isSettled(toAlice) && isSettled(toBob))
      await isHeard(world, toBob, toAlice, "there")
      await isHeard(world, toAlice, toBob, "back")
      assert.match(offer.qr(), /^<svg/)
    }))

  it("connects again with two more codes, whoever begins", () =>
    inWorld(async (world) => {
      const [alice, bob] = await two(world)
      const invite = await world.hear(alice.me.invite())
      const toAlice = await world.hear(bob.me.accept((await world.hear(invite.offer())).text))
      await world.hear(invite.answer((await world.hear(toAlice.reply())).text))
      const toBob = await world.hear(invite.joined())
      await world.until("they have paired", () => isSettled(toAlice) && isSettled(toBob))
      for (const [from, to] of [
        [toBob, toAlice],
        [toAlice, toBob],
      ] as const) {
        const shelves = [alice.shelves, bob.shelves]
        assert.isTrue(shelves.every(({ taken }) => taken))
        const offer = await world.hear(from.offer())
        const reply = await world.hear(to.reply(offer.text))
        await world.hear(from.answer(reply.text))
        await isHeard(world, from, to, "over the new one")
        await isHeard(world, to, from, "and back")
      }
    }))

  it("refuses codes that are none, or come too late", () =>
    inWorld(async (world) => {
      const [alice, bob] = await two(world)
      const invite = await world.hear(alice.me.invite())
      const first = await world.hear(invite.offer())
      const toAlice = await world.hear(bob.me.accept(first.text))
      const answer = await world.hear(toAlice.reply())
      const code = (promise: Promise<unknown>) =>
        world.hear(
          promise.then(
            () => "nothing",
            (error: unknown) => (error as SottoError).code,
          ),
        )
      assert.equal(await code(invite.answer("hello")), "codeInvalid")
      assert.equal(await code(invite.answer(first.text)), "codeInvalid")
      assert.equal(await code(invite.answer(answer.text.slice(0, -3))), "codeInvalid")
      assert.equal(await code(toAlice.reply("x".repeat(5_000))), "codeInvalid")
      assert.equal(await code(toAlice.answer(answer.text)), "codeInvalid", "Bob has offered nothing")
      await world.hear(invite.answer(answer.text))
      await world.hear(invite.joined())
      assert.equal(await code(invite.answer(answer.text)), "codeInvalid", "it was taken")
    }))

  it("is refused where it was not set up", () =>
    inWorld(async (world) => {
      const { toAlice, toBob } = await pair(world, await person(world), await person(world))
      for (const ask of [() => toAlice.offer(), () => toAlice.reply("x"), () => toBob.answer("x")]) {
        const error = await world.hear(
          ask().then(
            () => undefined,
            (failure: unknown) => failure as SottoError,
          ),
        )
        assert.equal(error?.code, "notSupported")
      }
    }))
})
