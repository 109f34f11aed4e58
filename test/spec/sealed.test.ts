/** People of a simulation whose storage a vault seals: what is durable through it is what was seen, crashes included. */
import { assert, describe, it } from "vitest"
import { rest } from "../../src/spec/simulation/rest.ts"
import { simulate } from "../../src/spec/simulation/simulate.ts"
import type { Simulation } from "../../src/spec/simulation/simulation.ts"

const unlock = (run: Simulation, peer: string) => run.step(["event", peer, { do: "unlock" }])

const paired = async (seed: number, crypto: "fast" | "real"): Promise<Simulation> => {
  const run = await simulate({ seed, crypto, peers: ["alice", "bob"], vaults: ["alice", "bob"] })
  for (const peer of run.peers) await unlock(run, peer)
  await run.step(["wait", 2_000])
  await run.step(["event", "alice", { do: "pair", with: "bob" }])
  await run.step(["wait", 5_000])
  return run
}

const history = (run: Simulation, peer: string) =>
  run
    .view()
    .peers.find(({ name }) => name === peer)
    ?.contacts[0]?.history.map(({ text }) => text)

const broken = (run: Simulation) => run.view().invariants.flatMap(({ holds, id }) => (holds ? [] : [id]))

describe("a vault in a simulation", () => {
  for (const fate of ["lost", "committed", "torn", "marked"] as const)
    it(`loses nothing, and forgets no seal, where a process dies at a commit: ${fate}`, async () => {
      const run = await paired(7, "fast")
      for (const text of ["one", "two", "three"]) {
        await run.step(["crash", "bob", fate])
        await run.step(["event", "alice", { do: "send", to: "bob", text }])
        await run.step(["wait", 3_000])
        await run.step(["restart", "bob"])
        assert.isTrue(await unlock(run, "bob"))
        await run.step(["wait", 5_000])
      }
      assert.isTrue(await rest(run))
      assert.deepStrictEqual(history(run, "bob"), ["one", "two", "three"])
      assert.isAbove(run.record.crashes(), 2)
      assert.deepStrictEqual(broken(run), [])
      run.close()
    })

  it("opens with its key alone, makes who guesses wait, and locks by itself", async () => {
    const run = await paired(3, "real")
    const vault = () => run.view().peers[1]!.vault!
    await run.step(["event", "bob", { do: "lock" }])
    assert.strictEqual(vault().state, "locked")
    assert.isFalse(await run.step(["event", "bob", { do: "lock" }]))
    for (let tries = 1; tries <= 5; tries++) {
      assert.isTrue(await run.step(["event", "bob", { do: "unlock", wrong: true }]))
      assert.isFalse(await unlock(run, "bob"), "somebody is typing")
      await run.step(["wait", 1_100])
      assert.deepStrictEqual(vault().context, { wrong: tries })
    }
    assert.strictEqual(vault().state, "delayed")
    assert.isFalse(await unlock(run, "bob"))
    assert.deepStrictEqual(
      run.enabled().filter(([what, peer]) => what === "event" && peer === "bob"),
      [],
    )
    await run.step(["wait", vault().timers[0]!.due - run.now()])
    assert.isTrue(await unlock(run, "bob"))
    await run.step(["wait", 2_000])
    assert.strictEqual(vault().state, "open")
    await run.step(["event", "bob", { do: "autoLock", after: 300_000 }])
    await run.step(["wait", 300_000])
    assert.strictEqual(vault().state, "locked")
    run.close()
  })

  it("can be stolen with its disk by nobody, and is nobody's who has none", async () => {
    const run = await paired(1, "fast")
    for (const what of ["copy", "putBack", "lose", "replace", "restore"] as const)
      assert.isFalse(await run.step([what, "bob"]), what)
    run.close()
    const unsealed = await simulate({ seed: 1 })
    await unsealed.step(["event", "alice", { do: "lock" }])
    assert.isFalse(await unsealed.step(["event", "alice", { do: "unlock", wrong: true }]))
    assert.isUndefined(unsealed.view().peers[0]!.vault)
    unsealed.close()
  })
})
