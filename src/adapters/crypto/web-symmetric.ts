/**
 * AES-256-GCM and AES-256-CBC over WebCrypto. Keys are imported for each call and cannot be exported: their arrays belong to the
 * caller. Whatever is read after the first wait is copied before it, since a caller may wipe or reuse its arrays meanwhile.
 */
import * as Effect from "effect/Effect"
import { type Aead, type Cbc, Refused } from "../../core/crypto/crypto.ts"
import { lengthIs } from "../../core/crypto/refusing.ts"

/** The declarations tell arrays over shared memory apart, which this port never sees. */
export type Bytes = Uint8Array<ArrayBuffer>

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const BLOCK_BYTES = 16

/** As `refusing`, for work that waits. */
export const refusingLater = <A>(compute: () => Promise<A>): Effect.Effect<A, Refused> =>
  Effect.tryPromise({ try: compute, catch: () => new Refused() })

export const aes256Gcm = (subtle: SubtleCrypto): Aead => ({
  nonceBytes: NONCE_BYTES,
  seal: (key, nonce, plaintext, associated) =>
    Effect.promise(async () => {
      const algorithm = gcm(nonce, associated)
      const text = plaintext.slice()
      return new Uint8Array(await subtle.encrypt(algorithm, await importKey(subtle, "AES-GCM", key, "encrypt"), text))
    }),
  open: (key, nonce, ciphertext, associated) =>
    refusingLater(async () => {
      if (ciphertext.length < TAG_BYTES) throw new RangeError("shorter than a tag")
      const algorithm = gcm(nonce, associated)
      const text = ciphertext.slice()
      return new Uint8Array(await subtle.decrypt(algorithm, await importKey(subtle, "AES-GCM", key, "decrypt"), text))
    }),
})

export const aes256Cbc = (subtle: SubtleCrypto): Cbc => ({
  encrypt: (key, iv, plaintext) =>
    Effect.promise(async () => {
      const algorithm = cbc(iv)
      const text = plaintext.slice()
      return new Uint8Array(await subtle.encrypt(algorithm, await importKey(subtle, "AES-CBC", key, "encrypt"), text))
    }),
  decrypt: (key, iv, ciphertext) =>
    refusingLater(async () => {
      const algorithm = cbc(iv)
      const text = ciphertext.slice()
      return new Uint8Array(await subtle.decrypt(algorithm, await importKey(subtle, "AES-CBC", key, "decrypt"), text))
    }),
})

/** WebCrypto takes any nonce but an empty one; the port takes one length. */
const gcm = (nonce: Uint8Array, associated: Uint8Array) => {
  lengthIs(nonce, NONCE_BYTES, "nonce")
  return { name: "AES-GCM", iv: nonce.slice(), additionalData: associated.slice(), tagLength: 8 * TAG_BYTES }
}

const cbc = (iv: Uint8Array) => {
  lengthIs(iv, BLOCK_BYTES, "iv")
  return { name: "AES-CBC", iv: iv.slice() }
}

/** WebCrypto would take 16 and 24 bytes too, and quietly use a smaller AES. */
const importKey = (subtle: SubtleCrypto, name: string, key: Uint8Array, use: KeyUsage): Promise<CryptoKey> => {
  lengthIs(key, KEY_BYTES, "key")
  return subtle.importKey("raw", key as Bytes, name, false, [use])
}
