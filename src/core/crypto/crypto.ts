/**
 * The Crypto port: primitives by name, with the same rejections from every supplier. Cheap symmetric steps are
 * synchronous; what a runtime may do asynchronously (public-key operations, AEADs) is an Effect, so that a supplier over
 * WebCrypto fits. Nothing here knows what the protocol does with it. Docs: protocol.md, "Primitives".
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"

/** The input did not verify, open, or decode. Carries no detail: detail is an oracle. */
export class Refused extends Data.TaggedError("Refused")<Record<never, never>> {}

export interface KeyPair {
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
}

/** A secret, and what takes it to whoever has the key. */
export interface Encapsulated {
  /** For the owner of the key. */
  readonly ciphertext: Uint8Array
  /** What both have then. */
  readonly sharedSecret: Uint8Array
}

/** X25519 (RFC 7748). Keys 32 bytes. */
export interface DiffieHellman {
  /** Secret keys are any 32 bytes, clamped at use. */
  readonly publicKey: (secretKey: Uint8Array) => Effect.Effect<Uint8Array>
  /** Refuses wrong lengths, and low-order points (an all-zero result). */
  readonly agree: (secretKey: Uint8Array, publicKey: Uint8Array) => Effect.Effect<Uint8Array, Refused>
}

/** Ed25519 (RFC 8032). Secret key = 32-byte seed, public key 32, signature 64 bytes. */
export interface Signature {
  /** Of a secret key. */
  readonly publicKey: (secretKey: Uint8Array) => Effect.Effect<Uint8Array>
  /** 64 bytes. */
  readonly sign: (secretKey: Uint8Array, message: Uint8Array) => Effect.Effect<Uint8Array>
  /** Strict: no ZIP-215 leniency, canonical encodings and s < L only, small-order public keys refused. Never fails. */
  readonly verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => Effect.Effect<boolean>
}

/** ML-KEM (FIPS 203). The secret key is the 64-byte seed d ‖ z; it is expanded at use. */
export interface Kem {
  /** How long a public key is. */
  readonly publicKeyBytes: number
  /** How long a ciphertext is. */
  readonly ciphertextBytes: number
  /** Of a secret key. */
  readonly publicKey: (seed: Uint8Array) => Effect.Effect<Uint8Array>
  /** Refuses a wrong length and a public key whose coefficients are not reduced (FIPS 203 §7.2). */
  readonly encapsulate: (publicKey: Uint8Array) => Effect.Effect<Encapsulated, Refused>
  /** Refuses a wrong length only: a ciphertext that does not belong yields the implicit-rejection secret (§7.3). */
  readonly decapsulate: (seed: Uint8Array, ciphertext: Uint8Array) => Effect.Effect<Uint8Array, Refused>
  /** Encapsulation in two parts, for a supplier with a way of its own; see ml-kem-incremental.ts, which is used without it. */
  readonly incremental?: IncrementalKem
}

/** Arguments and results are those of the functions in ml-kem-incremental.ts. */
export interface IncrementalKem {
  /** The first part of a ciphertext, out of the key's header. */
  readonly first: (header: Uint8Array, randomness: Uint8Array) => Encapsulated
  /** The second part, out of the rest of the key. */
  readonly second: (header: Uint8Array, vector: Uint8Array, randomness: Uint8Array) => Uint8Array
}

/** Signatures by X25519 keys (XEdDSA): 64 bytes. */
export interface XEdDSA {
  /** 64 bytes. */
  readonly sign: (secretKey: Uint8Array, message: Uint8Array) => Effect.Effect<Uint8Array>
  /** Never fails. */
  readonly verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => Effect.Effect<boolean>
}

/** An AEAD with 32-byte keys and a 16-byte tag at the end of the ciphertext. */
export interface Aead {
  /** 12 bytes for AES-256-GCM, 24 for XChaCha20-Poly1305. Another length is a defect in `seal`, a refusal in `open`. */
  readonly nonceBytes: number
  /** Ciphertext and tag. */
  readonly seal: (
    key: Uint8Array,
    nonce: Uint8Array,
    plaintext: Uint8Array,
    associated: Uint8Array,
  ) => Effect.Effect<Uint8Array>
  /** The plaintext, or the one refusal. */
  readonly open: (
    key: Uint8Array,
    nonce: Uint8Array,
    ciphertext: Uint8Array,
    associated: Uint8Array,
  ) => Effect.Effect<Uint8Array, Refused>
}

/** AES-256-CBC with PKCS#7 padding. No integrity of its own: for Signal's encrypt-then-MAC only. */
export interface Cbc {
  /** With padding. */
  readonly encrypt: (key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array) => Effect.Effect<Uint8Array>
  /** Without it, or the one refusal. */
  readonly decrypt: (key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array) => Effect.Effect<Uint8Array, Refused>
}

/** A hash: any bytes to as many as it has. */
export type Digest = (data: Uint8Array) => Uint8Array

/** Every primitive that the protocol uses. Keys, nonces and results are byte arrays of the stated lengths. */
export interface CryptoService {
  /** Which supplier this is, for diagnostics: `noble`, `node`, `web`. */
  readonly name: string
  /** Bytes from the runtime's generator for keys. */
  readonly random: (length: number) => Uint8Array
  /** FIPS 180-4, 32 bytes. */
  readonly sha256: Digest
  /** FIPS 180-4, 64 bytes. */
  readonly sha512: Digest
  /** FIPS 202, 32 bytes. */
  readonly sha3_256: Digest
  /** FIPS 202, 64 bytes. */
  readonly sha3_512: Digest
  /** FIPS 202, `length` bytes. */
  readonly shake256: (data: Uint8Array, length: number) => Uint8Array
  /** RFC 2104, 32 bytes; keys of any length. */
  readonly hmacSha256: (key: Uint8Array, data: Uint8Array) => Uint8Array
  /** RFC 2104, 64 bytes; keys of any length. */
  readonly hmacSha512: (key: Uint8Array, data: Uint8Array) => Uint8Array
  /** RFC 5869, extract and expand. No salt: pass `new Uint8Array(32)`. */
  readonly hkdfSha256: (ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number) => Uint8Array
  /** RFC 5869, extract and expand, over SHA-512. */
  readonly hkdfSha512: (ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number) => Uint8Array
  /** RFC 7748. */
  readonly x25519: DiffieHellman
  /** RFC 8032, strict. */
  readonly ed25519: Signature
  /** For a supplier with a way of its own; without it they are composed from the curve, see xeddsa.ts. */
  readonly xeddsa?: XEdDSA
  /** FIPS 203: public key 1,184 bytes, ciphertext 1,088. */
  readonly mlKem768: Kem
  /** FIPS 203: public key 1,568 bytes, ciphertext 1,568. */
  readonly mlKem1024: Kem
  /** NIST SP 800-38D, with 12-byte nonces only. */
  readonly aes256Gcm: Aead
  /** With 24-byte nonces. */
  readonly xChaCha20Poly1305: Aead
  /** For the Signal layer's encrypt-then-MAC only. */
  readonly aes256Cbc: Cbc
}

/** The primitives. Inputs are never changed or kept; outputs are fresh arrays. Upheld by `spec/conformance/crypto`. */
export class Crypto extends Context.Service<Crypto, CryptoService>()("sotto/core/Crypto") {}
