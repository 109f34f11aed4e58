/**
 * Stand-ins for the primitives, of the same shapes and rejections, that protect nothing: everything secret follows from what is
 * public. With them a simulation spends its time on states and crashes. They live in the simulator only, and no entry of the
 * package exports them. Docs: simulator.md, "Fast crypto".
 */
import * as Effect from "effect/Effect"
import { concat, equal } from "../../core/crypto/bytes.ts"
import { type Aead, type Cbc, type CryptoService, type Kem, Refused } from "../../core/crypto/crypto.ts"
import { refusing } from "../../core/crypto/refusing.ts"
import { mixed, streamed } from "./mixing.ts"

const KEY_BYTES = 32
const TAG_BYTES = 16
const BLOCK_BYTES = 16

/** What a function is for, so that no two give the same bytes. */
const FOR = {
  sha256: 1,
  sha512: 2,
  sha3_256: 3,
  sha3_512: 4,
  shake256: 5,
  hmac256: 6,
  hmac512: 7,
  hkdf256: 8,
  hkdf512: 9,
  dhPublic: 10,
  dhShared: 11,
  signPublic: 12,
  signature: 13,
  kemPublic: 14,
  kemCiphertext: 15,
  kemSecond: 16,
  kemShared: 17,
  kemRejected: 18,
  stream: 19,
  tag: 20,
} as const

/** `random` has to be seeded: a stand-in has no business with real randomness. */
export const fastCrypto = (random: (length: number) => Uint8Array): CryptoService => ({
  name: "stand-ins that protect nothing",
  random,
  sha256: (data) => mixed(FOR.sha256, 32, data),
  sha512: (data) => mixed(FOR.sha512, 64, data),
  sha3_256: (data) => mixed(FOR.sha3_256, 32, data),
  sha3_512: (data) => mixed(FOR.sha3_512, 64, data),
  shake256: (data, length) => mixed(FOR.shake256, length, data),
  hmacSha256: (key, data) => mixed(FOR.hmac256, 32, key, data),
  hmacSha512: (key, data) => mixed(FOR.hmac512, 64, key, data),
  hkdfSha256: (ikm, salt, info, length) => mixed(FOR.hkdf256, length, ikm, salt, info),
  hkdfSha512: (ikm, salt, info, length) => mixed(FOR.hkdf512, length, ikm, salt, info),
  x25519: {
    publicKey: (secret) => Effect.sync(() => dhPublic(secret)),
    agree: (secret, theirs) =>
      refusing(() => {
        if (theirs.length !== KEY_BYTES || theirs.every((byte) => byte === 0)) throw new RangeError("not a public key")
        return mixed(FOR.dhShared, 32, ...[dhPublic(secret), theirs].sort(inOrder))
      }),
  },
  ed25519: {
    publicKey: (seed) => Effect.sync(() => mixed(FOR.signPublic, 32, seed)),
    sign: (seed, message) => Effect.sync(() => mixed(FOR.signature, 64, mixed(FOR.signPublic, 32, seed), message)),
    verify: (key, message, signature) => Effect.sync(() => equal(signature, mixed(FOR.signature, 64, key, message))),
  },
  xeddsa: {
    sign: (secret, message) => Effect.sync(() => mixed(FOR.signature, 64, dhPublic(secret), message)),
    verify: (key, message, signature) => Effect.sync(() => equal(signature, mixed(FOR.signature, 64, key, message))),
  },
  mlKem768: kem(1_184, 960, 128, random),
  mlKem1024: kem(1_568, 1_408, 160, random),
  aes256Gcm: aead(12),
  xChaCha20Poly1305: aead(24),
  aes256Cbc: cbc,
})

const dhPublic = (secret: Uint8Array): Uint8Array => {
  if (secret.length !== KEY_BYTES) throw new RangeError("not a secret key")
  const key = mixed(FOR.dhPublic, KEY_BYTES, secret)
  // Below the prime, as reduced keys are.
  key[31]! &= 0x3f
  return key
}

const inOrder = (a: Uint8Array, b: Uint8Array): number => {
  const i = a.findIndex((byte, at) => byte !== b[at])
  return i < 0 ? 0 : a[i]! - b[i]!
}

