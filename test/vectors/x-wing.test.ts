/** The vectors of draft-connolly-cfrg-xwing-kem. Encapsulation is seeded where the supplier draws through `random` (noble). */
import * as Effect from "effect/Effect"
import { expect, test } from "vitest"
import { nobleCrypto } from "../../src/core/crypto/noble.ts"
import { xWing } from "../../src/core/crypto/x-wing.ts"
import { suppliers } from "../core/crypto/suppliers.ts"
import { bytes, hex, load, overVectors } from "./vectors.ts"

type Vector = Readonly<Record<"seed" | "eseed" | "sk" | "pk" | "ct" | "ss", string>>

overVectors("x-wing", "xwing/", () => {
  const vectors = load<ReadonlyArray<Vector>>("xwing/test-vectors.json")

  test("there are three", () => expect(vectors).toHaveLength(3))

  test.each(suppliers)("public keys and decapsulation, $name", async (crypto) => {
    const kem = xWing(crypto)
    for (const { sk, pk, ct, ss } of vectors) {
      expect(hex(await Effect.runPromise(kem.publicKey(bytes(sk))))).toBe(pk)
      expect(hex(await Effect.runPromise(kem.decapsulate(bytes(sk), bytes(ct))))).toBe(ss)
    }
  })

  test("encapsulation, noble", async () => {
    for (const { eseed, pk, ct, ss } of vectors) {
      let drawn = 0
      const draw = (length: number) => bytes(eseed).slice(drawn, (drawn += length))
      const made = await Effect.runPromise(xWing(nobleCrypto(draw)).encapsulate(bytes(pk)))
      expect(drawn).toBe(64)
      expect(hex(made.ciphertext)).toBe(ct)
      expect(hex(made.sharedSecret)).toBe(ss)
    }
  })
})
