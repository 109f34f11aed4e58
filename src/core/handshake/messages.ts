/**
 * Hello, Bundle and Accept: the handshake's messages before anything is encrypted. Docs: protocol.md, "Handshake messages".
 *
 * Each carries the hash of the message it answers and a MAC under the pairing secret. `make…` throws a RangeError for fields out of
 * bounds; `open…` answers undefined for anything that is not exactly right, and never throws.
 */
import { bytes, codec, fixed, refine, uint, type Value } from "../codec/codec.ts"
import { list, optional, struct } from "../codec/composite.ts"
import { equal } from "../crypto/bytes.ts"
import type { CryptoService } from "../crypto/crypto.ts"
import { MAX_HELLO, MAX_MESSAGE } from "../frame.ts"
import { addressShape, MAX_MEETING_PLACES } from "./address.ts"
import { open, type PairingSecret, seal } from "./envelope.ts"
import { hashStaticPublic, staticPublicShape } from "./static-keys.ts"
import { areOurSuites, SUITES, suitesShape, VERSION } from "./suites.ts"
import { MAX_BINDING_BYTES } from "./transcript.ts"

/** An MLS KeyPackage with X-Wing is 2.7 KB. */
export const MAX_KEY_PACKAGE_BYTES = 6_144
/** An MLS Welcome of two members with X-Wing and its ratchet tree is 4.4 KB. */
export const MAX_WELCOME_BYTES = 8_192
/** A PreKeySignalMessage of 32 bytes of plaintext is 1.8 KB, 1.6 of them the Kyber-1024 ciphertext. */
export const MAX_SIGNAL_BYTES = 3_072
/** Two X-Wing ciphertexts: to the static key, then to the one-time key. */
export const KEM_BYTES = 2 * 1_120

const hash = fixed(32)
const nonce = fixed(32)
/** Signal's ids are protobuf uint32. */
const signalId = uint(0xffff_ffff)
/** X25519 and Kyber-1024 public keys as Signal writes them: a type byte, then the key. */
const curveKey = typed(0x05, 33)
const kyberKey = typed(0x08, 1_569)
const signature = fixed(64)

const hello = struct({
  suites: [1, suitesShape],
  inviteId: [2, fixed(16)],
  nonce: [3, nonce],
  /** The channel binding of the link that it goes over, where it has one. */
  binding: [4, optional(bytes(MAX_BINDING_BYTES))],
})

const offered = {
  statics: [1, staticPublicShape],
  signedPreKey: [2, struct({ id: [1, signalId], key: [2, curveKey], signature: [3, signature] })],
  kyberPreKey: [3, struct({ id: [1, signalId], key: [2, kyberKey], signature: [3, signature] })],
  oneTimePreKey: [4, optional(struct({ id: [1, signalId], key: [2, curveKey] }))],
  registrationId: [5, signalId],
  /** X-Wing public key, used once. */
  oneTimeKem: [6, fixed(1_216)],
  keyPackage: [7, bytes(MAX_KEY_PACKAGE_BYTES)],
} as const

/** What a Bundle offers, whoever asks: the inviter keeps it from the invite on. */
export const offeredShape = struct(offered)

const bundle = struct({
  ...offered,
  nonce: [8, nonce],
  /** SHA-256 of the Hello that this answers. */
  helloHash: [9, hash],
})

const accept = struct({
  statics: [1, staticPublicShape],
  /** A PreKeySignalMessage. */
  signal: [2, bytes(MAX_SIGNAL_BYTES)],
  kem: [3, fixed(KEM_BYTES)],
  welcome: [4, bytes(MAX_WELCOME_BYTES)],
  /** Where the joiner can be met from now on. */
  meet: [5, list(addressShape, MAX_MEETING_PLACES)],
  /** SHA-256 of the Bundle that this answers. */
  bundleHash: [6, hash],
})

/** The bodies, without the envelope that makes them genuine. */
export const helloBody = codec(hello, MAX_HELLO)
export const bundleBody = codec(bundle, MAX_MESSAGE)
export const acceptBody = codec(accept, MAX_MESSAGE)

/** The body of a Hello. */
export type Hello = Value<typeof hello>
/** The body of a Bundle. */
export type Bundle = Value<typeof bundle>
/** The body of an Accept. */
export type Accept = Value<typeof accept>

/** Why a Hello was refused, for an event on our side. On the wire all of them are silence. */
export type HelloRefusal = "version" | "suites" | "invalid"

