/**
 * A person whose state was copied, and both copies stay open: they write, are cut off, restart, lose frames, while the peer is one
 * and honest. Told as an observation for the invariants of healing.
 */
import fc from "fast-check"
import type { Contact } from "../../src/index.ts"
import type { HealingObservation } from "../../src/spec/invariants/healing.ts"
import { makeDice } from "../../src/spec/simulation/dice.ts"
import { fastCrypto } from "../../src/spec/simulation/fast-crypto.ts"
import { randomFrom } from "../../src/spec/simulation/seeded.ts"
import { copyOf, noticesOf, sendAll } from "./healing.ts"
import { type Person, pair, person, talk } from "./people.ts"
import { inWorld, type World } from "./world.ts"

/** 0 is the original, 1 its copy, 2 their peer. */
export type Which = 0 | 1 | 2

export type CopyMove =
  | { readonly do: "send" | "cut" | "restart" | "reclaim" | "renew"; readonly who: Which }
  | { readonly do: "wait"; readonly ms: number }
  /** The next sealed or other frames to somebody are lost. */
  | { readonly do: "lose"; readonly who: Which; readonly frames: number }

export interface CopyPlan {
  readonly seed: number
  /** Whose state is copied: roles differ in who greets. */
  readonly copied: "alice" | "bob"
  /** How much was written after the copy was made, before it is opened. */
  readonly behind: number
  readonly moves: ReadonlyArray<CopyMove>
  /** How long each of the last rounds takes, in milliseconds. Default: three minutes. */
  readonly patience?: number
}

const which = fc.constantFrom<Which>(0, 1, 2)
const move: fc.Arbitrary<CopyMove> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("send", "cut", "restart"), who: which }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(10, 900, 5_000, 60_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("lose" as const), who: which, frames: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("reclaim", "renew"), who: which }) },
) as fc.Arbitrary<CopyMove>

export const copyPlans: fc.Arbitrary<CopyPlan> = fc.record({
  seed: fc.nat(),
  copied: fc.constantFrom("alice", "bob"),
  behind: fc.nat(3),
  moves: fc.array(move, { maxLength: 10, size: "max" }),
})

interface Actor {
  person: Person
  contact: Contact
  /** Frames to it that are still to be lost. */
  lost: number
  alarms: number
}

const isStopped = ({ contact }: Actor) => contact.session.get().state === "replaced"

export const liveAsCopies = (plan: CopyPlan): Promise<HealingObservation & { readonly sees: ReadonlyArray<string> }> =>
  inWorld(async (world) => {
    let streams = plan.seed
    const crypto = () => fastCrypto(randomFrom(makeDice(++streams)))
    const begin = (options: Parameters<typeof person>[1] = {}) =>
      person(world, { ...options, crypto: crypto(), inspected: false })
    const people = await pair(world, await begin({ name: "Alice" }), await begin({ name: "Bob" }))
    const own = people[plan.copied]
    const peer = plan.copied === "alice" ? people.bob : people.alice
    const actor = (one: Person): Actor => ({ person: one, contact: one.me.contacts.get()[0]!, lost: 0, alarms: 0 })
    const actors: [Actor, Actor?, Actor?] = [actor(own)]
    await sendAll(world, actors[0].contact, ["before"])
    await world.pass(1_000)
    const copy = copyOf(own.shelves)
    for (let i = 0; i < plan.behind; i++) await sendAll(world, actors[0].contact, [`since ${i}`])
    await world.pass(1_000)
    actors[1] = actor(await begin({ shelves: copy }))
    actors[2] = actor(peer)
    const all = actors as [Actor, Actor, Actor]
    const attend = (one: Actor) => {
      one.person.tap.incoming = (frame) => (one.lost > 0 && one.lost-- > 0 ? [] : [frame])
    }
    for (const one of all) attend(one)
    let asked = 0
    const again = async (one: Actor) => {
      one.alarms += alarmsOf(one)
      await world.hear(one.person.me.close())
      one.person.shelves.taken = false
      one.person = await begin({ shelves: one.person.shelves })
      one.contact = one.person.me.contacts.get()[0]!
      attend(one)
    }
    for (const one of plan.moves) {
      const who = "who" in one ? all[one.who] : undefined
      if (one.do === "wait") await world.pass(one.ms)
      else if (one.do === "send") await sendAll(world, who!.contact, [`${one.who}`])
      else if (one.do === "cut") for (const link of who!.person.tap.links) link.close()
      else if (one.do === "restart") await again(who!)
      else if (one.do === "lose") who!.lost = one.frames
      else if (one.do === "reclaim") {
        if (isStopped(who!)) asked++
        await world.hear(who!.contact.reclaim())
      } else {
        const wanted = await world.hear(
          who!.contact.renewKeys().then(
            () => true,
            () => false,
          ),
        )
        if (wanted) asked++
      }
      await world.settle()
    }
    for (const one of all) one.lost = 0
    // Each of them comes to speak with the peer, more than once.
    for (let i = 0; i < 3; i++) {
      for (const one of all) for (const link of one.person.tap.links) link.close()
      await Promise.all(all.map(({ contact }) => world.hear(contact.connect())))
      await world.pass(plan.patience ?? 180_000)
    }
    const [first, second, honest] = all
    const copies = [first, second]
    const going = copies.filter((one) => !isStopped(one))
    await Promise.all(going.map(({ contact }) => sendAll(world, contact, ["last"])))
    await world.pass(60_000)
    const heard = await talk(world, honest.contact)
    const observation = {
      copies: 1,
      asked,
      healings: noticesOf(heard).length,
      alarms: honest.alarms + alarmsOf(honest),
      stopped: copies.filter(isStopped).length,
      told: (await Promise.all(copies.map((one) => says(world, one)))).filter(Boolean).length,
      going: going.filter(({ contact }) => contact.session.get().waiting === 0).length,
      atRest: true,
      sees: heard.filter(({ from, kind }) => kind === "text" && from !== "me").map(({ text }) => text),
    }
    for (const one of all) await world.hear(one.person.me.close())
    return observation
  }, plan.seed)

const alarmsOf = ({ person: { events } }: Actor) => events.filter(({ type }) => type === "cloneDetected").length

/** Whether the last line of a stopped copy's conversation that is no message says that it stopped. */
const says = async (world: World, one: Actor) =>
  isStopped(one) && noticesOf(await talk(world, one.contact)).at(-1) === "replaced"
