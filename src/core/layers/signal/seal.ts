/**
 * Sealing one message, and taking our turn before it where the machine says so. Docs: protocol.md, "Signal layer"; the Double
 * Ratchet specification, §3.3 (RatchetEncrypt) and §3.5 (the sending half of DHRatchet).
 */
import * as Effect from "effect/Effect"
import { Crypto, type CryptoService } from "../../crypto/crypto.ts"
import type { Transition } from "../../host/transition.ts"
import { braidSend } from "./braid.ts"
import { chainStep, seedAt } from "./chain-key.ts"
import { encrypt, MAC_BYTES, macOf, messageKeys } from "./message-keys.ts"
import { encodePreKeyMessage, REGISTRATION_ID } from "./pre-key-message.ts"
import { generateKeyPair } from "./pre-keys.ts"
import { rootStep } from "./root-key.ts"
import { decide, type Session, type SessionKeys } from "./session.ts"
import { encodeBodyWithRoom } from "./signal-message.ts"

export interface SealedMessage {
  readonly session: Session
  /** A Signal message, or a prekey message while no answer has opened. */
  readonly message: Uint8Array
  readonly transitions: ReadonlyArray<Transition>
}

/** A new ratchet key of ours, agreed with the peer's newest: a new root and a new sending chain. */
export const turn = Effect.fnUntraced(function* (crypto: CryptoService, keys: SessionKeys) {
  const pair = yield* generateKeyPair(crypto)
  const agreed = yield* crypto.x25519.agree(pair.secretKey, keys.receiving[0]!.ratchetKey)
  const { chain, root } = rootStep(crypto, keys.root, agreed)
  return { ...keys, root, sending: { pair, chain } }
})

/**
 * The plaintext as the session's next message. Sealing in a session that was abandoned, or whose chain is used up (2³² messages
 * without an answer), is a defect: ask `view` first.
 */
export const seal: (session: Session, plaintext: Uint8Array) => Effect.Effect<SealedMessage, never, Crypto> =
  Effect.fnUntraced(function* (session, plaintext) {
    const crypto = yield* Crypto
    const { commands, session: decided, transition } = decide(session, { type: "SealAsked" })
    let sealing = decided
    let message: Uint8Array | undefined
    const transitions: Array<Transition> = [transition]
    for (const { params, type } of commands) {
      const { introduction, keys, own, peer } = sealing
      if (keys === undefined) break
      if (type === "turnSending") {
        // The peer's key agreed with another of ours when its chain began, so this cannot be refused.
        sealing = { ...sealing, keys: yield* Effect.orDie(turn(crypto, keys)) }
      } else if (type === "seal" && keys.sending !== undefined) {
        const { chain, pair } = keys.sending
        const braided = yield* braidSend(crypto, keys.braid)
        const sealed = messageKeys(crypto, seedAt(crypto, chain), braided.key)
        const fields = {
          ratchetKey: pair.publicKey,
          counter: params.counter,
          previousCounter: params.previous,
          ciphertext: yield* encrypt(crypto, sealed, plaintext),
          braid: braided.message,
          addresses: undefined,
        }
        message = encodeBodyWithRoom(fields, MAC_BYTES)
        const body = message.subarray(0, message.length - MAC_BYTES)
        message.set(macOf(crypto, sealed, { sender: own, receiver: peer }, body), body.length)
        const sending = { pair, chain: chainStep(crypto, chain) }
        sealing = { ...sealing, keys: { ...keys, sending, braid: braided.braid } }
        transitions.push(...braided.transitions)
      } else if (type === "wrapInPreKeyMessage" && introduction !== undefined && message !== undefined) {
        message = encodePreKeyMessage({ ...introduction, identityKey: own, registrationId: REGISTRATION_ID, message })
      }
    }
    if (message === undefined) return yield* Effect.die(new RangeError("the session cannot seal"))
    return { session: sealing, message, transitions }
  })
