/** Sessions for the games: one on the four real layers, agreed once, and one on toys of the same promises, which is quick. */
import * as Effect from "effect/Effect"
import { Crypto, type KeyPair } from "../../../src/core/crypto/crypto.ts"
import { xWing } from "../../../src/core/crypto/x-wing.ts"
import type { Role } from "../../../src/core/ids.ts"
import { aesLayer } from "../../../src/core/layers/aes/layer.ts"
import { type AesState, aesStart } from "../../../src/core/layers/aes/state.ts"
import { type CascadeState, makeCascade } from "../../../src/core/layers/cascade.ts"
import { kemDecapsulate, kemEncapsulate, kemStart } from "../../../src/core/layers/kem/establish.ts"
import { kemLayer } from "../../../src/core/layers/kem/layer.ts"
import type { Layer, LayerName } from "../../../src/core/layers/layer.ts"
import { mlsCreate, mlsJoin, mlsKeyPackage } from "../../../src/core/layers/mls/establish.ts"
import { mlsLayer } from "../../../src/core/layers/mls/layer.ts"
import type { SottoState } from "../../../src/core/layers/profile.ts"
import { onlyThese } from "../../../src/core/layers/signal/establish.ts"
import { signalInitiate, signalLayer, signalPreKeys, signalRespond } from "../../../src/core/layers/signal/layer.ts"
import { cascadeSubject } from "../../../src/spec/games/cascade-subject.ts"
import { run } from "../layers/runtime.ts"

/** What a handshake leaves: each layer agreed on its own, and a transcript. */
export const agree: Effect.Effect<Readonly<Record<Role, SottoState>>, never, Crypto> = Effect.gen(function* () {
  const crypto = yield* Crypto
  const transcript = crypto.random(32)
  const identity = Effect.suspend(() => {
    const secretKey = crypto.random(32)
    return Effect.map(crypto.x25519.publicKey(secretKey), (publicKey): KeyPair => ({ publicKey, secretKey }))
  })

  const [inviterSigner, joinerSigner] = [crypto.random(32), crypto.random(32)]
  const offer = yield* mlsKeyPackage({ signatureSeed: inviterSigner })
  const made = yield* mlsCreate({
    signatureSeed: joinerSigner,
    peerKeyPackage: offer.keyPackage,
    peerSignatureKey: yield* crypto.ed25519.publicKey(inviterSigner),
  })
  const peerSignatureKey = yield* crypto.ed25519.publicKey(joinerSigner)
  const joined = yield* mlsJoin({ signatureSeed: inviterSigner, ...offer, welcome: made.welcome, peerSignatureKey })

  const [inviterIdentity, joinerIdentity] = [yield* identity, yield* identity]
  const { bundle, secrets } = yield* signalPreKeys(inviterIdentity, 1)
  const initiated = yield* signalInitiate({
    identity: joinerIdentity,
    peer: inviterIdentity.publicKey,
    bundle,
    plaintext: transcript,
  })
  const responded = yield* signalRespond({
    identity: inviterIdentity,
    peer: joinerIdentity.publicKey,
    preKeys: onlyThese(secrets),
    message: initiated.message,
  })

  const kem = xWing(crypto)
  const seeds = { static: crypto.random(32), oneTime: crypto.random(32), joiner: crypto.random(32) }
  const agreed = yield* kemEncapsulate(crypto, yield* kem.publicKey(seeds.static), yield* kem.publicKey(seeds.oneTime))
  const kemSecrets = yield* kemDecapsulate(crypto, seeds.static, seeds.oneTime, agreed.message)
  const peerStatic = yield* kem.publicKey(seeds.joiner)

  const secret = crypto.random(32)
  return {
    inviter: {
      transcript,
      role: "inviter" as const,
      layers: {
        mls: joined,
        signal: responded.state,
        kem: yield* kemStart(crypto, kemSecrets, transcript, { role: "inviter", peerStatic }),
        aes: aesStart(crypto, secret, transcript, "inviter"),
      },
    },
    joiner: {
      transcript,
      role: "joiner" as const,
      layers: {
        mls: made.state,
        signal: initiated.state,
        kem: yield* kemStart(crypto, agreed.secrets, transcript, { role: "joiner", staticSeed: seeds.joiner }),
        aes: aesStart(crypto, secret, transcript, "joiner"),
      },
    },
  }
}).pipe(Effect.orDie)

/** The four layers of the profile. States are values, so one agreement serves every game. */
const real = run(agree)

export const realSubject = cascadeSubject({
  layers: { mls: mlsLayer, signal: signalLayer, kem: kemLayer, aes: aesLayer },
  compose: makeCascade,
  establish: Effect.promise(() => real),
})

/** A hash ratchet under another layer's name and with a secret of its own. */
export const toyLayer = (name: LayerName): Layer<AesState> => ({
  ...aesLayer,
  name,
  view: (state) => ({ ...aesLayer.view(state), layer: name }),
})

export type ToyState = CascadeState<AesState, AesState, AesState, AesState>

export const TOYS = {
  mls: toyLayer("mls"),
  signal: toyLayer("signal"),
  kem: toyLayer("kem"),
  aes: toyLayer("aes"),
} as const

export const toyPair: Effect.Effect<Readonly<Record<Role, ToyState>>, never, Crypto> = Effect.map(Crypto, (crypto) => {
  const transcript = crypto.random(32)
  const secrets = { mls: crypto.random(32), signal: crypto.random(32), kem: crypto.random(32), aes: crypto.random(32) }
  const side = (role: Role): ToyState => {
    const start = (name: LayerName) => aesStart(crypto, secrets[name], transcript, role)
    return {
      transcript,
      role,
      layers: { mls: start("mls"), signal: start("signal"), kem: start("kem"), aes: start("aes") },
    }
  }
  return { inviter: side("inviter"), joiner: side("joiner") }
})

export const toySubject = cascadeSubject({ layers: TOYS, compose: makeCascade, establish: toyPair })
