/**
 * X25519, Ed25519 and ML-KEM over WebCrypto (Secure Curves in the Web Cryptography API; ML-KEM by the WICG draft "Modern
 * Algorithms"). Imported keys cannot be exported, and are kept with the caller's array and no longer (core/crypto/kept.ts): an import
 * is a round trip to another thread, as the operation itself. Whatever is read after the first wait is copied before it. What a runtime might let pass is refused here first, so that all suppliers agree.
 */
import * as Effect from "effect/Effect"
import { concat } from "../../core/crypto/bytes.ts"
import type { DiffieHellman, Kem, Signature } from "../../core/crypto/crypto.ts"
import { isStrictPublicKey, verifyStrict } from "../../core/crypto/ed25519-strict.ts"
import { keptBy } from "../../core/crypto/kept.ts"
import { isReducedMlKemKey } from "../../core/crypto/ml-kem-key.ts"
import { lengthIs } from "../../core/crypto/refusing.ts"
import { type Bytes, refusingLater } from "./web-symmetric.ts"

const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
const SEED_BYTES = 64
/** Keys of each kind that are kept at once: those of as many lively conversations as one page has. */
const MAX_KEPT = 512

/** What the draft adds to SubtleCrypto; absent where the draft is. */
interface ModernSubtle {
  readonly getPublicKey: (key: CryptoKey, usages: ReadonlyArray<string>) => Promise<CryptoKey>
  readonly importKey: (
    format: "raw-seed" | "raw-public",
    bytes: Uint8Array,
    algorithm: string,
    extractable: boolean,
    usages: ReadonlyArray<string>,
  ) => Promise<CryptoKey>
  readonly exportKey: (format: "raw-public", key: CryptoKey) => Promise<ArrayBuffer>
  readonly encapsulateBits: (
    algorithm: string,
    key: CryptoKey,
  ) => Promise<{ readonly ciphertext: ArrayBuffer; readonly sharedKey: ArrayBuffer }>
  readonly decapsulateBits: (algorithm: string, key: CryptoKey, ciphertext: Uint8Array) => Promise<ArrayBuffer>
}

/** The declarations of TypeScript 6 do not know the draft. */
const modern = (subtle: SubtleCrypto): ModernSubtle => subtle as unknown as ModernSubtle

/** PKCS#8 (RFC 5958, RFC 8410 §7) up to the 32 bytes of the key; the last byte of the OID tells the curve. */
const pkcs8 = (oid: number) => Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, oid, 4, 0x22, 4, 0x20)
const X25519_PKCS8 = pkcs8(0x6e)
const ED25519_PKCS8 = pkcs8(0x70)

/** RFC 7748 §4.1: u = 9. */
const BASE_POINT = new Uint8Array(KEY_BYTES)
BASE_POINT[0] = 9

export const x25519 = (subtle: SubtleCrypto): DiffieHellman => {
  const secretOf = keptBy(MAX_KEPT, (key) => importSecret(subtle, "X25519", X25519_PKCS8, key, "deriveBits"))
  const pointOf = keptBy(MAX_KEPT, (key) => subtle.importKey("raw", key as Bytes, "X25519", false, []))
  const shared = async (secretKey: Uint8Array, publicKey: Uint8Array): Promise<Uint8Array> => {
    lengthIs(publicKey, KEY_BYTES, "public key")
    // Both imports start, and so both arrays are read, before anything is waited for.
    const [secret, point] = await Promise.all([secretOf(secretKey), pointOf(publicKey)])
    return new Uint8Array(await subtle.deriveBits({ name: "X25519", public: point }, secret, 8 * KEY_BYTES))
  }
  return {
    // A public key is the secret times the base point: nothing needs to be exported.
    publicKey: (secretKey) => Effect.promise(() => shared(secretKey, BASE_POINT)),
    agree: (secretKey, publicKey) =>
      refusingLater(async () => {
        const secret = await shared(secretKey, publicKey)
        // The standard makes runtimes refuse low-order points; not all of them always did.
        if (secret.every((byte) => byte === 0)) throw new RangeError("a point of low order")
        return secret
      }),
  }
}

