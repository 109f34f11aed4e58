/**
 * What seals one message: AES-256-CBC, then HMAC-SHA256 cut to 8 bytes, under keys from one seed. Docs: protocol.md, "Signal
 * layer"; the Double Ratchet specification, §5 and §7.2 (the Triple Ratchet mixes the braid's key in).
 */
import * as Effect from "effect/Effect"
import { equal, ofJoined, utf8 } from "../../crypto/bytes.ts"
import { type CryptoService, Refused } from "../../crypto/crypto.ts"
import { CURVE_25519_TYPE } from "./curve-key.ts"

declare const brand: unique symbol
/** 32 bytes. What a chain yields for one message, and what is kept for a message that has not come. */
export type MessageSeed = Uint8Array & { readonly [brand]: "seed" }

export const messageSeed = (bytes: Uint8Array): MessageSeed => bytes as MessageSeed

export interface MessageKeys {
  readonly cipherKey: Uint8Array
  readonly macKey: Uint8Array
  readonly iv: Uint8Array
}

/** Fixed by Signal's wire. */
const INFO = utf8("WhisperMessageKeys")
export const MAC_BYTES = 8
/** Identities are MACed as they are serialised. */
const TYPE = Uint8Array.of(CURVE_25519_TYPE)

/** `braidKey` is the 32-byte key that the post-quantum ratchet gives this message. */
export const messageKeys = (crypto: CryptoService, seed: MessageSeed, braidKey: Uint8Array): MessageKeys => {
  const derived = crypto.hkdfSha256(seed, braidKey, INFO, 80)
  return { cipherKey: derived.slice(0, 32), macKey: derived.slice(32, 64), iv: derived.slice(64, 80) }
}

/** Who sent a message to whom: their 32-byte identity keys. A message reflected to its sender has them the wrong way round. */
export interface Way {
  readonly sender: Uint8Array
  readonly receiver: Uint8Array
}

/** The 8 bytes that close a message; `body` is everything before them, the version byte included. */
export const macOf = (crypto: CryptoService, { macKey }: MessageKeys, way: Way, body: Uint8Array): Uint8Array =>
  ofJoined((input) => crypto.hmacSha256(macKey, input), TYPE, way.sender, TYPE, way.receiver, body).slice(0, MAC_BYTES)

export const encrypt = (crypto: CryptoService, keys: MessageKeys, plaintext: Uint8Array): Effect.Effect<Uint8Array> =>
  crypto.aes256Cbc.encrypt(keys.cipherKey, keys.iv, plaintext)

/** Compares the MAC, in constant time, before anything is decrypted: there is no padding to ask an oracle about. */
export const authenticateAndDecrypt = (
  crypto: CryptoService,
  keys: MessageKeys,
  way: Way,
  message: { readonly body: Uint8Array; readonly mac: Uint8Array; readonly ciphertext: Uint8Array },
): Effect.Effect<Uint8Array, Refused> =>
  equal(macOf(crypto, keys, way, message.body), message.mac)
    ? crypto.aes256Cbc.decrypt(keys.cipherKey, keys.iv, message.ciphertext)
    : Effect.fail(new Refused())
