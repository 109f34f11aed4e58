/**
 * Strictness against signers who know their own secret and mix in points of small order: the verdict is the plain equation's,
 * on every supplier, or two runtimes could be made to disagree on what was signed.
 */
import { ED25519_TORSION_SUBGROUP, ed25519 } from "@noble/curves/ed25519.js"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { concat } from "../../../src/core/crypto/bytes.ts"
import { isStrictPublicKey, scalar } from "../../../src/core/crypto/ed25519-strict.ts"
import { noble, suppliers } from "./suppliers.ts"

const { BASE, Fn } = ed25519.Point
const torsion = ED25519_TORSION_SUBGROUP.map((hex) => ed25519.Point.fromHex(hex))
const number = fc.uint8Array({ minLength: 64, maxLength: 64 }).map(scalar)
const message = fc.uint8Array({ maxLength: 20 })
const part = fc.nat({ max: 7 })

/** What anyone who holds `a` can make: a signature whose key and commitment carry components of small order. */
const mixed = (a: bigint, r: bigint, keyPart: number, commitmentPart: number, text: Uint8Array) => {
  const publicKey = BASE.multiply(a).add(torsion[keyPart]!)
  const commitment = BASE.multiply(r).add(torsion[commitmentPart]!)
  const k = scalar(noble.sha512(concat(commitment.toBytes(), publicKey.toBytes(), text)))
  const s = Fn.create(r + k * a)
  return {
    publicKey: publicKey.toBytes(),
    signature: concat(commitment.toBytes(), Fn.toBytes(s)),
    exact: BASE.multiply(s).equals(commitment.add(publicKey.multiply(k))),
  }
}

describe.each(suppliers)("$name", ({ ed25519: supplier }) => {
  test("verifies a mixed signature exactly where the equation without the cofactor holds", async () => {
    const seen = { exact: 0, cofactored: 0 }
    await fc.assert(
      fc.asyncProperty(number, number, part, part, message, async (a, r, keyPart, commitmentPart, text) => {
        const { publicKey, signature, exact } = mixed(a, r, keyPart, commitmentPart, text)
        seen[exact ? "exact" : "cofactored"]++
        expect(await Effect.runPromise(supplier.verify(publicKey, text, signature))).toBe(exact)
      }),
      { numRuns: 60 },
    )
    expect(seen.cofactored).toBeGreaterThan(0)
  })

  test("honest signatures verify", () =>
    fc.assert(
      fc.asyncProperty(number, number, message, async (a, r, text) => {
        const { publicKey, signature, exact } = mixed(a, r, 0, 0, text)
        expect(exact).toBe(true)
        expect(await Effect.runPromise(supplier.verify(publicKey, text, signature))).toBe(true)
      }),
      { numRuns: 30 },
    ))
})

test("unreduced encodings of y are no public keys, with either sign", () => {
  for (let y = 0; y < 19; y++) {
    // y + p, which fits into 255 bits for y < 19 only.
    const unreduced = new Uint8Array(32).fill(0xff)
    unreduced[0] = 0xed + y
    expect(isStrictPublicKey(unreduced)).toBe(false)
    unreduced[31] = 0x7f
    expect(isStrictPublicKey(unreduced)).toBe(false)
  }
})

test("the list of small orders is the whole subgroup, and nothing else is refused", () => {
  for (const point of torsion) expect(isStrictPublicKey(point.toBytes())).toBe(false)
  fc.assert(
    fc.property(number, part, (a, keyPart) => {
      expect(isStrictPublicKey(BASE.multiply(a).add(torsion[keyPart]!).toBytes())).toBe(true)
    }),
    { numRuns: 30 },
  )
})
