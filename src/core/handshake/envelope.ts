/**
 * The envelope of the three handshake messages that travel in the open: version, body, and a MAC under a key from the pairing
 * secret. The MAC covers every other byte, and is checked before a byte of the body is looked at. Docs: protocol.md,
 * "Handshake messages".
 */
import { bytes, codec, fixed, uint } from "../codec/codec.ts"
import { struct } from "../codec/composite.ts"
import { equal, utf8 } from "../crypto/bytes.ts"
import type { CryptoService } from "../crypto/crypto.ts"
import { MAX_MESSAGE } from "../frame.ts"
import { PROFILE } from "../ids.ts"
import { VERSION } from "./suites.ts"

/**
 * What both sides know before the handshake: from the invite, or, once paired, from the handshake before. `id` is 16 bytes
 * and goes over the wire; `secret` is 32 bytes and never does.
 */
export interface PairingSecret {
  /** Its name, which anybody may know. */
  readonly id: Uint8Array
  /** What both have. */
  readonly secret: Uint8Array
}

export type MessageName = "hello" | "bundle" | "accept"

const authenticated = { version: [1, uint(0xffff)], body: [2, bytes(MAX_MESSAGE)] } as const
const authenticatedPart = codec(struct(authenticated), MAX_MESSAGE)
/** Any version is well-formed here. */
export const envelope = codec(struct({ ...authenticated, mac: [3, fixed(32)] }), MAX_MESSAGE)

/** HKDF-SHA256 without salt, so that each use of a secret has a key of its own. */
export const deriveKey = (crypto: CryptoService, secret: Uint8Array, label: string): Uint8Array =>
  crypto.hkdfSha256(secret, new Uint8Array(32), utf8(`${PROFILE} ${label}`), 32)

/** Throws a RangeError if the message would not fit a link frame. */
export const seal = (
  crypto: CryptoService,
  secret: Uint8Array,
  name: MessageName,
  body: Uint8Array,
  version: number = VERSION,
): Uint8Array => {
  const mac = crypto.hmacSha256(deriveKey(crypto, secret, name), authenticatedPart.encode({ version, body }))
  return envelope.encode({ version, body, mac })
}

export interface Genuine {
  readonly version: number
  readonly body: Uint8Array
}

/** What is inside, if whoever made it had the secret. Nothing has been said yet of the version. */
export const open = (
  crypto: CryptoService,
  secret: Uint8Array,
  name: MessageName,
  message: Uint8Array,
): Genuine | undefined => {
  const found = envelope.decode(message)
  if (found === undefined) return undefined
  const { mac, ...rest } = found
  return equal(crypto.hmacSha256(deriveKey(crypto, secret, name), authenticatedPart.encode(rest)), mac)
    ? rest
    : undefined
}
