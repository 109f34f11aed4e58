/**
 * An adversary who holds three layers whole, or has broken them altogether, against the fourth: on the real layers. Every
 * subset of three, and the outsider who holds none.
 */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { GAMES, playGame } from "../../src/spec/games/cascade-run.ts"
import { moves } from "../../src/spec/games/moves.ts"
import { cascadeInvariants } from "../../src/spec/invariants/cascade.ts"
import { violations } from "../../src/spec/invariants/invariant.ts"
import { realSubject, toySubject } from "../core/cascade/subjects.ts"
import { PATIENCE, run, runs } from "../core/layers/runtime.ts"

for (const [name, subject, count] of [
  ["the real layers", realSubject, 12],
  ["toy layers", toySubject, 40],
] as const) {
  describe(`against ${name}`, () => {
    for (const game of GAMES) {
      const held = game.given.length === 0 ? "none" : game.given.join(", ")
      it(
        `who ${game.broken ? "has broken" : "holds"} ${held} gets nowhere`,
        async () => {
          await fc.assert(
            fc.asyncProperty(moves(40), async (played) => {
              assert.deepStrictEqual(violations(cascadeInvariants, await run(playGame(subject, game, played))), [])
            }),
            { numRuns: runs(count) },
          )
        },
        PATIENCE,
      )
    }
  })
}
