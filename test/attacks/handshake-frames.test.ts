/** An attacker at every frame of a handshake: altered, replayed and reflected ones. HS-1, HS-5, HS-9. */

import { assert, describe, it } from "vitest"
import { decodeFrame } from "../../src/core/frame.ts"
import type { Role } from "../../src/core/ids.ts"
import { handshakeInvariants } from "../../src/spec/invariants/handshake.ts"
import { violations } from "../../src/spec/invariants/invariant.ts"
import { isEstablished, person } from "../engine/people.ts"
import { inWorld } from "../engine/world.ts"
import { play, reflecting, replaying } from "./fixture/handshake-runs.ts"
import { durable, runPairing } from "./fixture/pairing.ts"
import { inviteIn, strangerAt } from "./stranger.ts"

/** So many copies of each frame that no link's budget is used up. `FUZZ=…` moves the places where they are altered. */
const COPIES = 60
const SEED = Number(process.env["FUZZ"] ?? 1)

describe("a handshake", () => {
  for (const start of [0, 1, 2]) {
    it(`goes on as if altered frames had never come (${start})`, async () => {
      const { attempts, ...rest } = await play(async ({ frame, kind, link, to }, { attempt, people }) => {
        const refusals = () => people[to].transitions.filter(({ event }) => event.endsWith("Refused")).length
        const before = refusals()
        const said = people[to].tap.sent.length
        for (let i = 0; i < COPIES; i++) {
          const altered = frame.slice()
          const at = Math.floor(((i + (start + SEED) / 4) * frame.length) / COPIES) % frame.length
          altered[at]! ^= 1 << ((i + start) & 7)
          await attempt("altered", to, kind, altered, link)
        }
        await attempt("altered", to, kind, frame.slice(0, -1), link)
        await attempt("altered", to, kind, Uint8Array.of(...frame, 0), link)
        assert.isAbove(refusals() - before, COPIES / 2, `${kind}: most of them were looked at`)
        assert.equal(people[to].tap.sent.length, said, `${kind}: none of them was answered`)
      })
      assert.isAtLeast(attempts.length, 5 * COPIES)
      assert.deepEqual(violations(handshakeInvariants, { ...rest, attempts }), [])
    })
  }

  it("takes no frame twice, and an older one never again", async () => {
    const { attempts, ...rest } = await play(replaying())
    assert.isAtLeast(attempts.length, 8)
    assert.deepEqual(violations(handshakeInvariants, { ...rest, attempts }), [])
  })

  for (const kind of ["bundle", "accept"] as const) {
    it(`is not led astray by an older Hello before its ${kind === "bundle" ? "Bundle" : "Accept"}`, async () => {
      let older: Uint8Array | undefined
      let replayed = false
      const { attempts, ...rest } = await play(async (held, { attempt, people, world }) => {
        if (held.kind === "hello" && older === undefined) {
          // The first one is lost with its link, and somebody has kept it.
          older = held.frame
          for (const link of people.inviter.tap.links) link.close()
          return false
        }
        if (held.kind !== kind || replayed) return true
        replayed = true
        const open = people.inviter.tap.links.find(({ isOpen }) => isOpen())!
        // That it came the attacker's way is new; once it is known, it creates nothing.
        open.deliver(older!)
        await world.settle()
        await attempt("replayed", "inviter", "hello", older!, open)
        return true
      })
      assert.lengthOf(attempts, 1)
      assert.deepEqual(violations(handshakeInvariants, { ...rest, attempts }), [])
    })
  }

  it("is over: nothing of it starts anything again, over any link", async () => {
    await inWorld(async (world) => {
      const inviter = await person(world, { name: "Alice" })
      const joiner = await person(world, { name: "Bob" })
      const frames: Array<{ to: Role; frame: Uint8Array }> = []
      const observation = await runPairing({
        world,
        inviter,
        joiner,
        hand: async ({ frame, to }) => {
          frames.push({ to, frame })
        },
      })
      assert.isTrue(observation.ends.every(({ established }) => established))
      await world.pass(10_000)
      const people = { inviter, joiner }
      const before = { inviter: durable(inviter.shelves), joiner: durable(joiner.shelves) }
      for (let round = 0; round < 2; round++) {
        for (const { frame, to } of round === 0 ? frames : frames.toReversed()) {
          for (const link of people[to].tap.links.filter(({ isOpen }) => isOpen())) link.deliver(frame)
          await world.settle()
        }
      }
      for (const role of ["inviter", "joiner"] as const) {
        assert.equal(durable(people[role].shelves), before[role], role)
        assert.isTrue(isEstablished(observation.pairing.contactOf(role)!))
        assert.lengthOf(people[role].me.contacts.get(), 1)
      }
    })
  })

  it("refuses its own frames when they come back, also in the other's name", async () => {
    const { attempts, ...rest } = await play(reflecting)
    assert.isAtLeast(attempts.length, 9)
    assert.deepEqual(violations(handshakeInvariants, { ...rest, attempts }), [])
  })

  it("comes to nothing for a stranger who has heard all of it", async () => {
    await inWorld(async (world) => {
      const inviter = await person(world, { name: "Alice" })
      const joiner = await person(world, { name: "Bob" })
      const frames: Array<Uint8Array> = []
      const invites = { text: "" }
      inviter.me.invites.subscribe((all) => {
        invites.text = all[0]?.text ?? invites.text
      })
      await runPairing({
        world,
        inviter,
        joiner,
        hand: async ({ frame }) => {
          frames.push(frame)
        },
      })
      const stranger = await strangerAt(world, inviteIn(invites.text).meet[0]!)
      const before = durable(inviter.shelves)
      for (const frame of frames) {
        await stranger.send(frame)
        await world.settle()
      }
      assert.equal(durable(inviter.shelves), before)
      // It is asked in whose name it comes, as every link is, and has no answer.
      const heard = stranger.heard.map((frame) => decodeFrame(frame)?.kind)
      assert.deepEqual([...new Set(heard)], ["ask"])
    })
  })
})
