/**
 * A handshake over a bad network, with processes that end: whatever is lost, repeated, late or cut off, both come to one and
 * the same session. HS-5, HS-6, HS-8. `FUZZ=…` scales the number of runs; a failure prints its seed.
 */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { handshakeInvariants } from "../../src/spec/invariants/handshake.ts"
import { violations } from "../../src/spec/invariants/invariant.ts"
import { runs } from "../core/layers/runtime.ts"
import { person, talk, textsFrom } from "../engine/people.ts"
import { inWorld } from "../engine/world.ts"
import { byPlan, FAULTS, type Plan } from "./fixture/handshake-runs.ts"
import { runPairing } from "./fixture/pairing.ts"

const play = (plan: Plan) =>
  inWorld(async (world) => {
    const inviter = await person(world, { name: "Alice" })
    const joiner = await person(world, { name: "Bob" })
    const { pairing, ...observation } = await runPairing({ world, inviter, joiner, hand: byPlan(plan), limit: 590_000 })
    assert.deepEqual(violations(handshakeInvariants, observation), [])
    const [toBob, toAlice] = [pairing.contactOf("inviter")!, pairing.contactOf("joiner")!]
    await world.hear((await world.hear(toBob.send("there"))).until("delivered"), 120_000)
    await world.hear((await world.hear(toAlice.send("back"))).until("delivered"), 120_000)
    assert.deepEqual(textsFrom(await talk(world, toBob), toBob), ["back"])
    return pairing.held.length
  }, 7)

describe("a handshake comes to one session", () => {
  it("where nothing goes wrong, in five frames", async () => {
    assert.equal(await play(new Map()), 5)
  })

  for (const fault of FAULTS) {
    it(`with one fault anywhere: ${fault}`, async () => {
      const at = runs(1) > 1 ? [0, 1, 2, 3, 4] : [...FAULTS.keys()].map((i) => (i * 2) % 5).slice(0, 3)
      for (const count of new Set([...at, FAULTS.indexOf(fault) % 5])) await play(new Map([[count, fault]]))
    })
  }

  it("with any few faults", async () => {
    const plan = fc
      .array(fc.tuple(fc.nat(9), fc.constantFrom(...FAULTS)), { minLength: 2, maxLength: 5 })
      .map((faults) => new Map(faults))
    await fc.assert(
      fc.asyncProperty(plan, async (faults) => void (await play(faults))),
      { numRuns: runs(12), endOnFailure: true },
    )
  })
})
