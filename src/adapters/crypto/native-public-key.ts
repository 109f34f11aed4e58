/**
 * X25519, Ed25519 and ML-KEM over `node:crypto`. Importing a key costs as much as using it (for a secret key OpenSSL computes the
 * public one), so key objects are kept with the caller's array, and no longer (core/crypto/kept.ts). What OpenSSL would let pass
 * is refused here first, so that all suppliers agree.
 *
 * Microseconds on Node 24 (test/bench/suppliers.ts prints them): Ed25519 import of a seed 65, of a public key 25, sign 45, verify 120;
 * X25519 import of a secret 66, of a public key 25, agree 43; ML-KEM-768 import of a seed 70, of a public key 45, encapsulate 25,
 * decapsulate 40.
 */
import type { KeyObject } from "node:crypto"
import * as Effect from "effect/Effect"
import { concat, fromBase64url, toBase64url } from "../../core/crypto/bytes.ts"
import type { DiffieHellman, Kem, Signature } from "../../core/crypto/crypto.ts"
import { isStrictPublicKey } from "../../core/crypto/ed25519-strict.ts"
import { keptBy } from "../../core/crypto/kept.ts"
import { isReducedMlKemKey } from "../../core/crypto/ml-kem-key.ts"
import { lengthIs, refusing } from "../../core/crypto/refusing.ts"
import type { NodeCrypto } from "./native-symmetric.ts"

const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
const SEED_BYTES = 64

/** Key objects of each kind that are kept at once: the keys of as many lively conversations as one process has. */
const MAX_KEPT = 512

/** PKCS#8 (RFC 5958, RFC 8410 §7) up to the 32 bytes of the key; the last byte of the OID tells the curve. */
const pkcs8 = (oid: number) => Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, oid, 4, 0x22, 4, 0x20)
const X25519 = { crv: "X25519", pkcs8: pkcs8(0x6e) }
const ED25519 = { crv: "Ed25519", pkcs8: pkcs8(0x70) }
type Curve = typeof X25519

export const x25519 = (node: NodeCrypto): DiffieHellman => {
  const secretOf = keptBy(MAX_KEPT, (secretKey) => importSecret(node, X25519, secretKey))
  const pointOf = keptBy(MAX_KEPT, (publicKey) => importPublic(node, X25519, publicKey))
  return {
    publicKey: (secretKey) => Effect.sync(() => publicOf(node, secretOf(secretKey))),
    agree: (secretKey, publicKey) =>
      refusing(() => {
        lengthIs(publicKey, KEY_BYTES, "public key")
        const shared = node.diffieHellman({ privateKey: secretOf(secretKey), publicKey: pointOf(publicKey) })
        // OpenSSL refuses low-order points itself; other libraries under node:crypto need not.
        if (shared.every((byte) => byte === 0)) throw new RangeError("a point of low order")
        return new Uint8Array(shared)
      }),
  }
}

export const ed25519 = (node: NodeCrypto): Signature => {
  const secretOf = keptBy(MAX_KEPT, (secretKey) => importSecret(node, ED25519, secretKey))
  // OpenSSL before 3.5 takes small-order and unreduced keys. It compares R in its encoded form and checks s < L, as we do.
  const pointOf = keptBy(MAX_KEPT, (publicKey) =>
    isStrictPublicKey(publicKey) ? importPublic(node, ED25519, publicKey) : undefined,
  )
  return {
    publicKey: (secretKey) => Effect.sync(() => publicOf(node, secretOf(secretKey))),
    sign: (secretKey, message) => Effect.sync(() => new Uint8Array(node.sign(null, message, secretOf(secretKey)))),
    verify: (publicKey, message, signature) =>
      Effect.sync(() => {
        if (signature.length !== SIGNATURE_BYTES) return false
        try {
          const point = pointOf(publicKey)
          return point !== undefined && node.verify(null, message, point, signature)
        } catch {
          return false
        }
      }),
  }
}

/** One ML-KEM parameter set: the last arc of its OID (2.16.840.1.101.3.4.4.x), and sizes in bytes. */
export interface ParameterSet {
  readonly oid: number
  readonly publicKeyBytes: number
  readonly ciphertextBytes: number
}

export const ML_KEM_768: ParameterSet = { oid: 2, publicKeyBytes: 1184, ciphertextBytes: 1088 }
export const ML_KEM_1024: ParameterSet = { oid: 3, publicKeyBytes: 1568, ciphertextBytes: 1568 }

