/**
 * The transcript: one hash over everything that both sides said and assumed, and what is derived from it. Equal at both ends
 * if and only if all of it was. Docs: protocol.md, "Transcript".
 */
import { bytes, choice, codec, fixed, text } from "../codec/codec.ts"
import { list, optional, struct } from "../codec/composite.ts"
import { equal, utf8 } from "../crypto/bytes.ts"
import type { CryptoService } from "../crypto/crypto.ts"
import { MAX_MESSAGE } from "../frame.ts"
import { PROFILE, ROLE_NUMBERS, type Role } from "../ids.ts"
import { SUITES, suitesShape } from "./suites.ts"

/** A link's channel binding is 32 bytes; a custom transport's may be as long as this. */
export const MAX_BINDING_BYTES = 255

const transcript = codec(
  struct({
    profile: [1, text(16)],
    suites: [2, suitesShape],
    /** The handshake's messages in order, exactly as sent, with who sent them. */
    said: [3, list(struct({ by: [1, choice(ROLE_NUMBERS)], message: [2, bytes(MAX_MESSAGE)] }), 3)],
    binding: [4, optional(bytes(MAX_BINDING_BYTES))],
  }),
  4 * MAX_MESSAGE,
)

/** All that a transcript covers. */
export interface TranscriptParts {
  /** The messages' exact bytes. */
  readonly hello: Uint8Array
  /** With its envelope. */
  readonly bundle: Uint8Array
  /** With its envelope. */
  readonly accept: Uint8Array
  /** The channel binding of the link that carried them, where it has one. */
  readonly binding: Uint8Array | undefined
}

/** SHA-256 of the canonical encoding of profile, suites, messages with their senders' roles, and channel binding. */
export const transcriptHash = (crypto: CryptoService, parts: TranscriptParts): Uint8Array => {
  const { accept, binding, bundle, hello } = parts
  return crypto.sha256(
    transcript.encode({
      profile: PROFILE,
      suites: SUITES,
      said: [
        { by: "joiner", message: hello },
        { by: "inviter", message: bundle },
        { by: "joiner", message: accept },
      ],
      ...(binding !== undefined && { binding }),
    }),
  )
}

/** The key of a side's Confirm. HKDF-SHA256 of the pairing secret, salted with the transcript hash. */
export const confirmKey = (crypto: CryptoService, secret: Uint8Array, hash: Uint8Array, role: Role): Uint8Array =>
  derive(crypto, secret, hash, `confirm ${role}`, 32)

const confirmed = codec(struct({ role: [1, choice(ROLE_NUMBERS)], transcript: [2, fixed(32)] }), 64)

/** What the Confirm of `role` carries: shows that this side has the secret and the same transcript. 32 bytes. */
export const confirmMac = (crypto: CryptoService, secret: Uint8Array, hash: Uint8Array, role: Role): Uint8Array =>
  crypto.hmacSha256(confirmKey(crypto, secret, hash, role), confirmed.encode({ role, transcript: hash }))

/** Whether the Confirm of `role` is right. Constant time. */
export const isConfirmed = (
  crypto: CryptoService,
  secret: Uint8Array,
  hash: Uint8Array,
  { mac, role }: { readonly role: Role; readonly mac: Uint8Array },
): boolean => equal(confirmMac(crypto, secret, hash, role), mac)

/**
 * What takes the pairing secret's place for the next handshake with this contact: 32 bytes. Derived anew at each handshake
 * from the secret that it used, so that a secret once deleted opens nothing later.
 */
export const recoverySecret = (crypto: CryptoService, secret: Uint8Array, hash: Uint8Array): Uint8Array =>
  derive(crypto, secret, hash, "recovery", 32)

/** The 16-byte id under which the next handshake's Hello names that secret. */
export const recoveryId = (crypto: CryptoService, secret: Uint8Array, hash: Uint8Array): Uint8Array =>
  derive(crypto, secret, hash, "recovery id", 16)

const derive = (
  crypto: CryptoService,
  secret: Uint8Array,
  hash: Uint8Array,
  label: string,
  length: number,
): Uint8Array => crypto.hkdfSha256(secret, hash, utf8(`${PROFILE} ${label}`), length)
