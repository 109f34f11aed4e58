/** X-Wing as a component: what an attacker can vary, and what a caller can get wrong. The draft's vectors are in test/vectors. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { equal } from "../../../src/core/crypto/bytes.ts"
import type { Refused } from "../../../src/core/crypto/crypto.ts"
import { xWing } from "../../../src/core/crypto/x-wing.ts"
import { suppliers } from "./suppliers.ts"

const seed = new Uint8Array(32).fill(7)
const refused = async (operation: Effect.Effect<unknown, Refused>) => {
  const exit = await Effect.runPromiseExit(operation)
  return Exit.isFailure(exit) && Exit.hasFails(exit)
}

describe.each(suppliers)("$name", (crypto) => {
  const kem = xWing(crypto)

  test("both sides agree, and every encapsulation is fresh", async () => {
    const publicKey = await Effect.runPromise(kem.publicKey(seed))
    expect(publicKey).toHaveLength(kem.publicKeyBytes)
    const first = await Effect.runPromise(kem.encapsulate(publicKey))
    const second = await Effect.runPromise(kem.encapsulate(publicKey))
    expect(first.ciphertext).toHaveLength(kem.ciphertextBytes)
    expect(equal(first.ciphertext, second.ciphertext)).toBe(false)
    expect(await Effect.runPromise(kem.decapsulate(seed, first.ciphertext))).toEqual(first.sharedSecret)
  })

  test("an altered ciphertext never gives the secret, in neither half", async () => {
    const { ciphertext, sharedSecret } = await Effect.runPromise(
      kem.encapsulate(await Effect.runPromise(kem.publicKey(seed))),
    )
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: kem.ciphertextBytes - 1 }), fc.nat({ max: 7 }), async (at, bit) => {
        const altered = ciphertext.slice()
        altered[at]! ^= 1 << bit
        const exit = await Effect.runPromiseExit(kem.decapsulate(seed, altered))
        if (Exit.isSuccess(exit)) expect(equal(exit.value, sharedSecret)).toBe(false)
      }),
      { numRuns: 40, examples: [[kem.ciphertextBytes - 1, 7]] },
    )
  })

  test("a low-order X25519 half is refused on both sides", async () => {
    const publicKey = await Effect.runPromise(kem.publicKey(seed))
    const { ciphertext } = await Effect.runPromise(kem.encapsulate(publicKey))
    expect(await refused(kem.encapsulate(publicKey.fill(0, 1184)))).toBe(true)
    expect(await refused(kem.decapsulate(seed, ciphertext.fill(0, 1088)))).toBe(true)
  })

  test("unreduced ML-KEM halves and wrong lengths are refused", async () => {
    const publicKey = await Effect.runPromise(kem.publicKey(seed))
    const { ciphertext } = await Effect.runPromise(kem.encapsulate(publicKey))
    expect(await refused(kem.encapsulate(publicKey.slice(1)))).toBe(true)
    expect(await refused(kem.encapsulate(new Uint8Array(0)))).toBe(true)
    expect(await refused(kem.decapsulate(seed, ciphertext.slice(1)))).toBe(true)
    expect(await refused(kem.decapsulate(seed.slice(1), ciphertext))).toBe(true)
    expect(await refused(kem.encapsulate(publicKey.fill(0xff, 0, 3)))).toBe(true)
    expect(Exit.isFailure(await Effect.runPromiseExit(kem.publicKey(seed.slice(1))))).toBe(true)
  })

  test("keys and ciphertexts given are not changed", async () => {
    const publicKey = await Effect.runPromise(kem.publicKey(seed))
    const [keyBefore, seedBefore] = [publicKey.slice(), seed.slice()]
    const { ciphertext } = await Effect.runPromise(kem.encapsulate(publicKey))
    const ciphertextBefore = ciphertext.slice()
    await Effect.runPromise(kem.decapsulate(seed, ciphertext))
    expect([publicKey, seed, ciphertext]).toEqual([keyBefore, seedBefore, ciphertextBefore])
  })
})
