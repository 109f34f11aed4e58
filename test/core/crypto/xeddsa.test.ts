/** XEdDSA: signatures by X25519 keys, the sign bit in the top bit of s. */
import { ed25519 } from "@noble/curves/ed25519.js"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { concat, equal } from "../../../src/core/crypto/bytes.ts"
import { scalar } from "../../../src/core/crypto/ed25519-strict.ts"
import { sign, verify } from "../../../src/core/crypto/xeddsa.ts"
import { noble, suppliers } from "./suppliers.ts"

const secret = fc.uint8Array({ minLength: 32, maxLength: 32 })
const text = fc.uint8Array({ maxLength: 100 })
const run = <A>(operation: Effect.Effect<A>) => Effect.runPromise(operation)

describe.each(suppliers)("$name", (crypto) => {
  const check = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) =>
    run(verify(crypto, publicKey, message, signature))

  test("what a key signs verifies under its X25519 public key, both signs of the point alike", async () => {
    const signs = new Set<number>()
    await fc.assert(
      fc.asyncProperty(secret, text, async (secretKey, message) => {
        const publicKey = await run(crypto.x25519.publicKey(secretKey))
        const signature = await run(sign(crypto, secretKey, message))
        signs.add(signature[63]! & 0x80)
        expect(await check(publicKey, message, signature)).toBe(true)
      }),
      { numRuns: 30 },
    )
    expect(signs.size).toBe(2)
  })

  test("nothing altered verifies: key, message or any bit of the signature", () =>
    fc.assert(
      fc.asyncProperty(
        secret,
        text,
        fc.nat({ max: 511 }),
        fc.nat({ max: 254 }),
        async (secretKey, message, at, keyBit) => {
          const publicKey = await run(crypto.x25519.publicKey(secretKey))
          const signature = await run(sign(crypto, secretKey, message))
          const flip = (bytes: Uint8Array, bit: number) =>
            bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
          expect(await check(publicKey, message, flip(signature, at))).toBe(false)
          expect(await check(publicKey, message, flip(signature, 511))).toBe(false)
          expect(await check(flip(publicKey, keyBit), message, signature)).toBe(false)
          expect(await check(publicKey, concat(message, Uint8Array.of(0)), signature)).toBe(false)
        },
      ),
      { numRuns: 20 },
    ))

  test("signatures of the published form, with the sign forced to zero, verify as well", () =>
    fc.assert(
      fc.asyncProperty(secret, text, async (secretKey, message) => {
        const publicKey = await run(crypto.x25519.publicKey(secretKey))
        expect(await check(publicKey, message, published(secretKey, message))).toBe(true)
      }),
      { numRuns: 15 },
    ))

  test("keys without an image, unreduced keys and wrong lengths are false", async () => {
    const secretKey = new Uint8Array(32).fill(3)
    const publicKey = await run(crypto.x25519.publicKey(secretKey))
    const message = Uint8Array.of(1)
    const signature = await run(sign(crypto, secretKey, message))
    const minusOne = new Uint8Array(32).fill(0xff)
    minusOne[0] = 0xec
    minusOne[31] = 0x7f
    const highBit = publicKey.slice()
    highBit[31]! |= 0x80
    for (const key of [
      minusOne,
      highBit,
      new Uint8Array(32),
      new Uint8Array(32).fill(0xff),
      publicKey.slice(1),
      new Uint8Array(0),
    ])
      expect(await check(key, message, signature)).toBe(false)
    for (const cut of [signature.slice(1), concat(signature, Uint8Array.of(0)), new Uint8Array(0)])
      expect(await check(publicKey, message, cut)).toBe(false)
    expect(await check(publicKey, message, signature)).toBe(true)
  })

  test("two signatures of one message differ", async () => {
    const secretKey = new Uint8Array(32).fill(3)
    const [first, second] = [await run(sign(crypto, secretKey, text0)), await run(sign(crypto, secretKey, text0))]
    expect(equal(first, second)).toBe(false)
  })

  test("an Ed25519 signature by the same 32 bytes does not verify", async () => {
    const secretKey = new Uint8Array(32).fill(5)
    const signature = await run(crypto.ed25519.sign(secretKey, text0))
    expect(await check(await run(crypto.x25519.publicKey(secretKey)), text0, signature)).toBe(false)
  })
})

const text0 = Uint8Array.of(1, 2, 3)

/** XEdDSA as published (§2.3): the secret is negated so that the point's sign is zero. */
const published = (secretKey: Uint8Array, message: Uint8Array): Uint8Array => {
  const { BASE, Fn } = ed25519.Point
  const clamped = secretKey.slice()
  clamped[0]! &= 0xf8
  clamped[31]! = (clamped[31]! & 0x7f) | 0x40
  const k = scalar(clamped)
  const negative = (BASE.multiply(k).toBytes()[31]! & 0x80) !== 0
  const a = negative ? Fn.neg(k) : k
  const point = BASE.multiply(a).toBytes()
  const nonce = scalar(noble.sha512(concat(secretKey, message)))
  const commitment = BASE.multiply(nonce).toBytes()
  const h = scalar(noble.sha512(concat(commitment, point, message)))
  return concat(commitment, Fn.toBytes(Fn.create(nonce + h * a)))
}
