/**
 * X25519 public keys on Signal's wire: a type byte, then the key. Docs: protocol.md, "Signal layer"; the X3DH specification,
 * §2.1 (Encode). Inside the layer keys are the bare 32 bytes; in messages, MACs and signatures they have their type.
 */
import { isReduced } from "../../crypto/ed25519-strict.ts"

/** The only curve there is. */
export const CURVE_25519_TYPE = 0x05

export const KEY_BYTES = 32
export const SERIALIZED_KEY_BYTES = 1 + KEY_BYTES

/** The 33 bytes of a 32-byte public key. */
export const serializeKey = (publicKey: Uint8Array): Uint8Array => {
  if (publicKey.length !== KEY_BYTES) throw new RangeError(`an X25519 public key has ${KEY_BYTES} bytes`)
  const serialized = new Uint8Array(SERIALIZED_KEY_BYTES)
  serialized[0] = CURVE_25519_TYPE
  serialized.set(publicKey, 1)
  return serialized
}

/**
 * The 32 bytes of a serialised key, as a copy; undefined for another type or length, and for a coordinate that is not reduced.
 * X25519 would take the latter for the key it is equal to (RFC 7748 §5), and so a changed message for the one it was.
 */
export const parseKey = (serialized: Uint8Array): Uint8Array | undefined => {
  if (serialized.length !== SERIALIZED_KEY_BYTES || serialized[0] !== CURVE_25519_TYPE) return undefined
  const key = serialized.slice(1)
  return isReduced(key) ? key : undefined
}
