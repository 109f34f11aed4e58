/**
 * Edits, deletions for everyone and for oneself, answers, reactions and timers of both, at random, while frames are lost, repeated and
 * reordered, processes die and people are offline: in the end both have the same. Docs: protocol.md, "Changes".
 */
import { assert, describe, it } from "vitest"
import { difference, mergedRun } from "../engine/merging-runs.ts"
import { inFull } from "../long.ts"

const RUNS = inFull(200, 30)

describe("what two people make of their messages", () => {
  it("is the same on both sides, whatever the order in which it met", { timeout: 600_000 }, async () => {
    const done: Record<string, number> = {}
    for (let seed = 1; seed <= RUNS; seed++) {
      const run = await mergedRun(seed)
      assert.isUndefined(difference(run), `seed ${seed}`)
      for (const [what, count] of Object.entries(run.done)) done[what] = (done[what] ?? 0) + count
    }
    console.log(JSON.stringify(done))
    for (const what of ["send", "reply", "edit", "delete", "deleteForMe", "react", "timer"]) {
      assert.isAtLeast(done[what] ?? 0, RUNS, what)
    }
  })
})