export const ed25519 = (subtle: SubtleCrypto): Signature => {
  const secretOf = keptBy(MAX_KEPT, (key) => importSecret(subtle, "Ed25519", ED25519_PKCS8, key, "sign"))
  // The standard refuses keys of small order, not unreduced ones, and not every runtime does either.
  const pointOf = keptBy(MAX_KEPT, (key) =>
    isStrictPublicKey(key) ? subtle.importKey("raw", key as Bytes, "Ed25519", false, ["verify"]) : undefined,
  )
  return {
    publicKey: (secretKey) =>
      Effect.promise(async () => {
        const key = await modern(subtle).getPublicKey(await secretOf(secretKey), ["verify"])
        return new Uint8Array(await subtle.exportKey("raw", key))
      }),
    sign: (secretKey, message) =>
      Effect.promise(async () => {
        const text = message.slice()
        return new Uint8Array(await subtle.sign("Ed25519", await secretOf(secretKey), text))
      }),
    verify: (publicKey, message, signature) =>
      Effect.promise(async () => {
        if (signature.length !== SIGNATURE_BYTES) return false
        // It also refuses an R of small order, as Node does and Chromium does not; RFC 8032 and the port take it. No honest
        // signer makes one.
        if (!isStrictPublicKey(signature.slice(0, KEY_BYTES))) {
          return isStrictPublicKey(publicKey) && verifyStrict(publicKey, message, signature)
        }
        const point = pointOf(publicKey)
        if (point === undefined) return false
        const [text, bytes] = [message.slice(), signature.slice()]
        try {
          return await subtle.verify("Ed25519", await point, bytes, text)
        } catch {
          return false
        }
      }),
  }
}

/** One ML-KEM parameter set: its name to WebCrypto, and sizes in bytes. */
export interface ParameterSet {
  readonly name: string
  readonly publicKeyBytes: number
  readonly ciphertextBytes: number
}

export const ML_KEM_768: ParameterSet = { name: "ML-KEM-768", publicKeyBytes: 1184, ciphertextBytes: 1088 }
export const ML_KEM_1024: ParameterSet = { name: "ML-KEM-1024", publicKeyBytes: 1568, ciphertextBytes: 1568 }

export const mlKem = (runtime: SubtleCrypto, set: ParameterSet): Kem => {
  const subtle = modern(runtime)
  const importSeed = (seed: Uint8Array): Promise<CryptoKey> => {
    lengthIs(seed, SEED_BYTES, "seed")
    return subtle.importKey("raw-seed", seed, set.name, false, ["decapsulateBits"])
  }
  return {
    publicKeyBytes: set.publicKeyBytes,
    ciphertextBytes: set.ciphertextBytes,
    publicKey: (seed) =>
      Effect.promise(async () => {
        const key = await subtle.getPublicKey(await importSeed(seed), ["encapsulateBits"])
        return new Uint8Array(await subtle.exportKey("raw-public", key))
      }),
    encapsulate: (publicKey) =>
      refusingLater(async () => {
        lengthIs(publicKey, set.publicKeyBytes, "public key")
        if (!isReducedMlKemKey(publicKey)) throw new RangeError("not reduced")
        const key = await subtle.importKey("raw-public", publicKey, set.name, false, ["encapsulateBits"])
        const { ciphertext, sharedKey } = await subtle.encapsulateBits(set.name, key)
        return { ciphertext: new Uint8Array(ciphertext), sharedSecret: new Uint8Array(sharedKey) }
      }),
    decapsulate: (seed, ciphertext) =>
      refusingLater(async () => {
        lengthIs(ciphertext, set.ciphertextBytes, "ciphertext")
        const bytes = ciphertext.slice()
        return new Uint8Array(await subtle.decapsulateBits(set.name, await importSeed(seed), bytes))
      }),
  }
}

/** Secret keys never go by JWK: a string cannot be wiped. The import reads its argument before it returns. */
const importSecret = (
  subtle: SubtleCrypto,
  curve: string,
  prefix: Uint8Array,
  secretKey: Uint8Array,
  use: KeyUsage,
): Promise<CryptoKey> => {
  lengthIs(secretKey, KEY_BYTES, "secret key")
  const key = concat(prefix, secretKey) as Bytes
  try {
    return subtle.importKey("pkcs8", key, curve, false, [use])
  } finally {
    key.fill(0)
  }
}
