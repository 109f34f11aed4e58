/**
 * Prekeys: what the responder publishes for one agreement, signed by its identity key, and the secrets it keeps for it. Docs:
 * protocol.md, "Signal layer"; the PQXDH specification, §3.2. Every key here is used once, the signed ones too.
 */
import * as Effect from "effect/Effect"
import { codec, fixed, type Shape, uint } from "../../codec/codec.ts"
import { optional, struct } from "../../codec/composite.ts"
import { Crypto, type CryptoService, type KeyPair } from "../../crypto/crypto.ts"
import { kyber1024 } from "../../crypto/kyber.ts"
import { sign } from "../../crypto/xeddsa.ts"
import { serializeKey } from "./curve-key.ts"

/** A Kyber-1024 public key behind its type byte. */
const KYBER_PUBLIC_KEY_BYTES = 1 + 1568
const SIGNATURE_BYTES = 64
const KEM_SEED_BYTES = 64
const MAX_ID = 0xffff_ffff

/** What an initiator needs, the identity key apart. Ids are uint32. X25519 keys are bare, Kyber's carries its type byte. */
export interface PreKeyBundle {
  readonly signed: { readonly id: number; readonly publicKey: Uint8Array; readonly signature: Uint8Array }
  readonly kyber: { readonly id: number; readonly publicKey: Uint8Array; readonly signature: Uint8Array }
  readonly oneTime?: { readonly id: number; readonly publicKey: Uint8Array }
}

/** What the responder keeps, until the keys are used or their invite expires. */
export interface PreKeySecrets {
  readonly signed: { readonly id: number; readonly pair: KeyPair }
  readonly kyber: { readonly id: number; readonly seed: Uint8Array }
  readonly oneTime?: { readonly id: number; readonly pair: KeyPair }
}

/** How the bundle lies in a record. */
export const preKeyBundleShape: Shape<PreKeyBundle> = struct({
  signed: [1, struct({ id: [1, uint(MAX_ID)], publicKey: [2, fixed(32)], signature: [3, fixed(SIGNATURE_BYTES)] })],
  kyber: [
    2,
    struct({
      id: [1, uint(MAX_ID)],
      publicKey: [2, fixed(KYBER_PUBLIC_KEY_BYTES)],
      signature: [3, fixed(SIGNATURE_BYTES)],
    }),
  ],
  oneTime: [3, optional(struct({ id: [1, uint(MAX_ID)], publicKey: [2, fixed(32)] }))],
})

export const keyPairShape: Shape<KeyPair> = struct({ publicKey: [1, fixed(32)], secretKey: [2, fixed(32)] })

/** How the secrets are kept in a record. */
export const preKeySecrets = codec<PreKeySecrets>(
  struct({
    signed: [1, struct({ id: [1, uint(MAX_ID)], pair: [2, keyPairShape] })],
    kyber: [2, struct({ id: [1, uint(MAX_ID)], seed: [2, fixed(KEM_SEED_BYTES)] })],
    oneTime: [3, optional(struct({ id: [1, uint(MAX_ID)], pair: [2, keyPairShape] }))],
  }),
  512,
)

/** A fresh X25519 key pair. */
export const generateKeyPair = (crypto: CryptoService): Effect.Effect<KeyPair> =>
  Effect.suspend(() => {
    const secretKey = crypto.random(32)
    return Effect.map(crypto.x25519.publicKey(secretKey), (publicKey) => ({ publicKey, secretKey }))
  })

/**
 * Fresh prekeys, all of them with the same id: the kinds have separate numbers. The caller never gives an id twice, and stores
 * the secrets before the bundle leaves.
 */
export const generatePreKeys = Effect.fnUntraced(function* (options: {
  readonly identity: KeyPair
  readonly id: number
  /** False for a bundle whose one-time prekeys have run out. */
  readonly oneTime?: boolean
}) {
  const crypto = yield* Crypto
  const { id, identity } = options
  const signed = yield* generateKeyPair(crypto)
  const seed = crypto.random(KEM_SEED_BYTES)
  const kyberKey = yield* kyber1024(crypto).publicKey(seed)
  const oneTime = options.oneTime === false ? undefined : yield* generateKeyPair(crypto)
  const secrets: PreKeySecrets = {
    signed: { id, pair: signed },
    kyber: { id, seed },
    ...(oneTime && { oneTime: { id, pair: oneTime } }),
  }
  const bundle: PreKeyBundle = {
    signed: {
      id,
      publicKey: signed.publicKey,
      signature: yield* sign(crypto, identity.secretKey, serializeKey(signed.publicKey)),
    },
    kyber: { id, publicKey: kyberKey, signature: yield* sign(crypto, identity.secretKey, kyberKey) },
    ...(oneTime && { oneTime: { id, publicKey: oneTime.publicKey } }),
  }
  return { secrets, bundle }
})
