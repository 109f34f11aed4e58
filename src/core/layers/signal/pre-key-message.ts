/**
 * The prekey message: a Signal message together with what its receiver needs to compute the session's keys. Docs: protocol.md,
 * "Signal layer", which gives every field. It has no MAC of its own: a forged field gives other keys, and the MAC inside fails.
 */
import type { CryptoService } from "../../crypto/crypto.ts"
import { parseKey, SERIALIZED_KEY_BYTES, serializeKey } from "./curve-key.ts"
import { decodeFields, encodeFields } from "./protobuf.ts"
import { MAX_SIGNAL_MESSAGE, VERSION } from "./signal-message.ts"

/** A Kyber-1024 ciphertext behind its type byte. */
export const KYBER_CIPHERTEXT_BYTES = 1 + 1568

const MAX_PRE_KEY_MESSAGE = MAX_SIGNAL_MESSAGE + 2 * 1024

const FIELDS = {
  preKeyId: [1, "uint32"],
  baseKey: [2, "bytes", SERIALIZED_KEY_BYTES],
  identityKey: [3, "bytes", SERIALIZED_KEY_BYTES],
  message: [4, "bytes", MAX_SIGNAL_MESSAGE],
  registrationId: [5, "uint32"],
  signedPreKeyId: [6, "uint32"],
  kyberPreKeyId: [7, "uint32"],
  kyberCiphertext: [8, "bytes", KYBER_CIPHERTEXT_BYTES],
} as const

/** What the initiator adds to each message until the peer answers. Keys are bare, 32 bytes. */
export interface Introduction {
  /** The one-time prekey used, where the bundle had one. */
  readonly preKeyId?: number
  readonly signedPreKeyId: number
  readonly kyberPreKeyId: number
  /** In its wire form, type byte first. */
  readonly kyberCiphertext: Uint8Array
  /** The initiator's ephemeral key of the agreement. */
  readonly baseKey: Uint8Array
}

export interface PreKeyMessage extends Introduction {
  readonly identityKey: Uint8Array
  readonly registrationId: number
  /** A whole Signal message, MAC included. */
  readonly message: Uint8Array
}

/** Names an installation in a service's registry. Nothing is registered here; Signal's peers want a number that is not 0. */
export const REGISTRATION_ID = 1

export const encodePreKeyMessage = (message: PreKeyMessage): Uint8Array =>
  encodeFields(
    FIELDS,
    {
      ...message,
      preKeyId: message.preKeyId,
      baseKey: serializeKey(message.baseKey),
      identityKey: serializeKey(message.identityKey),
    },
    Uint8Array.of(VERSION),
  )

/** Undefined for anything but a prekey message of version 4; only the one-time prekey may be absent. Never throws. */
export const decodePreKeyMessage = (bytes: Uint8Array): PreKeyMessage | undefined => {
  if (bytes.length > MAX_PRE_KEY_MESSAGE || bytes[0] !== VERSION) return undefined
  const fields = decodeFields(FIELDS, bytes.subarray(1))
  if (fields === undefined) return undefined
  const { kyberCiphertext, kyberPreKeyId, message, preKeyId, registrationId, signedPreKeyId } = fields
  const baseKey = fields.baseKey && parseKey(fields.baseKey)
  const identityKey = fields.identityKey && parseKey(fields.identityKey)
  if (baseKey === undefined || identityKey === undefined || message === undefined) return undefined
  if (registrationId === undefined || signedPreKeyId === undefined || kyberPreKeyId === undefined) return undefined
  if (kyberCiphertext?.length !== KYBER_CIPHERTEXT_BYTES) return undefined
  return {
    ...(preKeyId === undefined ? {} : { preKeyId }),
    signedPreKeyId,
    kyberPreKeyId,
    kyberCiphertext: kyberCiphertext.slice(),
    baseKey,
    identityKey,
    registrationId,
    message: message.slice(),
  }
}

/**
 * Which introduction this is: 32 bytes over everything but the message inside. The initiator repeats it unchanged, so a
 * prekey message with another one, were it only in a bit, is not of the same session.
 */
export const introductionHash = (crypto: CryptoService, message: PreKeyMessage): Uint8Array =>
  crypto.sha256(encodePreKeyMessage({ ...message, message: new Uint8Array() }))

/**
 * Signal says outside of a message which of the two it is; here the first field tells: a Signal message begins with bytes in
 * field 1, where a prekey message has a number or nothing.
 */
export const isPreKeyMessage = (bytes: Uint8Array): boolean => bytes[1] !== ((1 << 3) | 2)
