/** Invites, from making to using, cancelling and expiring, as a user meets them. */
import { assert, describe, it } from "vitest"
import { toBase64url } from "../../src/core/crypto/bytes.ts"
import { decodeInvite, encodeInvite, type Invite } from "../../src/core/handshake/invite.ts"
import { SottoError, type SottoErrorCode } from "../../src/index.ts"
import { isEstablished, pair, person } from "./people.ts"
import { inWorld, type World } from "./world.ts"

const refusal = async (world: World, promise: Promise<unknown>): Promise<SottoErrorCode | "nothing"> =>
  world.hear(
    promise.then(
      () => "nothing" as const,
      (error: unknown) => {
        assert.instanceOf(error, SottoError)
        return (error as SottoError).code
      },
    ),
  )

const decoded = (text: string): Invite => {
  const invite = decodeInvite(text)
  if (typeof invite === "string") throw new Error(invite)
  return invite
}

describe("an invite", () => {
  it("comes to the same contact however often it is accepted", () =>
    inWorld(async (world) => {
      const alice = await person(world, { name: "Alice" })
      const bob = await person(world, { name: "Bob" })
      const invite = await world.hear(alice.me.invite())
      const first = await world.hear(bob.me.accept(invite.url))
      const second = await world.hear(bob.me.accept(invite.text))
      assert.strictEqual(first, second)
      await world.until("they have paired", () => isEstablished(first))
      assert.strictEqual(await world.hear(bob.me.accept(invite.url)), first)
      assert.lengthOf(bob.me.contacts.get(), 1)
      assert.lengthOf(alice.me.contacts.get(), 1)
    }))

  it("comes to one contact when a button is pressed twice", () =>
    inWorld(async (world) => {
      const alice = await person(world, { name: "Alice" })
      const bob = await person(world, { name: "Bob" })
      const invite = await world.hear(alice.me.invite())
      const [first, second] = await world.hear(Promise.all([bob.me.accept(invite.url), bob.me.accept(invite.url)]))
      assert.strictEqual(first, second)
      await world.until("they have paired", () => isEstablished(first!))
      assert.equal(bob.me.status.get(), "ready")
      assert.lengthOf(bob.me.contacts.get(), 1)
    }))

  it("is refused by whoever made it", () =>
    inWorld(async (world) => {
      const alice = await person(world)
      const invite = await world.hear(alice.me.invite())
      assert.equal(await refusal(world, alice.me.accept(invite.url)), "inviteOwn")
      assert.lengthOf(alice.me.contacts.get(), 0)
    }))

  it("is refused with the reason: expired, newer, damaged, none at all", () =>
    inWorld(async (world) => {
      const alice = await person(world)
      const bob = await person(world)
      const { text } = await world.hear(alice.me.invite({ expiresIn: "1 minute" }))
      const middle = Math.floor(text.length / 2)
      const flipped = text.slice(0, middle) + (text[middle] === "A" ? "B" : "A") + text.slice(middle + 1)
      for (const ask of [(t: string) => bob.me.accept(t), (t: string) => bob.me.preview(t)]) {
        assert.equal(await refusal(world, ask(flipped)), "inviteInvalid")
        assert.equal(await refusal(world, ask(text.slice(0, -5))), "inviteInvalid")
        assert.equal(await refusal(world, ask("hello")), "inviteInvalid")
        assert.equal(await refusal(world, ask("")), "inviteInvalid")
        assert.equal(await refusal(world, ask(text.replace("sotto1_", "sotto2_"))), "inviteNewer")
        assert.equal(await refusal(world, ask("x".repeat(10_000))), "inviteInvalid")
      }
      await world.pass(60_000)
      assert.equal(await refusal(world, bob.me.accept(text)), "inviteExpired")
      assert.equal(await refusal(world, bob.me.preview(text)), "inviteExpired")
      const told = await world.hear(bob.me.accept(text).catch((error: SottoError) => error.message))
      assert.include(told, "clock", "it may be the clock that is wrong")
      assert.lengthOf(bob.me.contacts.get(), 0)
    }))

  it("says what it is before anything is contacted", () =>
    inWorld(async (world) => {
      const alice = await person(world, { name: "Alice" })
      const bob = await person(world)
      const named = await world.hear(alice.me.invite({ expiresIn: "1 hour" }))
      const anonymous = await world.hear(alice.me.invite({ withName: false }))
      const preview = await world.hear(bob.me.preview(named.url))
      assert.equal(preview.claimedName, "Alice")
      assert.equal(preview.expiresAt, named.expiresAt)
      assert.isFalse(preview.byHand)
      assert.isUndefined((await world.hear(bob.me.preview(anonymous.url))).claimedName)
      assert.equal(bob.tap.dials(), 0)
    }))

  it("cannot be met where nothing is set up", () =>
    inWorld(async (world) => {
      const bob = await person(world)
      const invite = encodeInvite({
        version: 1,
        id: new Uint8Array(16),
        secret: new Uint8Array(32),
        bundleHash: new Uint8Array(32),
        expiresAt: Math.ceil(world.now() / 1_000) + 60,
        meet: [{ kind: "elsewhere", at: new Uint8Array(16) }],
      })
      assert.equal(await refusal(world, bob.me.accept(invite)), "notSupported")
    }))

  it("takes a duration of any kind, and refuses what is none", () =>
    inWorld(async (world) => {
      const alice = await person(world)
      for (const expiresIn of ["0.007 minutes", 1_000.5, "1 second", "30 days", 86_400_000.125] as const) {
        const invite = await world.hear(alice.me.invite({ expiresIn }))
        assert.isAbove(invite.expiresAt, world.now())
        await world.hear(invite.cancel())
      }
      for (const expiresIn of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, "31 days", 1e300] as const) {
        assert.equal(await refusal(world, alice.me.invite({ expiresIn })), "optionInvalid", String(expiresIn))
      }
      assert.equal(await refusal(world, alice.me.invite({ via: ["carrier pigeon"] })), "noTransport")
    }))

  it("is good for one: the second to use it gets nothing, and the first keeps all", () =>
    inWorld(async (world) => {
      const alice = await person(world, { name: "Alice" })
      const bob = await person(world, { name: "Bob" })
      const carol = await person(world, { name: "Carol" })
      const invite = await world.hear(alice.me.invite({ expiresIn: "10 minutes" }))
      const toBob = await world.hear(bob.me.accept(invite.url))
      await world.hear(invite.joined())
      const toCarol = await world.hear(carol.me.accept(invite.url))
      await world.pass(11 * 60_000)
      assert.equal(toBob.session.get().state, "established")
      assert.equal(toCarol.session.get().state, "failed")
      assert.equal(toCarol.session.get().failure, "expired")
      assert.lengthOf(alice.me.contacts.get(), 1)
      assert.deepInclude(carol.events, { type: "pairingFailed", contact: toCarol.id, reason: "expired" })
    }))

  it("is not known any more once cancelled", () =>
    inWorld(async (world) => {
      const alice = await person(world)
      const invite = await world.hear(alice.me.invite())
      const joined = refusal(world, invite.joined())
      assert.lengthOf(alice.me.invites.get(), 1)
      await world.hear(invite.cancel())
      assert.equal(await joined, "inviteCancelled")
      assert.equal(invite.state.get(), "cancelled")
      await world.until("the invite is gone", () => alice.shelves.hosts.size === 1)
      assert.lengthOf(alice.me.invites.get(), 0)
      assert.lengthOf(alice.me.contacts.get(), 0)
      assert.equal(world.network.listening(), 0)
      const bob = await person(world)
      const toAlice = await world.hear(bob.me.accept(invite.url))
      await world.pass(11 * 60_000)
      assert.equal(toAlice.session.get().state, "failed")
    }))

  it("ends by itself when its time is over, and leaves nothing behind", () =>
    inWorld(async (world) => {
      const alice = await person(world)
      const invite = await world.hear(alice.me.invite({ expiresIn: "1 minute" }))
      const joined = refusal(world, invite.joined())
      await world.pass(61_000)
      assert.equal(await joined, "inviteExpired")
      assert.equal(invite.state.get(), "expired")
      await world.until("the invite is gone", () => alice.shelves.hosts.size === 1)
      assert.lengthOf(alice.me.invites.get(), 0)
      assert.lengthOf(alice.me.contacts.get(), 0)
    }))

  it("goes on after a restart, and can still be used", () =>
    inWorld(async (world) => {
      const before = await person(world, { name: "Alice" })
      const { url } = await world.hear(before.me.invite())
      await world.hear(before.me.close())
      const alice = await person(world, { shelves: before.shelves })
      const [invite] = alice.me.invites.get()
      assert.equal(invite?.url, url)
      const bob = await person(world, { name: "Bob" })
      const toAlice = await world.hear(bob.me.accept(url))
      const toBob = await world.hear(invite!.joined())
      await world.until("both have paired", () => isEstablished(toAlice) && isEstablished(toBob))
      assert.lengthOf(alice.me.invites.get(), 0)
    }))

  it("that expired while nobody was there leaves nothing behind at the next start", () =>
    inWorld(async (world) => {
      const before = await person(world, { name: "Alice" })
      await world.hear(before.me.invite({ expiresIn: "1 minute" }))
      await world.hear(before.me.close())
      await world.pass(120_000)
      const alice = await person(world, { shelves: before.shelves })
      await world.pass(1_000)
      assert.lengthOf(alice.me.invites.get(), 0)
      assert.lengthOf(alice.me.contacts.get(), 0)
      assert.equal(alice.shelves.hosts.size, 1, "only the profile is left")
    }))

  it("shows how far it is", () =>
    inWorld(async (world) => {
      const alice = await person(world)
      const bob = await person(world)
      const invite = await world.hear(alice.me.invite())
      const states: Array<string> = []
      invite.state.subscribe((state) => void states.push(state))
      await world.hear(bob.me.accept(invite.url))
      await world.hear(invite.joined())
      assert.deepEqual(states, ["waiting", "joining", "used"])
    }))

  it("fits a comfortable QR code, and its link keeps the secret from the server", () =>
    inWorld(async (world) => {
      const alice = await person(world, { name: "n".repeat(48) })
      const { text, url, qr } = await world.hear(alice.me.invite())
      assert.isAtMost(text.length, 300)
      assert.equal(new URL(url).pathname + new URL(url).search, "/")
      assert.include(new URL(url).hash, text)
      assert.match(qr(), /^<svg/)
      assert.notInclude(text, toBase64url(decoded(text).id).repeat(2))
    }))
})

describe("pairing", () => {
  it("tells both sides the same number to compare, and whose it is", () =>
    inWorld(async (world) => {
      const { toAlice, toBob } = await pair(
        world,
        await person(world, { name: "Alice" }),
        await person(world, { name: "Bob" }),
      )
      const [ours, theirs] = [toBob.safetyNumber!, toAlice.safetyNumber!]
      assert.match(ours.digits, /^(\d{5} ?){12}$/)
      assert.equal(ours.digits, theirs.digits)
      assert.equal(toBob.name, "Bob")
      assert.equal(toAlice.name, "Alice")
    }))

  it("gives every contact keys of its own", () =>
    inWorld(async (world) => {
      const alice = await person(world, { name: "Alice" })
      const first = await pair(world, alice, await person(world))
      const second = await pair(world, alice, await person(world))
      assert.notEqual(first.toBob.safetyNumber!.digits, second.toBob.safetyNumber!.digits)
      const statics = [...alice.shelves.hosts.values()].flatMap(({ records }) => records.get("keys/own")?.join() ?? [])
      assert.lengthOf(new Set(statics), 2)
    }))
})
