/**
 * Our keys for one contact: the static set that the contact keeps, and the one-time set that a single handshake uses up.
 * Docs: protocol.md, "Key sets and identity".
 */
import * as Effect from "effect/Effect"
import { bytes, codec, fixed, type Value } from "../codec/codec.ts"
import { struct } from "../codec/composite.ts"
import { Crypto, type KeyPair } from "../crypto/crypto.ts"
import { xWing } from "../crypto/x-wing.ts"
import { mlsKeyPackage } from "../layers/mls/establish.ts"
import { signalPreKeys } from "../layers/signal/layer.ts"
import { preKeySecrets } from "../layers/signal/pre-keys.ts"
import { offeredShape } from "./messages.ts"
import { toFields } from "./pre-key-fields.ts"
import type { StaticPublic } from "./static-keys.ts"

const seed = fixed(32)

const ownStaticsShape = struct({ signalIdentity: [1, seed], mlsSignature: [2, seed], kem: [3, seed] })
/** The secret halves: an X25519 key, an Ed25519 seed, an X-Wing seed; 32 bytes each. */
export type OwnStatics = Value<typeof ownStaticsShape>
export const ownStatics = codec(ownStaticsShape, 128)

/** Fresh keys, for one contact and never for another. */
export const makeOwnStatics: Effect.Effect<OwnStatics, never, Crypto> = Effect.map(Crypto, ({ random }) => ({
  signalIdentity: random(32),
  mlsSignature: random(32),
  kem: random(32),
}))

export const publicOf = Effect.fnUntraced(function* (own: OwnStatics): Effect.fn.Return<StaticPublic, never, Crypto> {
  const crypto = yield* Crypto
  return {
    signalIdentity: yield* crypto.x25519.publicKey(own.signalIdentity),
    mlsSignature: yield* crypto.ed25519.publicKey(own.mlsSignature),
    kem: yield* xWing(crypto).publicKey(own.kem),
  }
})

/** The pair that Signal's protocol knows us by. */
export const identityOf = Effect.fnUntraced(function* (own: OwnStatics): Effect.fn.Return<KeyPair, never, Crypto> {
  const publicKey = yield* (yield* Crypto).x25519.publicKey(own.signalIdentity)
  return { publicKey, secretKey: own.signalIdentity }
})

const oneTimeShape = struct({
  /** The public halves, as the Bundle carries them. */
  offered: [1, offeredShape],
  preKeys: [2, bytes(512)],
  kem: [3, seed],
  mlsPrivateKeys: [4, bytes(1_024)],
})
/** What the inviter keeps until an Accept uses it. */
export type OneTime = Value<typeof oneTimeShape>
export const oneTime = codec(oneTimeShape, 16_384)

/** `id` names Signal's prekeys and is never given twice for one identity. */
export const makeOneTime = Effect.fnUntraced(function* (options: {
  readonly statics: OwnStatics
  readonly id: number
}): Effect.fn.Return<OneTime, never, Crypto> {
  const crypto = yield* Crypto
  const { id, statics } = options
  const { bundle, secrets } = yield* signalPreKeys(yield* identityOf(statics), id)
  const { keyPackage, privateKeys } = yield* mlsKeyPackage({ signatureSeed: statics.mlsSignature })
  const kem = crypto.random(32)
  const preKeys = preKeySecrets.encode(secrets)
  // They are written there from now on.
  for (const secret of [secrets.signed.pair.secretKey, secrets.kyber.seed, secrets.oneTime?.pair.secretKey]) {
    secret?.fill(0)
  }
  return {
    offered: {
      ...toFields(bundle),
      statics: yield* publicOf(statics),
      oneTimeKem: yield* xWing(crypto).publicKey(kem),
      keyPackage,
    },
    preKeys,
    kem,
    mlsPrivateKeys: privateKeys,
  }
})
