/** Keys made ahead: how many, when, for whom, and for how long. HS-10. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { assert, describe, it } from "vitest"
import { KEPT_FOR, makeKeysAhead, QUIET_FOR } from "../../src/core/handshake/making-ahead.ts"
import { handshakeInvariants } from "../../src/spec/invariants/handshake.ts"
import { violations } from "../../src/spec/invariants/invariant.ts"
import { noble } from "../core/crypto/suppliers.ts"
import { given, healed, leisure } from "./fixture/ahead-games.ts"

const started = async () => {
  const time = leisure()
  const scope = Scope.makeUnsafe()
  const ahead = await Effect.runPromise(Scope.provide(makeKeysAhead(noble, time.idle), scope))
  return { ...time, ahead, close: () => Effect.runPromise(Scope.close(scope, Exit.void)) }
}

describe("keys made ahead", () => {
  it("go to one pairing each, and what nobody took is wiped when the storage closes (HS-10)", async () => {
    const observation = await given()
    assert.deepEqual(violations(handshakeInvariants, observation), [])
    assert.isAtLeast(observation.ahead.filter(({ pairings }) => pairings === 1).length, 2 * 8)
    assert.isAtLeast(observation.ahead.filter(({ pairings }) => pairings === 0).length, 8)
  })

  it("are taken by a pairing on both sides, and by no healing (HS-10)", async () => {
    const observation = await healed()
    assert.deepEqual(violations(handshakeInvariants, observation), [])
    assert.lengthOf(observation.ahead, 2)
  })

  it("are two sets at most, and each KEM key waits for a moment of its own", async () => {
    const { ahead, close, rest, waiting } = await started()
    assert.isUndefined(ahead.forInvite())
    assert.deepEqual(
      waiting.map(({ after }) => after),
      [QUIET_FOR],
    )
    // The quiet before; then X-Wing for the identity, the one-time key and two of MLS, Kyber's; and two more for joining.
    assert.equal(await rest(), 1 + 5 + 2)
    assert.isDefined(ahead.forInvite())
    assert.isUndefined(ahead.forInvite())
    assert.isDefined(ahead.forJoining())
    assert.isUndefined(ahead.forJoining())
    assert.equal(await rest(), 1 + 5 + 2)
    await close()
    assert.isUndefined(ahead.forInvite())
    assert.lengthOf(waiting, 0)
  })

  it("are wiped after an hour, and made again only after somebody has paired", async () => {
    const { ahead, close, grow, rest, waiting } = await started()
    await rest()
    assert.deepEqual(
      waiting.map(({ after }) => after),
      [KEPT_FOR],
    )
    await grow()
    assert.lengthOf(waiting, 0)
    assert.isUndefined(ahead.forJoining())
    await rest()
    assert.isDefined(ahead.forJoining())
    await close()
  })
})
