/**
 * How a session begins: the initiator from a bundle, the responder from the first prekey message. Docs: protocol.md,
 * "Handshake" and "Signal layer"; the PQXDH specification, §3.3 and §3.4.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { equal } from "../../crypto/bytes.ts"
import { Crypto, type KeyPair, Refused } from "../../crypto/crypto.ts"
import type { Transition } from "../../host/transition.ts"
import { openSignalMessage } from "./open.ts"
import { agreeAsInitiator, agreeAsResponder } from "./pqxdh.ts"
import { decodePreKeyMessage, type Introduction, introductionHash } from "./pre-key-message.ts"
import type { PreKeyBundle, PreKeySecrets } from "./pre-keys.ts"
import { receiverChain } from "./receiver-chain.ts"
import { turn } from "./seal.ts"
import { decide, newSession, type Session } from "./session.ts"
import { decodeSignalMessage } from "./signal-message.ts"

/** Finds the secrets that a prekey message names, or undefined to refuse it. */
export type FindPreKeys = (
  named: Pick<Introduction, "preKeyId" | "signedPreKeyId" | "kyberPreKeyId">,
) => PreKeySecrets | undefined

/** Those of one bundle, whole: a message that names others, or leaves out the one-time prekey that was offered, is refused. */
export const onlyThese =
  (secrets: PreKeySecrets): FindPreKeys =>
  ({ kyberPreKeyId, preKeyId, signedPreKeyId }) =>
    signedPreKeyId === secrets.signed.id && kyberPreKeyId === secrets.kyber.id && preKeyId === secrets.oneTime?.id
      ? secrets
      : undefined

export interface Initiated {
  readonly session: Session
  readonly transitions: ReadonlyArray<Transition>
}

/** A session with who published the bundle. `peer` is its identity key, 32 bytes, which the caller trusts already. */
export const initiate: (options: {
  readonly identity: KeyPair
  readonly peer: Uint8Array
  readonly bundle: PreKeyBundle
}) => Effect.Effect<Initiated, Refused, Crypto> = Effect.fnUntraced(function* ({ bundle, identity, peer }) {
  const crypto = yield* Crypto
  if (equal(identity.publicKey, peer)) return yield* new Refused()
  const { agreed, introduction } = yield* agreeAsInitiator(crypto, identity, peer, bundle)
  const since = yield* Clock.currentTimeMillis
  const session = newSession(crypto, "initiator", agreed, {
    own: identity.publicKey.slice(),
    peer: peer.slice(),
    sending: undefined,
    receiving: [receiverChain(bundle.signed.publicKey.slice(), agreed.chain)],
    introduction: { ...introduction, since },
    introducedBy: undefined,
  })
  const { session: decided, transition } = decide(session, { type: "BundleAccepted" })
  return { session: { ...decided, keys: yield* turn(crypto, session.keys!) }, transitions: [transition] }
})

export interface Responded {
  readonly session: Session
  readonly plaintext: Uint8Array
  /** The prekeys that the session was made from. The caller erases them in the commit that stores the session. */
  readonly usedPreKeys: { readonly signed: number; readonly kyber: number; readonly oneTime?: number }
  readonly transitions: ReadonlyArray<Transition>
}

/** The session that a prekey message begins, and what it says. `peer` is the identity key that it must come from. */
export const respond: (options: {
  readonly identity: KeyPair
  readonly peer: Uint8Array
  readonly preKeys: FindPreKeys
  readonly message: Uint8Array
}) => Effect.Effect<Responded, Refused, Crypto> = Effect.fnUntraced(function* ({ identity, message, peer, preKeys }) {
  const crypto = yield* Crypto
  const outer = decodePreKeyMessage(message)
  if (outer === undefined || !equal(outer.identityKey, peer)) return yield* new Refused()
  if (equal(identity.publicKey, peer)) return yield* new Refused()
  const inner = decodeSignalMessage(outer.message)
  const secrets = preKeys(outer)
  if (inner === undefined || secrets === undefined) return yield* new Refused()
  const { publicKey, secretKey } = secrets.signed.pair
  // One copy, which the session keeps: what a supplier makes of a key is made once for each array.
  const pair = { publicKey: publicKey.slice(), secretKey: secretKey.slice() }
  const signedPreKey = { ...secrets.signed, pair }
  const agreed = yield* agreeAsResponder(crypto, identity, peer, { ...secrets, signed: signedPreKey }, outer)
  const session = newSession(crypto, "responder", agreed, {
    own: identity.publicKey.slice(),
    peer: peer.slice(),
    sending: { pair, chain: agreed.chain },
    receiving: [],
    introduction: undefined,
    introducedBy: introductionHash(crypto, outer),
  })
  const accepted = decide(session, { type: "PreKeyMessageAccepted" })
  const opened = yield* openSignalMessage(accepted.session, inner)
  const { kyber, oneTime, signed } = secrets
  return {
    session: opened.session,
    plaintext: opened.plaintext,
    usedPreKeys: { signed: signed.id, kyber: kyber.id, ...(oneTime && { oneTime: oneTime.id }) },
    transitions: [accepted.transition, ...opened.transitions],
  }
})
