/** Handshakes with true MACs and something wrong inside, against both suppliers of primitives. HS-1 to HS-4, HS-7, HS-9. */
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { Crypto, type CryptoService } from "../../src/core/crypto/crypto.ts"
import { makeOwnStatics } from "../../src/core/handshake/own-keys.ts"
import { handshakeInvariants } from "../../src/spec/invariants/handshake.ts"
import { violations } from "../../src/spec/invariants/invariant.ts"
import { suppliers } from "../core/crypto/suppliers.ts"
import { runs } from "../core/layers/runtime.ts"
import {
  alteredGame,
  controlGames,
  type Game,
  invalidKeyGames,
  ownKeysGames,
  strippedGames,
} from "./fixture/key-games.ts"
import { makeInviter, observed } from "./fixture/parties.ts"
import { impostorGames } from "./fixture/thief-games.ts"

const run = <A>(crypto: CryptoService, effect: Effect.Effect<A, never, Crypto>): Promise<A> =>
  Effect.runPromise(Effect.provideService(effect, Crypto, crypto))

const binding = fc.option(fc.uint8Array({ minLength: 1, maxLength: 3 }), { nil: undefined })

// Each supplier has every other byte: the check that refuses them is the same.
suppliers.forEach((crypto, i) => {
  describe(`with primitives from ${crypto.name}`, () => {
    const play = ({ name, play: game }: Game) =>
      it(name, async () => {
        const observation = await run(crypto, game)
        assert.isNotEmpty(observation.attempts)
        assert.deepEqual(violations(handshakeInvariants, observation), [])
      })

    for (const game of invalidKeyGames) play(game)
    for (const game of strippedGames) play(game)
    for (const game of impostorGames) play(game)
    for (const game of ownKeysGames) play(game)
    for (const frame of ["hello", "bundle", "accept"] as const) play(alteredGame(frame, i, suppliers.length))

    for (const { name, play: game } of controlGames) {
      it(`${name}: taken`, async () => {
        const { attempts } = await run(crypto, game)
        assert.isTrue(attempts.every(({ taken }) => taken))
      })
    }

    it("keys match if and only if both heard the same", async () => {
      const inviter = await run(crypto, makeInviter)
      const joiner = await run(crypto, makeOwnStatics)
      let matched = 0
      await fc.assert(
        fc.asyncProperty(binding, fc.option(binding, { nil: "same" as const }), async (ours, theirs) => {
          const bindings = { inviter: ours, joiner: theirs === "same" ? ours : theirs }
          const observation = await run(crypto, observed(inviter, joiner, { bindings }))
          matched += observation.keysMatch === true ? 1 : 0
          assert.isDefined(observation.keysMatch)
          assert.deepEqual(violations(handshakeInvariants, observation), [])
        }),
        // One that matches is always among them; chance alone would leave it out of a run in ten.
        { numRuns: runs(12), examples: [[Uint8Array.of(1), "same"]] },
      )
      assert.isAbove(matched, 0)
    })
  })
})
