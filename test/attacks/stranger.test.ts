/**
 * A stranger: knows an address (as the broker does) and no secret. May open links and send anything. Docs: protocol.md,
 * "Limits"; threat model, "Strangers".
 */
import { assert, describe, it } from "vitest"
import { BUDGET } from "../../src/core/contact/budget.ts"
import { about } from "../../src/core/contact/records.ts"
import { decodeFrame, encodeFrame, FRAGMENT_BYTES, type Frame, MAX_FRAGMENTS } from "../../src/core/frame.ts"
import type { Address } from "../../src/core/transport.ts"
import { isEstablished, isSettled, type Pair, type Person, pair, person, talk, textsFrom } from "../engine/people.ts"
import { inWorld, type World } from "../engine/world.ts"
import { inviteIn, type Stranger, strangerAt } from "./stranger.ts"

const noise = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 131 + seed * 17) & 255)

/** One of each kind, none of them genuine. */
const nonsense = (seed: number): ReadonlyArray<Frame> => [
  { kind: "hello", message: noise(300, seed) },
  { kind: "bundle", message: noise(6_000, seed) },
  { kind: "accept", message: noise(9_000, seed) },
  { kind: "confirm", role: "inviter", ciphertext: noise(3_600, seed) },
  { kind: "confirm", role: "joiner", ciphertext: noise(3_600, seed) },
  { kind: "sealed", ciphertext: noise(3_600, seed) },
  { kind: "echo", number: seed },
]

const echo = (frame: Uint8Array): ReadonlyArray<Uint8Array> => {
  const heard = decodeFrame(frame)
  return heard?.kind === "probe" ? [encodeFrame({ kind: "echo", number: heard.number })] : []
}

const shout = async (stranger: Stranger, seed: number) => {
  for (const frame of nonsense(seed)) await stranger.send(encodeFrame(frame))
}

/** Where a contact of this person listens, as the storage knows it. */
const ownAddress = ({ shelves }: Person): Address => {
  for (const [id, { records }] of shelves.hosts) {
    if (id === "profile") continue
    const own = about.decode(records.get("about")!)?.own[0]
    if (own !== undefined) return own
  }
  throw new TypeError("nobody listens")
}

const isHeard = async (world: World, { toAlice, toBob }: Pair, text: string) => {
  const there = await world.hear(toBob.send(`${text} there`))
  const back = await world.hear(toAlice.send(`${text} back`))
  await world.until(
    `"${text}" is heard`,
    () => there.state.get() === "delivered" && back.state.get() === "delivered",
    60_000,
  )
}

describe("a stranger who knows where the inviter listens", () => {
  it("may say anything before pairing: the guest pairs all the same", () =>
    inWorld(async (world) => {
      const alice = await person(world, { name: "Alice" })
      const bob = await person(world, { name: "Bob" })
      const invite = await world.hear(alice.me.invite())
      const stranger = await strangerAt(world, inviteIn(invite.text).meet[0]!)
      await shout(stranger, 1)
      const toAlice = await world.hear(bob.me.accept(invite.url))
      await world.until("they have paired", () => isEstablished(toAlice), 60_000)
      assert.lengthOf(alice.me.contacts.get(), 1)
      assert.deepEqual(stranger.heard, [], "a stranger is answered by silence")
    }))

  it("may interrupt between any two frames of the handshake: it goes on", () =>
    inWorld(async (world) => {
      const alice = await person(world, { name: "Alice" })
      const bob = await person(world, { name: "Bob" })
      const invite = await world.hear(alice.me.invite())
      const stranger = await strangerAt(world, inviteIn(invite.text).meet[0]!)
      let said = 0
      alice.tap.incoming = (frame, link) => {
        // Before every frame of the guest, one of each kind from the stranger.
        const own = link === alice.tap.links[0]
        if (!own) for (const lie of nonsense(++said)) alice.tap.links[0]!.deliver(encodeFrame(lie))
        return [frame]
      }
      const toAlice = await world.hear(bob.me.accept(invite.url))
      await world.until("they have paired", () => isEstablished(toAlice) && isSettled(toAlice), 120_000)
      const toBob = await world.hear(invite.joined())
      assert.isAbove(said, 2)
      await isHeard(world, { alice, bob, toAlice, toBob }, "after all")
      for (const answer of stranger.heard) assert.notEqual(answer.length, 0)
      const told = alice.events.filter(({ type }) => type === "handshakeRefused")
      assert.isNotEmpty(told, "a person can be told")
    }))

  it("holds a link while the guest greets: the guest does not talk to the stranger instead", () =>
    inWorld(async (world) => {
      const alice = await person(world, { name: "Alice" })
      const bob = await person(world, { name: "Bob" })
      const invite = await world.hear(alice.me.invite())
      alice.tap.incoming = () => [] // nothing reaches Alice yet
      const toAlice = await world.hear(bob.me.accept(invite.url))
      await world.until("Bob greets", () => bob.tap.sent.some(({ kind }) => kind === "hello"))
      const strangers = await Promise.all([1, 2, 3].map(() => strangerAt(world, ownAddress(bob))))
      await world.settle()
      alice.tap.incoming = (frame) => [frame]
      await world.until("they have paired", () => isEstablished(toAlice), 120_000)
      const kinds = strangers.flatMap(({ heard }) => heard.map((frame) => decodeFrame(frame)?.kind))
      for (const kind of ["hello", "accept", "confirm"] as const)
        assert.notInclude(kinds, kind, "it is for the inviter")
    }))
})

