/**
 * PQXDH: one secret out of three or four Diffie-Hellman results and a Kyber-1024 encapsulation. Docs: protocol.md, "Signal
 * layer"; the PQXDH specification, §3.3 and §3.4. Low-order points are refused by the Crypto port, forged prekeys here.
 */
import * as Effect from "effect/Effect"
import { concat, utf8 } from "../../crypto/bytes.ts"
import { type CryptoService, type KeyPair, Refused } from "../../crypto/crypto.ts"
import { kyber1024 } from "../../crypto/kyber.ts"
import { verify } from "../../crypto/xeddsa.ts"
import { type ChainKey, chainKey } from "./chain-key.ts"
import { serializeKey } from "./curve-key.ts"
import type { Introduction } from "./pre-key-message.ts"
import { generateKeyPair, type PreKeyBundle, type PreKeySecrets } from "./pre-keys.ts"
import { type RootKey, rootKey } from "./root-key.ts"

/** What the agreement comes to, equal on both sides. */
export interface Agreed {
  readonly root: RootKey
  /** The responder's first sending chain, under its signed prekey. */
  readonly chain: ChainKey
  /** 32 bytes: where the braid starts. */
  readonly braidKey: Uint8Array
}

/** §2.2, fixed by Signal's wire. */
const INFO = utf8("WhisperText_X25519_SHA-256_CRYSTALS-KYBER-1024")

/** §2.2: "F", which keeps the input apart from any that XEdDSA hashes. */
const PREFIX = new Uint8Array(32).fill(0xff)
const NO_SALT = new Uint8Array(32)

const derive = (crypto: CryptoService, agreements: ReadonlyArray<Uint8Array>, kemSecret: Uint8Array): Agreed => {
  const derived = crypto.hkdfSha256(concat(PREFIX, ...agreements, kemSecret), NO_SALT, INFO, 96)
  return {
    root: rootKey(derived.slice(0, 32)),
    chain: chainKey(derived.slice(32, 64)),
    braidKey: derived.slice(64, 96),
  }
}

/** Refuses a bundle with a signature that is not the identity's, or with a key that is not a key. */
export const agreeAsInitiator = Effect.fnUntraced(function* (
  crypto: CryptoService,
  identity: KeyPair,
  /** The responder's identity key, 32 bytes. */
  peer: Uint8Array,
  { kyber, oneTime, signed }: PreKeyBundle,
) {
  const { agree } = crypto.x25519
  if (!(yield* verify(crypto, peer, serializeKey(signed.publicKey), signed.signature))) return yield* new Refused()
  if (!(yield* verify(crypto, peer, kyber.publicKey, kyber.signature))) return yield* new Refused()
  const base = yield* generateKeyPair(crypto)
  const agreements = [
    yield* agree(identity.secretKey, signed.publicKey),
    yield* agree(base.secretKey, peer),
    yield* agree(base.secretKey, signed.publicKey),
  ]
  if (oneTime !== undefined) agreements.push(yield* agree(base.secretKey, oneTime.publicKey))
  const { ciphertext, sharedSecret } = yield* kyber1024(crypto).encapsulate(kyber.publicKey)
  const introduction: Introduction = {
    ...(oneTime && { preKeyId: oneTime.id }),
    signedPreKeyId: signed.id,
    kyberPreKeyId: kyber.id,
    kyberCiphertext: ciphertext,
    baseKey: base.publicKey,
  }
  return { agreed: derive(crypto, agreements, sharedSecret), introduction }
})

/** The same secret from the responder's side. Forged input gives another secret, or is refused. */
export const agreeAsResponder = Effect.fnUntraced(function* (
  crypto: CryptoService,
  identity: KeyPair,
  /** The initiator's identity key, 32 bytes. */
  peer: Uint8Array,
  { kyber, oneTime, signed }: PreKeySecrets,
  { baseKey, kyberCiphertext }: Introduction,
) {
  const { agree } = crypto.x25519
  const agreements = [
    yield* agree(signed.pair.secretKey, peer),
    yield* agree(identity.secretKey, baseKey),
    yield* agree(signed.pair.secretKey, baseKey),
  ]
  if (oneTime !== undefined) agreements.push(yield* agree(oneTime.pair.secretKey, baseKey))
  return derive(crypto, agreements, yield* kyber1024(crypto).decapsulate(kyber.seed, kyberCiphertext))
})
