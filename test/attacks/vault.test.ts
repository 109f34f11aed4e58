/** Somebody has the disk of a sealed storage: they change it, and they read it. ST-1 and ST-2, over games of any course. */
import { assert, describe, it } from "vitest"
import { violations } from "../../src/spec/invariants/invariant.ts"
import { vaultInvariants } from "../../src/spec/invariants/vault.ts"
import { play } from "./fixture/vault-game.ts"

const SEEDS = [1, 2, 3]

describe("a sealed storage in other hands", () => {
  it("keeps ST-1 and ST-2, whatever is done to it", async () => {
    const noticed = new Map<string, number>()
    for (const seed of SEEDS) {
      const observation = await play(seed)
      assert.deepEqual(
        violations(vaultInvariants, observation),
        [],
        `seed ${seed}: ${JSON.stringify(observation.tamperings)}`,
      )
      for (const { act, outcome } of observation.tamperings) {
        if (act === "nothing") assert.equal(outcome, "intact", `seed ${seed}`)
        if (outcome === "noticed") noticed.set(act, (noticed.get(act) ?? 0) + 1)
      }
    }
    const acts = "drop dropHost flip forgedHeader revivedHost staleCatalogue staleHeader staleHost staleRecord swap"
    assert.equal([...noticed.keys()].sort().join(" "), acts, "each act was tried, and noticed")
  })
})