describe("a stranger who knows where a contact listens", () => {
  it("sends what no budget allows: the peer's own frames still open", () =>
    inWorld(async (world) => {
      const two = await pair(world, await person(world), await person(world))
      await isHeard(world, two, "before")
      await strangerAt(world, ownAddress(two.bob))
      const strange = two.bob.tap.links.at(-1)!
      two.bob.tap.incoming = (frame, link) => {
        // Before every frame of the peer, more forged ones than any link may send at once.
        for (let i = 0; link !== strange && i < 2 * BUDGET; i++) {
          strange.deliver(encodeFrame({ kind: "sealed", ciphertext: noise(300, i) }))
        }
        return [frame]
      }
      await isHeard(world, two, "after")
    }))

  it("guesses the counters of frames, and does not become the link that we answer on", () =>
    inWorld(async (world) => {
      const two = await pair(world, await person(world), await person(world))
      await isHeard(world, two, "before")
      const stranger = await strangerAt(world, ownAddress(two.bob))
      const forge = (counter: number) => {
        const ciphertext = noise(3_600)
        new DataView(ciphertext.buffer).setUint32(0, counter)
        return encodeFrame({ kind: "sealed", ciphertext })
      }
      const strange = two.bob.tap.links.at(-1)!
      two.bob.tap.incoming = (frame, link) => {
        // The forged frames come after the genuine one, and before it is committed.
        if (link !== strange) queueMicrotask(() => Array.from({ length: 40 }, (_, i) => strange.deliver(forge(i))))
        return [frame]
      }
      await isHeard(world, two, "during")
      two.bob.tap.incoming = (frame) => [frame]
      await isHeard(world, two, "after")
      assert.isEmpty(
        stranger.heard.filter((frame) => /^(sealed|confirm|fragment)$/.test(decodeFrame(frame)?.kind ?? "")),
        "nothing sealed goes to the stranger",
      )
    }))

  it("fills all room for fragments, and a long message still arrives", () =>
    inWorld(async (world) => {
      const two = await pair(world, await person(world), await person(world))
      await isHeard(world, two, "before")
      const stranger = await strangerAt(world, ownAddress(two.bob))
      const strange = two.bob.tap.links.at(-1)!
      let id = 0
      let parts = 0
      const part = () =>
        encodeFrame({
          kind: "fragment",
          id: noise(8, ++id),
          index: 0,
          count: MAX_FRAGMENTS,
          bytes: noise(FRAGMENT_BYTES, id),
        })
      two.bob.tap.incoming = (frame, link) => {
        if (link === strange) return [frame]
        // Between any two parts of the peer more of the stranger's than there is room for.
        const turn = 10 * ++parts
        setTimeout(() => Array.from({ length: 10 }, () => strange.deliver(part())), turn)
        setTimeout(() => link.deliver(frame), turn + 5)
        return []
      }
      const long = "x".repeat(60_000)
      const sent = await world.hear(two.toBob.send(long))
      await world.until("it arrives", () => sent.state.get() === "delivered", 60_000)
      assert.equal(textsFrom(await talk(world, two.toAlice), two.toAlice).at(-1), long)
      assert.isTrue(two.bob.events.some(({ type }) => type === "reassemblyDropped"))
      await stranger.close()
    }))

  it("keeps a link open and answers every probe, and cannot hide that the peer's own is lost", () =>
    inWorld(async (world) => {
      const two = await pair(world, await person(world), await person(world))
      await isHeard(world, two, "before")
      await strangerAt(world, ownAddress(two.bob), echo)
      await strangerAt(world, ownAddress(two.alice), echo)
      for (const { tap } of [two.alice, two.bob]) tap.links[0]!.close()
      await isHeard(world, two, "after")
    }))

  it("answers probes that it never saw, and cannot keep a dead link alive", () =>
    inWorld(async (world) => {
      const two = await pair(world, await person(world), await person(world))
      await isHeard(world, two, "before")
      const people = [two.alice, two.bob]
      const own = people.map(({ tap }) => tap.links[0]!)
      const strangers = await Promise.all(people.map((one) => strangerAt(world, ownAddress(one))))
      for (const { tap } of people) {
        // The peer's link is dead without anybody having closed it.
        tap.outgoing = (frame, link) => (own.includes(link) ? [] : [frame])
      }
      for (let i = 0; i < 120 && own.some(({ isOpen }) => isOpen()); i++) {
        for (const stranger of strangers) {
          for (let number = 0; number < 40; number++) await stranger.send(encodeFrame({ kind: "echo", number }))
        }
        await world.pass(1_000)
      }
      assert.isFalse(
        own.some(({ isOpen }) => isOpen()),
        "the dead link was given up",
      )
      await isHeard(world, two, "after")
    }))

  it("opens link after link, and the one in use stays", () =>
    inWorld(async (world) => {
      const two = await pair(world, await person(world), await person(world))
      await isHeard(world, two, "before")
      const own = two.bob.tap.links[0]!
      const strangers: Array<Stranger> = []
      for (let i = 0; i < 20; i++) strangers.push(await strangerAt(world, ownAddress(two.bob)))
      await world.settle()
      assert.isTrue(own.isOpen())
      assert.isAtMost(strangers.filter(({ isOpen }) => isOpen()).length, 3)
      await isHeard(world, two, "after")
    }))
})
