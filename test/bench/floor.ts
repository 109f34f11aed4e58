/**
 * The floor of a message: the primitives that it cannot do without, one after the other, with nothing between them. What each
 * layer computes stands in docs/protocol.md; sizes are those of a 1 KiB message. Keys come ready-made, nothing is encoded,
 * copied, decided or kept.
 */
import * as Effect from "effect/Effect"
import type { CryptoService, Refused } from "../../src/core/crypto/crypto.ts"

type Work = Effect.Effect<unknown, Refused>

/** The content's bucket, and what each layer makes of it. */
const BUCKET = 2_048
const SIGNED = BUCKET + 300
const FRAME = BUCKET + 3_072

export const floorOf = Effect.fnUntraced(function* (crypto: CryptoService) {
  const { aes256Cbc, aes256Gcm, ed25519, hkdfSha256, hmacSha256, hmacSha512, random, xChaCha20Poly1305 } = crypto
  const [key, wide, nonce, wideNonce, iv] = [random(32), random(64), random(12), random(24), random(16)]
  const publicKey = yield* ed25519.publicKey(key)
  const signed = random(SIGNED)
  const signature = yield* ed25519.sign(key, signed)
  const label = random(40)
  const bound = random(64)
  const hmac512 = (times: number, secret = wide): Work =>
    Effect.sync(() => {
      for (let i = 0; i < times; i++) hmacSha512(secret, label)
    })

  const gcm = Effect.fnUntraced(function* (size: number) {
    const plaintext = random(size)
    const sealed = yield* aes256Gcm.seal(key, nonce, plaintext, bound)
    return Effect.andThen(aes256Gcm.seal(key, nonce, plaintext, bound), aes256Gcm.open(key, nonce, sealed, bound))
  })
  const [sender, content, outermost] = [yield* gcm(12), yield* gcm(BUCKET + 70), yield* gcm(FRAME)]
  // RFC 9420 §9.1: key, nonce and next secret; §6.3.2: key and nonce of the sender data. On both ends.
  const mls: ReadonlyArray<Work> = [
    hmac512(10),
    sender,
    content,
    ed25519.sign(key, signed),
    ed25519.verify(publicKey, signed, signature),
  ]

  // The chain (two HMACs), the braid's chain (64 bytes of HKDF), the message's keys (80 bytes), the MAC. On both ends.
  const inner = random(BUCKET + 300)
  const encrypted = yield* aes256Cbc.encrypt(key, iv, inner)
  const derived: Work = Effect.sync(() => {
    for (let i = 0; i < 2; i++) {
      hmacSha256(key, label.subarray(0, 1))
      hmacSha256(key, label.subarray(0, 1))
      hkdfSha256(key, key, label, 64)
      hkdfSha256(key, key, label, 80)
      hmacSha256(key, encrypted)
    }
  })
  const signal: ReadonlyArray<Work> = [
    derived,
    aes256Cbc.encrypt(key, iv, inner),
    aes256Cbc.decrypt(key, iv, encrypted),
  ]

  // The chain's step and the message's key, on both ends.
  const carried = random(BUCKET + 500)
  const wrapped = yield* xChaCha20Poly1305.seal(key, wideNonce, carried, bound)
  const kem: ReadonlyArray<Work> = [
    hmac512(4, key),
    xChaCha20Poly1305.seal(key, wideNonce, carried, bound),
    xChaCha20Poly1305.open(key, wideNonce, wrapped, bound),
  ]
  const aes: ReadonlyArray<Work> = [hmac512(4, key), outermost]
  return { mls, signal, kem, aes }
})