export const mlKem = (node: NodeCrypto, set: ParameterSet): Kem => {
  const algorithm = [0x30, 0x0b, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 4, set.oid]
  // draft-ietf-lamps-kyber-certificates, "Private Key Format": the seed alone, OCTET STRING { [0] seed }.
  const privatePrefix = Uint8Array.of(0x30, 0x54, 2, 1, 0, ...algorithm, 4, 0x42, 0x80, 0x40)
  const bitString = [3, 0x82, ...u16(set.publicKeyBytes + 1), 0]
  const publicPrefix = Uint8Array.of(0x30, 0x82, ...u16(set.publicKeyBytes + 18), ...algorithm, ...bitString)

  const importSeed = keptBy(MAX_KEPT, (seed): KeyObject => {
    lengthIs(seed, SEED_BYTES, "seed")
    return importPkcs8(node, privatePrefix, seed)
  })

  const spkiOf = (publicKey: KeyObject): Uint8Array =>
    new Uint8Array(publicKey.export({ format: "der", type: "spki" }).subarray(publicPrefix.length))

  // A tenth of the time that DER takes. Node 24.7 has ML-KEM without it, and is asked once.
  let hasJwk = true
  const jwkOf = (publicKey: KeyObject): Uint8Array | undefined => {
    if (!hasJwk) return undefined
    try {
      const { pub } = publicKey.export({ format: "jwk" }) as { readonly pub?: string }
      const bytes = fromBase64url(pub ?? "")
      if (bytes?.length === set.publicKeyBytes) return bytes
    } catch {
      // It says so by throwing.
    }
    hasJwk = false
    return undefined
  }

  return {
    publicKeyBytes: set.publicKeyBytes,
    ciphertextBytes: set.ciphertextBytes,
    publicKey: (seed) =>
      Effect.sync(() => {
        const publicKey = node.createPublicKey(importSeed(seed))
        return jwkOf(publicKey) ?? spkiOf(publicKey)
      }),
    encapsulate: (publicKey) =>
      refusing(() => {
        lengthIs(publicKey, set.publicKeyBytes, "public key")
        if (!isReducedMlKemKey(publicKey)) throw new RangeError("not reduced")
        const key = asBuffer(concat(publicPrefix, publicKey))
        const made = node.encapsulate(untraced(() => node.createPublicKey({ key, format: "der", type: "spki" })))
        return { ciphertext: new Uint8Array(made.ciphertext), sharedSecret: new Uint8Array(made.sharedKey) }
      }),
    decapsulate: (seed, ciphertext) =>
      refusing(() => {
        lengthIs(ciphertext, set.ciphertextBytes, "ciphertext")
        return new Uint8Array(node.decapsulate(importSeed(seed), ciphertext))
      }),
  }
}

const u16 = (value: number): readonly [number, number] => [value >> 8, value & 0xff]

const importSecret = (node: NodeCrypto, curve: Curve, secretKey: Uint8Array): KeyObject => {
  lengthIs(secretKey, KEY_BYTES, "secret key")
  return importPkcs8(node, curve.pkcs8, secretKey)
}

const importPkcs8 = (node: NodeCrypto, prefix: Uint8Array, secret: Uint8Array): KeyObject => {
  const key = concat(prefix, secret)
  try {
    return untraced(() => node.createPrivateKey({ key: asBuffer(key), format: "der", type: "pkcs8" }))
  } finally {
    key.fill(0)
  }
}

/** The declarations ask for a Buffer; any Uint8Array does. */
const asBuffer = (bytes: Uint8Array): Buffer => bytes as Buffer

// Public keys go by JWK, which is a third faster than DER here. Secret keys never do: a string cannot be wiped.
const importPublic = (node: NodeCrypto, curve: Curve, publicKey: Uint8Array): KeyObject =>
  untraced(() =>
    node.createPublicKey({ key: { kty: "OKP", crv: curve.crv, x: toBase64url(publicKey) }, format: "jwk" }),
  )

/**
 * To find out that what it was given is no key object yet, Node 24 throws up to four errors and catches them again; the stacks of
 * those took most of an import: 27 µs of 33. Nobody reads them, and `run` calls nothing of ours.
 */
const untraced = <A>(run: () => A): A => {
  const limit = Error.stackTraceLimit
  if (limit === 0 || Object.isFrozen(Error)) return run()
  Error.stackTraceLimit = 0
  try {
    return run()
  } finally {
    Error.stackTraceLimit = limit
  }
}

const publicOf = (node: NodeCrypto, secret: KeyObject): Uint8Array => {
  const { x } = node.createPublicKey(secret).export({ format: "jwk" })
  const publicKey = fromBase64url(x ?? "")
  if (publicKey?.length !== KEY_BYTES) throw new Error("the runtime exported no public key")
  return publicKey
}
