/**
 * XEdDSA: Ed25519 signatures by X25519 identity keys (signal.org/docs/specifications/xeddsa, §2 and §4), in the form on
 * Signal's wire: the sign of the Edwards point is not forced to zero but travels in the top bit of s. Signatures of the
 * published form have that bit clear and verify as well.
 *
 * Verification ends in the port's strict Ed25519. Signing needs the curve itself, which no runtime exposes, so it is noble's
 * constant-time multiplication everywhere; it happens when prekeys are made, not for each message.
 */
import { ed25519 } from "@noble/curves/ed25519.js"
import * as Effect from "effect/Effect"
import { concat } from "./bytes.ts"
import type { CryptoService } from "./crypto.ts"
import { isReduced, scalar } from "./ed25519-strict.ts"
import { keptBy } from "./kept.ts"

const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
const RANDOM_BYTES = 64
const SIGN_BIT = 0x80

/** Identities whose Edwards point is kept at once: a bundle has two signatures by one. */
const MAX_KEPT = 64

/** §2.5, hash₁: 2²⁵⁶ − 2, little-endian. No encoded point begins like this, so the hash is apart from Ed25519's own. */
const NONCE_PREFIX = new Uint8Array(32).fill(0xff)
NONCE_PREFIX[0] = 0xfe

/** Signs with a 32-byte X25519 secret key (clamped here). Randomised: two signatures of one message differ. */
export const sign = (crypto: CryptoService, secretKey: Uint8Array, message: Uint8Array): Effect.Effect<Uint8Array> =>
  Effect.suspend(() => {
    if (crypto.xeddsa !== undefined) return crypto.xeddsa.sign(secretKey, message)
    const { BASE, Fn } = ed25519.Point
    const clamped = clamp(secretKey)
    const a = scalar(clamped)
    const publicPoint = publicPointOf(secretKey)
    const nonce = scalar(crypto.sha512(concat(NONCE_PREFIX, clamped, message, crypto.random(RANDOM_BYTES))))
    const commitment = BASE.multiply(nonce).toBytes()
    const h = scalar(crypto.sha512(concat(commitment, publicPoint, message)))
    const s = Fn.toBytes(Fn.create(nonce + h * a))
    s[31]! |= publicPoint[31]! & SIGN_BIT
    return Effect.succeed(concat(commitment, s))
  })

/** Verifies against a 32-byte X25519 public key. False for any malformed input, a public key that is not reduced included. */
export const verify = (
  crypto: CryptoService,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Effect.Effect<boolean> =>
  Effect.suspend(() => {
    if (crypto.xeddsa !== undefined) return crypto.xeddsa.verify(publicKey, message, signature)
    if (signature.length !== SIGNATURE_BYTES) return Effect.succeed(false)
    const points = pointsOf(publicKey)
    const point = signature[63]! & SIGN_BIT ? points?.odd : points?.even
    if (point === undefined) return Effect.succeed(false)
    const unsigned = signature.slice()
    unsigned[63]! &= ~SIGN_BIT
    return crypto.ed25519.verify(point, message, unsigned)
  })

/** A multiplication takes longer than all else in a signature. */
const publicPointOf = keptBy(MAX_KEPT, (secretKey) => {
  const clamped = clamp(secretKey)
  const point = ed25519.Point.BASE.multiply(scalar(clamped)).toBytes()
  clamped.fill(0)
  return point
})

/** The points over an X25519 public key, by the sign of x. */
interface Points {
  readonly even: Uint8Array
  readonly odd: Uint8Array
}

/** §2.3: y = (u − 1) / (u + 1), with either sign. Undefined for u ≥ p and for u = −1, which has no image. */
const pointsOf = keptBy(MAX_KEPT, (publicKey): Points | undefined => {
  if (publicKey.length !== KEY_BYTES || !isReduced(publicKey)) return undefined
  const { Fp } = ed25519.Point
  const u = Fp.fromBytes(publicKey.slice())
  const denominator = Fp.add(u, Fp.ONE)
  if (Fp.is0(denominator)) return undefined
  const even = Fp.toBytes(Fp.div(Fp.sub(u, Fp.ONE), denominator))
  const odd = even.slice()
  odd[31]! |= SIGN_BIT
  return { even, odd }
})

/** RFC 7748 §5. */
const clamp = (secretKey: Uint8Array): Uint8Array => {
  if (secretKey.length !== KEY_BYTES) throw new RangeError(`an X25519 secret key has ${KEY_BYTES} bytes`)
  const clamped = secretKey.slice()
  clamped[0]! &= 0xf8
  clamped[31]! = (clamped[31]! & 0x7f) | 0x40
  return clamped
}
