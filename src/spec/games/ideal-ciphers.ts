/** Ciphers as theory has them, for a game that asks what a layer tells besides what its cipher hides. For tests only. */
import * as Effect from "effect/Effect"
import { concat, u32be } from "../../core/crypto/bytes.ts"
import type { CryptoService } from "../../core/crypto/crypto.ts"

const TAG_BYTES = 16
const BLOCK_BYTES = 16

/**
 * A Crypto whose ciphers tell nothing of a plaintext but its length: what a sound cipher looks like to who lacks its key. A
 * layer whose ciphertext is the same for two plaintexts over this one tells them apart by its ciphers alone, or not at all.
 */
export const idealCiphers = (crypto: CryptoService): CryptoService => {
  const noise = (key: Uint8Array, nonce: Uint8Array, length: number): Uint8Array =>
    crypto.shake256(concat(key, nonce, u32be(length)), length)
  const sealOnly = (nonceBytes: number): CryptoService["aes256Gcm"] => ({
    nonceBytes,
    seal: (key, nonce, plaintext) => Effect.sync(() => noise(key, nonce, plaintext.length + TAG_BYTES)),
    open: () => Effect.die(new TypeError("an ideal cipher here only seals")),
  })
  return {
    ...crypto,
    aes256Gcm: sealOnly(crypto.aes256Gcm.nonceBytes),
    xChaCha20Poly1305: sealOnly(crypto.xChaCha20Poly1305.nonceBytes),
    aes256Cbc: {
      encrypt: (key, iv, plaintext) =>
        Effect.sync(() => noise(key, iv, (Math.floor(plaintext.length / BLOCK_BYTES) + 1) * BLOCK_BYTES)),
      decrypt: () => Effect.die(new TypeError("an ideal cipher here only seals")),
    },
  }
}
