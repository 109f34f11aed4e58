/**
 * The Crypto port over the audited noble libraries: pure JavaScript, the same in every runtime, and the reference that other
 * suppliers are checked against. Touches no global: randomness is handed in. All of it is drawn through `random`, so a
 * seeded generator replays a whole run. JavaScript is not constant-time: threat-model.md says what follows from that.
 *
 * Misuse (a key of the wrong length) refuses where the operation can refuse, and is a defect where it cannot.
 */
import { cbc, gcm } from "@noble/ciphers/aes.js"
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js"
import { ed25519, x25519 } from "@noble/curves/ed25519.js"
import { hkdf } from "@noble/hashes/hkdf.js"
import { sha256, sha512 } from "@noble/hashes/sha2.js"
import { sha3_256, sha3_512, shake256 } from "@noble/hashes/sha3.js"
import { ml_kem768, ml_kem1024 } from "@noble/post-quantum/ml-kem.js"
import * as Effect from "effect/Effect"
import type { Aead, Cbc, CryptoService, DiffieHellman, Kem, Signature } from "./crypto.ts"
import { verifyStrict } from "./ed25519-strict.ts"
import { isReducedMlKemKey } from "./ml-kem-key.ts"
import { hmacOver } from "./noble-hmac.ts"
import { lengthIs, refusing } from "./refusing.ts"

const KEY_BYTES = 32
const TAG_BYTES = 16
const BLOCK_BYTES = 16

/** The supplier over noble. `random` must return as many bytes as asked, fresh, from a generator fit for keys. */
export const nobleCrypto = (random: (length: number) => Uint8Array): CryptoService => {
  const draw = (length: number): Uint8Array => {
    const bytes = random(length)
    lengthIs(bytes, length, "random draw")
    return bytes
  }
  return {
    name: "noble",
    random: draw,
    sha256: (data) => sha256(data),
    sha512: (data) => sha512(data),
    sha3_256: (data) => sha3_256(data),
    sha3_512: (data) => sha3_512(data),
    shake256: (data, length) => shake256(data, { dkLen: length }),
    hmacSha256: hmacOver(sha256),
    hmacSha512: hmacOver(sha512),
    hkdfSha256: (ikm, salt, info, length) => hkdf(sha256, ikm, salt, info, length),
    hkdfSha512: (ikm, salt, info, length) => hkdf(sha512, ikm, salt, info, length),
    x25519: diffieHellman,
    ed25519: signature,
    mlKem768: kem(ml_kem768, draw),
    mlKem1024: kem(ml_kem1024, draw),
    aes256Gcm: aead(gcm, 12),
    xChaCha20Poly1305: aead(xchacha20poly1305, 24),
    aes256Cbc,
  }
}

const diffieHellman: DiffieHellman = {
  publicKey: (secretKey) => Effect.sync(() => x25519.getPublicKey(secretKey)),
  // noble throws on an all-zero result, which is what a low-order point gives.
  agree: (secretKey, publicKey) => refusing(() => x25519.getSharedSecret(secretKey, publicKey)),
}

const signature: Signature = {
  publicKey: (secretKey) => Effect.sync(() => ed25519.getPublicKey(secretKey)),
  sign: (secretKey, message) => Effect.sync(() => ed25519.sign(message, secretKey)),
  verify: (publicKey, message, bytes) => Effect.sync(() => verifyStrict(publicKey, message, bytes)),
}

const kem = (ml: typeof ml_kem768, random: (length: number) => Uint8Array): Kem => ({
  publicKeyBytes: ml.lengths.publicKey!,
  ciphertextBytes: ml.lengths.cipherText!,
  publicKey: (seed) => Effect.sync(() => own(ml.keygen(seed.slice()).publicKey)),
  // Copies go in: parts of noble 0.5 clean the arrays they were given.
  encapsulate: (publicKey) =>
    Effect.suspend(() => {
      // Outside the refusal: a generator that fails is a defect, not a bad public key.
      const message = random(32)
      return refusing(() => {
        if (!isReducedMlKemKey(publicKey)) throw new RangeError("not reduced")
        const { cipherText, sharedSecret } = ml.encapsulate(publicKey.slice(), message)
        return { ciphertext: own(cipherText), sharedSecret: own(sharedSecret) }
      })
    }),
  decapsulate: (seed, ciphertext) =>
    refusing(() => own(ml.decapsulate(ciphertext.slice(), ml.keygen(seed.slice()).secretKey))),
})

const aead = (cipher: typeof gcm | typeof xchacha20poly1305, nonceBytes: number): Aead => {
  const make = (key: Uint8Array, nonce: Uint8Array, associated: Uint8Array) => {
    lengthIs(key, KEY_BYTES, "key")
    lengthIs(nonce, nonceBytes, "nonce")
    return cipher(key, nonce, associated)
  }
  return {
    nonceBytes,
    seal: (key, nonce, plaintext, associated) =>
      Effect.sync(() => own(make(key, nonce, associated).encrypt(plaintext))),
    open: (key, nonce, ciphertext, associated) =>
      refusing(() => {
        if (ciphertext.length < TAG_BYTES) throw new RangeError("shorter than a tag")
        return own(make(key, nonce, associated).decrypt(ciphertext))
      }),
  }
}

const aes256Cbc: Cbc = {
  encrypt: (key, iv, plaintext) =>
    Effect.sync(() => {
      lengthIs(key, KEY_BYTES, "key")
      lengthIs(iv, BLOCK_BYTES, "iv")
      return own(cbc(key, iv).encrypt(plaintext))
    }),
  decrypt: (key, iv, ciphertext) =>
    refusing(() => {
      lengthIs(key, KEY_BYTES, "key")
      lengthIs(iv, BLOCK_BYTES, "iv")
      return own(cbc(key, iv).decrypt(ciphertext))
    }),
}

/** A view over a larger buffer would carry its neighbours along (a plaintext's padding, the other half of a hash). */
const own = (bytes: Uint8Array): Uint8Array => (bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice())