/** `nonce`: 32 fresh random bytes. `binding`: of the link that it goes over. */
export const makeHello = (
  crypto: CryptoService,
  pairing: PairingSecret,
  nonce: Uint8Array,
  binding?: Uint8Array,
): Uint8Array => {
  const body = { suites: SUITES, inviteId: pairing.id, nonce, ...(binding !== undefined && { binding }) }
  return seal(crypto, pairing.secret, "hello", helloBody.encode(body))
}

/**
 * The Hello, or why not. A version or a list of suites counts only if the MAC is right. A binding other than that of the link
 * it came over means that somebody sits between: refused here, they cannot even use up the invite.
 */
export const checkHello = (
  crypto: CryptoService,
  pairing: PairingSecret,
  message: Uint8Array,
  binding?: Uint8Array,
): Hello | HelloRefusal => {
  const genuine = message.length > MAX_HELLO ? undefined : open(crypto, pairing.secret, "hello", message)
  if (genuine === undefined) return "invalid"
  if (genuine.version !== VERSION) return "version"
  const found = helloBody.decode(genuine.body)
  if (found === undefined || !equal(found.inviteId, pairing.id)) return "invalid"
  if (!equal(found.binding ?? new Uint8Array(), binding ?? new Uint8Array())) return "invalid"
  return areOurSuites(found.suites) ? found : "suites"
}

export const openHello = (crypto: CryptoService, pairing: PairingSecret, message: Uint8Array): Hello | undefined => {
  const checked = checkHello(crypto, pairing, message)
  return typeof checked === "string" ? undefined : checked
}

/** The answer to `helloMessage`, the exact bytes that arrived. `nonce`: 32 fresh random bytes. */
export const makeBundle = (
  crypto: CryptoService,
  pairing: PairingSecret,
  helloMessage: Uint8Array,
  fields: Omit<Bundle, "helloHash">,
): Uint8Array => {
  const body = bundleBody.encode({ ...fields, helloHash: crypto.sha256(helloMessage) })
  return seal(crypto, pairing.secret, "bundle", body)
}

/** The Bundle, if it answers `helloMessage` and its static keys have the hash that the invite (or the contact) gives, if any. */
export const openBundle = (
  crypto: CryptoService,
  pairing: PairingSecret,
  expected: { readonly helloMessage: Uint8Array; readonly staticsHash?: Uint8Array },
  message: Uint8Array,
): Bundle | undefined => {
  const found = openBody(crypto, pairing, "bundle", bundleBody.decode, message)
  if (found === undefined) return undefined
  if (!equal(found.helloHash, crypto.sha256(expected.helloMessage))) return undefined
  const { staticsHash } = expected
  return staticsHash === undefined || equal(hashStaticPublic(crypto, found.statics), staticsHash) ? found : undefined
}

/** The answer to `bundleMessage`, the exact bytes that arrived. */
export const makeAccept = (
  crypto: CryptoService,
  pairing: PairingSecret,
  bundleMessage: Uint8Array,
  fields: Omit<Accept, "bundleHash">,
): Uint8Array => {
  const body = acceptBody.encode({ ...fields, bundleHash: crypto.sha256(bundleMessage) })
  return seal(crypto, pairing.secret, "accept", body)
}

/** The Accept, if it answers `bundleMessage`. `staticsHash`: the joiner's, once they are known from an earlier handshake. */
export const openAccept = (
  crypto: CryptoService,
  pairing: PairingSecret,
  expected: { readonly bundleMessage: Uint8Array; readonly staticsHash?: Uint8Array },
  message: Uint8Array,
): Accept | undefined => {
  const found = openBody(crypto, pairing, "accept", acceptBody.decode, message)
  if (found === undefined || !equal(found.bundleHash, crypto.sha256(expected.bundleMessage))) return undefined
  const { staticsHash } = expected
  return staticsHash === undefined || equal(hashStaticPublic(crypto, found.statics), staticsHash) ? found : undefined
}

const openBody = <A>(
  crypto: CryptoService,
  pairing: PairingSecret,
  name: "bundle" | "accept",
  decode: (body: Uint8Array) => A | undefined,
  message: Uint8Array,
): A | undefined => {
  const genuine = open(crypto, pairing.secret, name, message)
  return genuine?.version === VERSION ? decode(genuine.body) : undefined
}

function typed(type: number, length: number) {
  return refine(fixed(length), (key) => key[0] === type)
}
