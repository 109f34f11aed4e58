/**
 * The public half of a side's static keys: made for one contact, hashed into the invite, covered by the safety number.
 * Docs: protocol.md, "Key sets and identity".
 */
import { codec, fixed, type Value } from "../codec/codec.ts"
import { struct } from "../codec/composite.ts"
import type { CryptoService } from "../crypto/crypto.ts"

export const staticPublicShape = struct({
  /** X25519, without Signal's type byte. */
  signalIdentity: [1, fixed(32)],
  /** Ed25519. */
  mlsSignature: [2, fixed(32)],
  /** X-Wing: ML-KEM-768 (1184 bytes), then X25519 (32). */
  kem: [3, fixed(1216)],
})

/** Three long-lived public keys of a side. */
export type StaticPublic = Value<typeof staticPublicShape>

/** 1,291 bytes for every key set. */
export const staticPublic = codec(staticPublicShape, 1_291)

/** SHA-256 of the canonical encoding: what an invite commits to. */
export const hashStaticPublic = (crypto: CryptoService, keys: StaticPublic): Uint8Array =>
  crypto.sha256(staticPublic.encode(keys))
