/** Kyber-1024 of round 3: not FIPS 203's secret, and round 3's own rejection. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { concat, equal } from "../../../src/core/crypto/bytes.ts"
import type { Refused } from "../../../src/core/crypto/crypto.ts"
import { kyber1024 } from "../../../src/core/crypto/kyber.ts"
import { noble, suppliers } from "./suppliers.ts"

const seed = Uint8Array.from({ length: 64 }, (_, i) => i)
const run = <A>(operation: Effect.Effect<A, Refused>) => Effect.runPromise(operation)
const refused = async (operation: Effect.Effect<unknown, Refused>) => {
  const exit = await Effect.runPromiseExit(operation)
  return Exit.isFailure(exit) && Exit.hasFails(exit)
}

describe.each(suppliers)("$name", (crypto) => {
  const kem = kyber1024(crypto)

  test("both sides agree, also across suppliers, in the typed wire form", async () => {
    const publicKey = await run(kem.publicKey(seed))
    expect([publicKey.length, publicKey[0]]).toEqual([1569, 8])
    const { ciphertext, sharedSecret } = await run(kem.encapsulate(publicKey))
    expect([ciphertext.length, ciphertext[0]]).toEqual([1569, 8])
    expect(await run(kem.decapsulate(seed, ciphertext))).toEqual(sharedSecret)
    expect(await run(kyber1024(noble).decapsulate(seed, ciphertext))).toEqual(sharedSecret)
  })

  test("the secret is SHAKE256(K ‖ SHA3-256(ciphertext)), not FIPS 203's K", async () => {
    const { ciphertext, sharedSecret } = await run(kem.encapsulate(await run(kem.publicKey(seed))))
    const fips = await run(crypto.mlKem1024.decapsulate(seed, ciphertext.slice(1)))
    expect(equal(fips, sharedSecret)).toBe(false)
    expect(sharedSecret).toEqual(crypto.shake256(concat(fips, crypto.sha3_256(ciphertext.slice(1))), 32))
  })

  test("a ciphertext that does not belong gives SHAKE256(z ‖ SHA3-256(ciphertext))", async () => {
    const { ciphertext, sharedSecret } = await run(kem.encapsulate(await run(kem.publicKey(seed))))
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1568 }), fc.nat({ max: 7 }), async (at, bit) => {
        const altered = ciphertext.slice()
        altered[at]! ^= 1 << bit
        const secret = await run(kem.decapsulate(seed, altered))
        expect(secret).toEqual(crypto.shake256(concat(seed.slice(32), crypto.sha3_256(altered.slice(1))), 32))
        expect(equal(secret, sharedSecret)).toBe(false)
      }),
      { numRuns: 25 },
    )
  })

  test("other types and lengths are refused", async () => {
    const publicKey = await run(kem.publicKey(seed))
    const { ciphertext } = await run(kem.encapsulate(publicKey))
    const typed = (type: number, bytes: Uint8Array) => concat(Uint8Array.of(type), bytes.slice(1))
    for (const type of [0, 5, 7, 9, 0x0a, 255]) {
      expect(await refused(kem.encapsulate(typed(type, publicKey)))).toBe(true)
      expect(await refused(kem.decapsulate(seed, typed(type, ciphertext)))).toBe(true)
    }
    for (const cut of [[], [8], publicKey.slice(0, 1568), concat(publicKey, Uint8Array.of(0)), publicKey.slice(1)]) {
      expect(await refused(kem.encapsulate(Uint8Array.from(cut)))).toBe(true)
      expect(await refused(kem.decapsulate(seed, Uint8Array.from(cut)))).toBe(true)
    }
    expect(await refused(kem.decapsulate(seed.slice(1), ciphertext))).toBe(true)
    expect(await refused(kem.encapsulate(publicKey.fill(0xff, 1, 4)))).toBe(true)
  })
})
