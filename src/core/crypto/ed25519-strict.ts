/**
 * What the profile means by a strict Ed25519 verification, so that every supplier gives the same verdict: RFC 8032 §5.1.7
 * with canonical encodings only, s < L, no public key of small order, and the equation without the cofactor (R = sB − kA, as
 * OpenSSL and most hardware check it). Docs: protocol.md, "Primitives".
 */
import { ed25519 } from "@noble/curves/ed25519.js"
import { sha512 } from "@noble/hashes/sha2.js"
import { concat, equal } from "./bytes.ts"

const KEY_BYTES = 32
const SIGNATURE_BYTES = 64

/** 2²⁵⁵ − 19, the order of the field; little-endian, as points are encoded. */
const P = fill(0xed, 0xff, 0x7f)

const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

/**
 * The y coordinates of the eight points of small order. With the sign bit cleared they also cover the two encodings of
 * x = 0 with a sign, which RFC 8032 forbids.
 */
const SMALL_ORDER: ReadonlyArray<Uint8Array> = [
  fill(0, 0, 0),
  fill(1, 0, 0),
  fill(0xec, 0xff, 0x7f),
  hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
  hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
]

/**
 * Whether the bytes may be a public key: 32 of them, y reduced, not of small order. Whether the point is on the curve is left
 * to the supplier's own decoding, which every one of them does. Public data: not constant-time.
 */
export const isStrictPublicKey = (publicKey: Uint8Array): boolean => {
  if (publicKey.length !== KEY_BYTES) return false
  const y = publicKey.slice()
  y[31]! &= 0x7f
  return isReduced(y) && !SMALL_ORDER.some((point) => equal(point, y))
}

/** Strict verification in JavaScript. Never throws. */
export const verifyStrict = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
  if (signature.length !== SIGNATURE_BYTES || !isStrictPublicKey(publicKey)) return false
  try {
    const { BASE, Fn } = ed25519.Point
    const commitment = signature.slice(0, 32)
    const s = Fn.fromBytes(signature.slice(32))
    const key = ed25519.Point.fromBytes(publicKey.slice())
    const k = scalar(sha512(concat(commitment, publicKey, message)))
    // The commitment is compared in its encoded form, so that a non-canonical one can never match.
    return equal(BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(k)).toBytes(), commitment)
  } catch {
    return false
  }
}

/** A little-endian number of any length, modulo the order of the base point. */
export const scalar = (bytes: Uint8Array): bigint => {
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!)
  return ed25519.Point.Fn.create(value)
}

/** Whether a little-endian field element (sign bit cleared) is below 2²⁵⁵ − 19. */
export const isReduced = (element: Uint8Array): boolean => {
  for (let i = KEY_BYTES - 1; i >= 0; i--) {
    if (element[i] !== P[i]) return element[i]! < P[i]!
  }
  return false
}

function fill(first: number, middle: number, last: number): Uint8Array {
  const bytes = new Uint8Array(KEY_BYTES).fill(middle)
  bytes[0] = first
  bytes[31] = last
  return bytes
}
