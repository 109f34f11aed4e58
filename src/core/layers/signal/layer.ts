/**
 * The Signal layer: sessions behind the Layer interface, and what the handshake calls to establish one. Docs: protocol.md,
 * "Signal layer" and "Handshake".
 *
 * Signal's wire has no room for associated data of ours, so the 32 bytes go before the plaintext and are compared on opening.
 */
import * as Effect from "effect/Effect"
import { concat, equal } from "../../crypto/bytes.ts"
import { type Crypto, type KeyPair, Refused } from "../../crypto/crypto.ts"
import type { Transition } from "../../host/transition.ts"
import type { Layer } from "../layer.ts"
import { expireBraidKeys } from "./braid-chains.ts"
import { BRAID_ID } from "./braid-state.ts"
import { type FindPreKeys, initiate, type Responded, respond } from "./establish.ts"
import { open } from "./open.ts"
import { generatePreKeys, type PreKeyBundle } from "./pre-keys.ts"
import { countStored, expire, SEED_LIFETIME } from "./receiver-chain.ts"
import { seal } from "./seal.ts"
import { ANSWER_DEADLINE, decide, erase, type Session, stateName } from "./session.ts"
import { decodeSession, encodeSession } from "./state.ts"

export type SignalState = Session

const ASSOCIATED_BYTES = 32

/** The layer. `seal` in an abandoned session, or with associated data of another length than 32, is a defect. */
export const signalLayer: Layer<SignalState> = {
  name: "signal",

  seal: Effect.fnUntraced(function* (state, plaintext, associated) {
    if (associated.length !== ASSOCIATED_BYTES) return yield* Effect.die(new RangeError("associated data is 32 bytes"))
    const { message, session, transitions } = yield* seal(state, concat(associated, plaintext))
    return { state: session, ciphertext: message, transitions }
  }),

  open: Effect.fnUntraced(function* (state, ciphertext, associated) {
    const { plaintext, session, transitions } = yield* open(state, ciphertext)
    const isOurs = associated.length === ASSOCIATED_BYTES && equal(plaintext.subarray(0, ASSOCIATED_BYTES), associated)
    if (!isOurs) return yield* new Refused()
    return { state: session, plaintext: plaintext.slice(ASSOCIATED_BYTES), transitions }
  }),

  /** Also gives up a session that no answer has come to within ANSWER_DEADLINE: its keys go, and `view` says `abandoned`. */
  expire: (state, now) => {
    const { introduction, keys } = state
    if (keys === undefined) return state
    if (introduction !== undefined && now - introduction.since > ANSWER_DEADLINE) {
      const { commands, session } = decide(state, { type: "AnswerOverdue" })
      return commands.reduce((after, command) => erase(after, command, now), session)
    }
    const receiving = expire(keys.receiving, now)
    const chains = expireBraidKeys(keys.braid.chains, (storedAt) => now - storedAt >= SEED_LIFETIME)
    if (receiving.every((chain, i) => chain === keys.receiving[i]) && chains === keys.braid.chains) return state
    const skipped = countStored(receiving)
    const { session } = decide(state, { type: "StoredKeysExpired", skipped })
    return { ...session, keys: { ...keys, receiving, braid: { ...keys.braid, chains } } }
  },

  encode: encodeSession,
  decode: decodeSession,

  view: ({ keys, ratchet: { context, value } }) => ({
    layer: "signal",
    state: stateName(value),
    epoch: context.epoch,
    sent: context.sealed,
    received: context.opened,
    skipped: context.skipped,
    machines:
      keys === undefined
        ? []
        : [{ machine: "braid", id: BRAID_ID, state: keys.braid.machine.value, context: keys.braid.machine.context }],
  }),
}

/** Prekeys for one handshake: the secrets for a record, the bundle for the wire. An id is never given twice. */
export const signalPreKeys = (identity: KeyPair, id: number) => generatePreKeys({ identity, id })

export interface SignalInitiated {
  readonly state: SignalState
  /** A whole prekey message. */
  readonly message: Uint8Array
  readonly transitions: ReadonlyArray<Transition>
}

/** The joiner's side: a session from the bundle, and its first message with this plaintext (no associated data in it). */
export const signalInitiate: (options: {
  readonly identity: KeyPair
  /** The inviter's identity key, 32 bytes, from its static keys. */
  readonly peer: Uint8Array
  readonly bundle: PreKeyBundle
  readonly plaintext: Uint8Array
}) => Effect.Effect<SignalInitiated, Refused, Crypto> = Effect.fnUntraced(function* (options) {
  const initiated = yield* initiate(options)
  const { message, session, transitions } = yield* seal(initiated.session, options.plaintext)
  return { state: session, message, transitions: [...initiated.transitions, ...transitions] }
})

export interface SignalResponded extends Omit<Responded, "session"> {
  readonly state: SignalState
}

/** The inviter's side: the session that the joiner's first message began, and what it said. */
export const signalRespond: (options: {
  readonly identity: KeyPair
  /** The joiner's identity key, 32 bytes, from its static keys. */
  readonly peer: Uint8Array
  readonly preKeys: FindPreKeys
  readonly message: Uint8Array
}) => Effect.Effect<SignalResponded, Refused, Crypto> = Effect.fnUntraced(function* (options) {
  const { session, ...rest } = yield* respond(options)
  return { state: session, ...rest }
})