/** The ciphertext is in two parts, of which the second needs the whole key: as the braid sends them. */
const kem = (
  publicKeyBytes: number,
  firstBytes: number,
  secondBytes: number,
  random: (length: number) => Uint8Array,
): Kem => {
  const publicKey = (seed: Uint8Array): Uint8Array => {
    if (seed.length !== 2 * KEY_BYTES) throw new RangeError("not a seed")
    const key = mixed(FOR.kemPublic, publicKeyBytes, seed)
    // Pairs of coefficients of twelve bits below q, then the seed of the matrix.
    for (let i = 0; i < publicKeyBytes - KEY_BYTES; i += 3) {
      key[i + 1] = 0
      key[i + 2]! &= 0x7f
    }
    return key
  }
  const hashOf = (key: Uint8Array) => mixed(FOR.sha3_256, 32, key)
  const first = (hash: Uint8Array, randomness: Uint8Array) => mixed(FOR.kemCiphertext, firstBytes, hash, randomness)
  const second = (hash: Uint8Array, begin: Uint8Array) => mixed(FOR.kemSecond, secondBytes, hash, begin)
  const shared = (hash: Uint8Array, begin: Uint8Array) => mixed(FOR.kemShared, 32, hash, begin)
  return {
    publicKeyBytes,
    ciphertextBytes: firstBytes + secondBytes,
    publicKey: (seed) => Effect.sync(() => publicKey(seed)),
    encapsulate: (key) =>
      Effect.suspend(() => {
        const randomness = random(KEY_BYTES)
        if (key.length !== publicKeyBytes) return new Refused()
        const hash = hashOf(key)
        const begin = first(hash, randomness)
        return Effect.succeed({ ciphertext: concat(begin, second(hash, begin)), sharedSecret: shared(hash, begin) })
      }),
    decapsulate: (seed, ciphertext) =>
      refusing(() => {
        if (ciphertext.length !== firstBytes + secondBytes) throw new RangeError("not a ciphertext")
        const hash = hashOf(publicKey(seed))
        const begin = ciphertext.slice(0, firstBytes)
        return equal(ciphertext.slice(firstBytes), second(hash, begin))
          ? shared(hash, begin)
          : mixed(FOR.kemRejected, 32, seed, ciphertext)
      }),
    incremental: {
      first: (header, randomness) => {
        const hash = header.slice(KEY_BYTES)
        const ciphertext = first(hash, randomness)
        return { ciphertext, sharedSecret: shared(hash, ciphertext) }
      },
      second: (header, _vector, randomness) => {
        const hash = header.slice(KEY_BYTES)
        return second(hash, first(hash, randomness))
      },
    },
  }
}

const keyed = (key: Uint8Array, nonce: Uint8Array, nonceBytes: number): Uint8Array => {
  if (key.length !== KEY_BYTES || nonce.length !== nonceBytes) throw new RangeError("not a key and a nonce")
  return mixed(FOR.stream, 16, key, nonce)
}

const aead = (nonceBytes: number): Aead => {
  const tagOf = (key: Uint8Array, nonce: Uint8Array, associated: Uint8Array, body: Uint8Array) =>
    mixed(FOR.tag, TAG_BYTES, key, nonce, associated, body)
  return {
    nonceBytes,
    seal: (key, nonce, plaintext, associated) =>
      Effect.sync(() => {
        const sealed = new Uint8Array(plaintext.length + TAG_BYTES)
        streamed(keyed(key, nonce, nonceBytes), plaintext, sealed)
        sealed.set(tagOf(key, nonce, associated, sealed.subarray(0, plaintext.length)), plaintext.length)
        return sealed
      }),
    open: (key, nonce, ciphertext, associated) =>
      refusing(() => {
        const seed = keyed(key, nonce, nonceBytes)
        const body = ciphertext.subarray(0, ciphertext.length - TAG_BYTES)
        if (ciphertext.length < TAG_BYTES) throw new RangeError("shorter than a tag")
        if (!equal(ciphertext.subarray(body.length), tagOf(key, nonce, associated, body))) throw new RangeError("no")
        return streamed(seed, body, new Uint8Array(body.length))
      }),
  }
}

const cbc: Cbc = {
  encrypt: (key, iv, plaintext) =>
    Effect.sync(() => {
      const pad = BLOCK_BYTES - (plaintext.length % BLOCK_BYTES)
      const padded = new Uint8Array(plaintext.length + pad).fill(pad)
      padded.set(plaintext)
      return streamed(keyed(key, iv, BLOCK_BYTES), padded, new Uint8Array(padded.length))
    }),
  decrypt: (key, iv, ciphertext) =>
    refusing(() => {
      const padded = streamed(keyed(key, iv, BLOCK_BYTES), ciphertext, new Uint8Array(ciphertext.length))
      const pad = padded.at(-1) ?? 0
      if (ciphertext.length % BLOCK_BYTES !== 0 || pad < 1 || pad > BLOCK_BYTES) throw new RangeError("no padding")
      if (!padded.subarray(-pad).every((byte) => byte === pad)) throw new RangeError("no padding")
      return padded.slice(0, -pad)
    }),
}
