/**
 * Agreeing the keys of the four layers: what each side computes from the Bundle and the Accept. Every layer has its own key
 * agreement; they share the transcript and nothing else. Docs: protocol.md, "Handshake".
 */
import * as Effect from "effect/Effect"
import { concat, equal } from "../crypto/bytes.ts"
import { Crypto, type CryptoService, Refused } from "../crypto/crypto.ts"
import type { Transition } from "../host/transition.ts"
import { aesStart } from "../layers/aes/state.ts"
import { kemDecapsulate, kemEncapsulate, kemStart } from "../layers/kem/establish.ts"
import { mlsCreate, mlsJoin, type PackagePairs } from "../layers/mls/establish.ts"
import type { SottoState } from "../layers/profile.ts"
import { onlyThese } from "../layers/signal/establish.ts"
import { signalInitiate, signalRespond } from "../layers/signal/layer.ts"
import { preKeySecrets } from "../layers/signal/pre-keys.ts"
import type { Address } from "../transport.ts"
import type { PairingSecret } from "./envelope.ts"
import { type Accept, makeAccept, makeBundle, openAccept, openBundle } from "./messages.ts"
import { identityOf, type OneTime, type OwnStatics, publicOf } from "./own-keys.ts"
import { fromFields } from "./pre-key-fields.ts"
import { hashStaticPublic, type StaticPublic } from "./static-keys.ts"
import { transcriptHash } from "./transcript.ts"

/** What the messages so far were, exactly, and what channel carried them. */
export interface Heard {
  readonly pairing: PairingSecret
  readonly hello: Uint8Array
  readonly binding: Uint8Array | undefined
}

export interface Agreement {
  readonly state: SottoState
  readonly peer: StaticPublic
  readonly transitions: ReadonlyArray<Transition>
}

/**
 * The inviter's answer to a genuine Hello. It costs no public-key operation: all of it was made with the invite. `nonce`: 32
 * fresh random bytes, or those that the same Hello got before, for the same Bundle.
 */
export const offer = (
  crypto: CryptoService,
  { hello, pairing }: Heard,
  { offered }: OneTime,
  nonce: Uint8Array = crypto.random(32),
): Uint8Array => makeBundle(crypto, pairing, hello, { ...offered, nonce })

/**
 * The joiner's answer to a Bundle, and the keys that follow from it. Refuses a Bundle that is not the invited one. `pairs`: made
 * ahead for it.
 */
export const accept = Effect.fnUntraced(function* (
  heard: Heard & { readonly staticsHash: Uint8Array },
  own: OwnStatics,
  bundleMessage: Uint8Array,
  meet: ReadonlyArray<Address>,
  pairs?: PackagePairs,
): Effect.fn.Return<Agreement & { readonly accept: Uint8Array }, Refused, Crypto> {
  const crypto = yield* Crypto
  const { binding, hello, pairing, staticsHash } = heard
  const bundle = openBundle(crypto, pairing, { helloMessage: hello, staticsHash }, bundleMessage)
  if (bundle === undefined) return yield* new Refused()
  const peer = bundle.statics
  const statics = yield* publicOf(own)
  yield* checkNotOurs(statics, peer)
  const preKeys = fromFields(bundle)
  if (preKeys === undefined) return yield* new Refused()
  const signal = yield* signalInitiate({
    identity: yield* identityOf(own),
    peer: peer.signalIdentity,
    bundle: preKeys,
    plaintext: crypto.sha256(concat(hello, bundleMessage)),
  })
  const kem = yield* kemEncapsulate(crypto, peer.kem, bundle.oneTimeKem)
  const mls = yield* mlsCreate({
    signatureSeed: own.mlsSignature,
    peerKeyPackage: bundle.keyPackage,
    peerSignatureKey: peer.mlsSignature,
    ...(pairs && { pairs }),
  })
  const message = makeAccept(crypto, pairing, bundleMessage, {
    statics,
    signal: signal.message,
    kem: kem.message,
    welcome: mls.welcome,
    meet: [...meet],
  })
  const transcript = transcriptHash(crypto, { hello, bundle: bundleMessage, accept: message, binding })
  return {
    accept: message,
    peer,
    transitions: signal.transitions,
    state: {
      transcript,
      role: "joiner",
      layers: {
        mls: mls.state,
        signal: signal.state,
        kem: yield* kemStart(crypto, kem.secrets, transcript, { role: "joiner", staticSeed: own.kem }),
        aes: aesStart(crypto, pairing.secret, transcript, "joiner"),
      },
    },
  }
})

/** The inviter's keys from an Accept. Refuses one that is not an answer to our Bundle in every byte. */
export const complete = Effect.fnUntraced(function* (
  heard: Heard & { readonly bundle: Uint8Array; readonly staticsHash?: Uint8Array },
  own: OwnStatics,
  prepared: OneTime,
  acceptMessage: Uint8Array,
): Effect.fn.Return<Agreement & { readonly meet: Accept["meet"] }, Refused, Crypto> {
  const crypto = yield* Crypto
  const { binding, bundle, hello, pairing, staticsHash } = heard
  const expected = { bundleMessage: bundle, ...(staticsHash && { staticsHash }) }
  const accepted = openAccept(crypto, pairing, expected, acceptMessage)
  if (accepted === undefined) return yield* new Refused()
  const peer = accepted.statics
  yield* checkNotOurs(prepared.offered.statics, peer)
  const preKeys = preKeySecrets.decode(prepared.preKeys)
  if (preKeys === undefined) return yield* Effect.die(new TypeError("our own prekeys do not decode"))
  const signal = yield* signalRespond({
    identity: yield* identityOf(own),
    peer: peer.signalIdentity,
    preKeys: onlyThese(preKeys),
    message: accepted.signal,
  })
  if (!equal(signal.plaintext, crypto.sha256(concat(hello, bundle)))) return yield* new Refused()
  const secrets = yield* kemDecapsulate(crypto, own.kem, prepared.kem, accepted.kem)
  const mls = yield* mlsJoin({
    signatureSeed: own.mlsSignature,
    keyPackage: prepared.offered.keyPackage,
    privateKeys: prepared.mlsPrivateKeys,
    welcome: accepted.welcome,
    peerSignatureKey: peer.mlsSignature,
  })
  const transcript = transcriptHash(crypto, { hello, bundle, accept: acceptMessage, binding })
  return {
    peer,
    meet: accepted.meet,
    transitions: signal.transitions,
    state: {
      transcript,
      role: "inviter",
      layers: {
        mls,
        signal: signal.state,
        kem: yield* kemStart(crypto, secrets, transcript, { role: "inviter", peerStatic: peer.kem }),
        aes: aesStart(crypto, pairing.secret, transcript, "inviter"),
      },
    },
  }
})

/** Whoever answers with our own keys reflects us. */
const checkNotOurs = Effect.fnUntraced(function* (own: StaticPublic, peer: StaticPublic) {
  const crypto = yield* Crypto
  const shared =
    equal(hashStaticPublic(crypto, own), hashStaticPublic(crypto, peer)) ||
    equal(own.signalIdentity, peer.signalIdentity) ||
    equal(own.mlsSignature, peer.mlsSignature) ||
    equal(own.kem, peer.kem)
  if (shared) return yield* new Refused()
})
