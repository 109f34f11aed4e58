/**
 * How the KEM layer begins: the joiner encapsulates to both of the inviter's X-Wing keys in its Accept, and each side makes
 * its first state once the transcript is known. Docs: protocol.md, "Handshake" and "KEM layer".
 */
import * as Effect from "effect/Effect"
import { type KemRatchetEvent, kemRatchet } from "../../../machines/kem-ratchet.ts"
import { concat } from "../../crypto/bytes.ts"
import { type CryptoService, Refused } from "../../crypto/crypto.ts"
import { X_WING_CIPHERTEXT_BYTES, xWing } from "../../crypto/x-wing.ts"
import { begin, step } from "../../host/step.ts"
import { NO_SKIPPED_KEYS } from "../skipped-keys.ts"
import { type KemSecrets, rootOf } from "./keys.ts"
import type { KemKeys, KemState } from "./state.ts"

/** The ciphertext to the inviter's static key ‖ that to its one-time key. */
export const KEM_MESSAGE_BYTES = 2 * X_WING_CIPHERTEXT_BYTES

/** The joiner's half. Refuses keys of the inviter that are not X-Wing public keys (1216 bytes, reduced, not low-order). */
export const kemEncapsulate = Effect.fnUntraced(function* (
  crypto: CryptoService,
  peerStatic: Uint8Array,
  peerOneTime: Uint8Array,
): Effect.fn.Return<{ readonly message: Uint8Array; readonly secrets: KemSecrets }, Refused> {
  const kem = xWing(crypto)
  const toStatic = yield* kem.encapsulate(peerStatic)
  const toOneTime = yield* kem.encapsulate(peerOneTime)
  return {
    message: concat(toStatic.ciphertext, toOneTime.ciphertext),
    secrets: { toStatic: toStatic.sharedSecret, toOneTime: toOneTime.sharedSecret },
  }
})

/**
 * The inviter's half, from the 32-byte seeds of its keys. Refuses a wrong length and low-order points; a ciphertext that
 * was made for other keys gives secrets that the joiner has not, and nothing opens under them.
 */
export const kemDecapsulate = Effect.fnUntraced(function* (
  crypto: CryptoService,
  staticSeed: Uint8Array,
  oneTimeSeed: Uint8Array,
  message: Uint8Array,
): Effect.fn.Return<KemSecrets, Refused> {
  if (message.length !== KEM_MESSAGE_BYTES) return yield* new Refused()
  const kem = xWing(crypto)
  return {
    toStatic: yield* kem.decapsulate(staticSeed, message.slice(0, X_WING_CIPHERTEXT_BYTES)),
    toOneTime: yield* kem.decapsulate(oneTimeSeed, message.slice(X_WING_CIPHERTEXT_BYTES)),
  }
})

/** What a side needs of the static keys: the inviter takes its first turn to the joiner's. */
export type KemStart =
  | { readonly role: "inviter"; readonly peerStatic: Uint8Array }
  | { readonly role: "joiner"; readonly staticSeed: Uint8Array }

/** The first state. The inviter refuses a static key of the joiner to which it could not take a turn. */
export const kemStart = Effect.fnUntraced(function* (
  crypto: CryptoService,
  secrets: KemSecrets,
  transcriptHash: Uint8Array,
  start: KemStart,
): Effect.fn.Return<KemState, Refused> {
  if (start.role === "inviter") yield* checkPeerKey(crypto, start.peerStatic)
  const root = rootOf(crypto, secrets, transcriptHash)
  const keys: KemKeys =
    start.role === "inviter"
      ? { state: "following", root, peerKey: start.peerStatic.slice() }
      : { state: "awaitingFirstTurn", root, seed: start.staticSeed.slice() }
  const agreed: KemRatchetEvent = { type: "SecretsAgreed", role: start.role }
  const { snapshot } = step(kemRatchet, begin(kemRatchet, undefined).snapshot, agreed)
  return { keys, counters: snapshot.context, skipped: NO_SKIPPED_KEYS }
})

/**
 * Refuses a public key that `encapsulate` would refuse, by using it. A peer must not be able to hand over a key that fails
 * only when we next want to send.
 */
export const checkPeerKey = (crypto: CryptoService, publicKey: Uint8Array): Effect.Effect<void, Refused> =>
  Effect.asVoid(xWing(crypto).encapsulate(publicKey))
