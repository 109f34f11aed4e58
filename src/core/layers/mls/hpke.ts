/**
 * Hybrid Public Key Encryption, base mode (RFC 9180), with HKDF-SHA512 and AES-256-GCM over any KEM. Single messages only,
 * which is all that MLS asks for: each context seals once, under sequence number 0.
 */
import * as Effect from "effect/Effect"
import { concat, utf8 } from "../../crypto/bytes.ts"
import type { CryptoService, Kem, Refused } from "../../crypto/crypto.ts"
import { expand, extract, SECRET_BYTES } from "./kdf.ts"
import { u16 } from "./tls.ts"

/** §7.2 and §7.3. */
const KDF_HKDF_SHA512 = 3
const AEAD_AES_256_GCM = 2

export const KEY_BYTES = 32
export const NONCE_BYTES = 12

/** §5.1: mode_base, with the empty psk and psk_id that it goes with. */
const MODE_BASE = Uint8Array.of(0)
const NOTHING = new Uint8Array()

/** A KEM and its number in the HPKE registry. */
export interface HpkeKem extends Pick<Kem, "encapsulate" | "decapsulate"> {
  readonly id: number
}

export interface HpkeSealed {
  readonly encapsulated: Uint8Array
  readonly ciphertext: Uint8Array
}

export interface HpkeExport {
  readonly encapsulated: Uint8Array
  readonly secret: Uint8Array
}

export interface Hpke {
  /** §6.1, SealBase. Refuses a public key that the KEM refuses. */
  readonly seal: (
    publicKey: Uint8Array,
    info: Uint8Array,
    plaintext: Uint8Array,
    associated: Uint8Array,
  ) => Effect.Effect<HpkeSealed, Refused>
  /** §6.1, OpenBase. */
  readonly open: (
    secretKey: Uint8Array,
    encapsulated: Uint8Array,
    info: Uint8Array,
    ciphertext: Uint8Array,
    associated: Uint8Array,
  ) => Effect.Effect<Uint8Array, Refused>
  /** §6.2, SendExportBase. `length` in bytes. */
  readonly sendExport: (
    publicKey: Uint8Array,
    info: Uint8Array,
    context: Uint8Array,
    length: number,
  ) => Effect.Effect<HpkeExport, Refused>
  /** §6.2, ReceiveExportBase. */
  readonly receiveExport: (
    secretKey: Uint8Array,
    encapsulated: Uint8Array,
    info: Uint8Array,
    context: Uint8Array,
    length: number,
  ) => Effect.Effect<Uint8Array, Refused>
}

export const hpke = (crypto: CryptoService, kem: HpkeKem): Hpke => {
  const suite = concat(utf8("HPKE"), u16(kem.id), u16(KDF_HKDF_SHA512), u16(AEAD_AES_256_GCM))
  const version = utf8("HPKE-v1")

  // §4
  const labeledExtract = (salt: Uint8Array, label: string, ikm: Uint8Array) =>
    extract(crypto, salt, concat(version, suite, utf8(label), ikm))
  const labeledExpand = (prk: Uint8Array, label: string, info: Uint8Array, length: number) =>
    expand(crypto, prk, concat(u16(length), version, suite, utf8(label), info), length)

  const pskIdHash = labeledExtract(NOTHING, "psk_id_hash", NOTHING)

  /** §5.1, KeySchedule. */
  const schedule = (sharedSecret: Uint8Array, info: Uint8Array) => {
    const context = concat(MODE_BASE, pskIdHash, labeledExtract(NOTHING, "info_hash", info))
    const secret = labeledExtract(sharedSecret, "secret", NOTHING)
    return {
      key: labeledExpand(secret, "key", context, KEY_BYTES),
      nonce: labeledExpand(secret, "base_nonce", context, NONCE_BYTES),
      exporter: labeledExpand(secret, "exp", context, SECRET_BYTES),
    }
  }

  // §5.3
  const exported = (exporter: Uint8Array, context: Uint8Array, length: number) =>
    labeledExpand(exporter, "sec", context, length)

  return {
    seal: Effect.fnUntraced(function* (publicKey, info, plaintext, associated) {
      const { ciphertext: encapsulated, sharedSecret } = yield* kem.encapsulate(publicKey)
      const { key, nonce } = schedule(sharedSecret, info)
      return { encapsulated, ciphertext: yield* crypto.aes256Gcm.seal(key, nonce, plaintext, associated) }
    }),
    open: Effect.fnUntraced(function* (secretKey, encapsulated, info, ciphertext, associated) {
      const { key, nonce } = schedule(yield* kem.decapsulate(secretKey, encapsulated), info)
      return yield* crypto.aes256Gcm.open(key, nonce, ciphertext, associated)
    }),
    sendExport: Effect.fnUntraced(function* (publicKey, info, context, length) {
      const { ciphertext: encapsulated, sharedSecret } = yield* kem.encapsulate(publicKey)
      return { encapsulated, secret: exported(schedule(sharedSecret, info).exporter, context, length) }
    }),
    receiveExport: Effect.fnUntraced(function* (secretKey, encapsulated, info, context, length) {
      return exported(schedule(yield* kem.decapsulate(secretKey, encapsulated), info).exporter, context, length)
    }),
  }
}
