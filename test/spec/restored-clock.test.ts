/** A disk that is restored between two milliseconds: a run's time may be a fraction, a wall clock's never is. */
import { assert, describe, it } from "vitest"
import { PAIRED } from "../../src/spec/scenarios/prelude.ts"
import { simulate } from "../../src/spec/simulation/simulate.ts"

describe("a disk of a simulation", () => {
  it("is restored at a whole millisecond, and its owner's conversation is there", async () => {
    const run = await simulate({ seed: 1, peers: ["alice", "bob"] })
    for (const choice of PAIRED) await run.step(choice)
    await run.step(["wait", 0.5])
    assert.notStrictEqual(run.now() % 1, 0)
    assert.isTrue(await run.step(["restore", "bob"]))
    assert.isTrue(await run.step(["restart", "bob"]))
    await run.step(["wait", 60_000])
    assert.lengthOf(run.view().peers[1]!.contacts, 1)
    assert.strictEqual(run.view().peers[1]!.contacts[0]!.session, "established")
    run.close()
  })
})
