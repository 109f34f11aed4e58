/**
 * The MLS layer: application messages of a two-member group, innermost in the cascade. `associated` travels as MLS's
 * authenticated data, and must be what the opener expects. Docs: protocol.md, "MLS layer"; RFC 9420 §6, §9.
 *
 * States are values: an open or a commit that comes to nothing leaves the old one good, so secrets that it still holds are
 * dropped with it and not overwritten. What is overwritten are the keys derived in passing.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { equal } from "../../crypto/bytes.ts"
import { Crypto, Refused } from "../../crypto/crypto.ts"
import { ASSOCIATED_BYTES } from "../associated.ts"
import type { Layer } from "../layer.ts"
import { MAX_STORED, SKIPPED_LIFETIME } from "../skipped-keys.ts"
import { enter } from "./healing.ts"
import { MAX_PLAINTEXT_BYTES } from "./limits.ts"
import { APPLICATION, openContent, openSender, readPrivateMessage, sealMessage } from "./message.ts"
import { advance, keyFor, type Receiving } from "./ratchet.ts"
import { type MlsState, otherLeaf, type ReceivingEpoch, skippedOf, stateCodec, wallClock } from "./state.ts"

export const mlsLayer: Layer<MlsState> = {
  name: "mls",

  seal: Effect.fnUntraced(function* (state, plaintext, associated) {
    if (plaintext.length > MAX_PLAINTEXT_BYTES) throw new RangeError(`over ${MAX_PLAINTEXT_BYTES} bytes of plaintext`)
    if (associated.length !== ASSOCIATED_BYTES) throw new RangeError(`associated data has ${ASSOCIATED_BYTES} bytes`)
    const crypto = yield* Crypto
    const { current, groupId, leaf, signatureSeed } = state
    const next = advance(crypto, current.own)
    if (next === undefined) throw new RangeError("the sending chain is at its end")
    const { chain, messageKey } = next
    const framing = { ...current, groupId }
    const ciphertext = yield* sealMessage(crypto, framing, leaf, signatureSeed, messageKey, plaintext, associated)
    messageKey.key.fill(0)
    return {
      state: { ...state, current: { ...current, own: chain }, sent: state.sent + 1 },
      ciphertext,
      transitions: [],
    }
  }),

  open: Effect.fnUntraced(function* (state, ciphertext, associated) {
    const crypto = yield* Crypto
    const message = readPrivateMessage(ciphertext)
    if (message === undefined || message.contentType !== APPLICATION) return yield* new Refused()
    if (!equal(message.groupId, state.groupId) || !equal(message.associated, associated)) return yield* new Refused()
    const epoch = epochAt(state, message.epoch)
    if (epoch === undefined) return yield* new Refused()

    const framing = { ...epoch, groupId: state.groupId }
    const sender = yield* openSender(crypto, framing, message)
    if (sender.leaf !== otherLeaf(state.leaf)) return yield* new Refused()
    const now = wallClock(yield* Clock.currentTimeMillis)
    const found = keyFor(crypto, epoch, sender.generation, now)
    if (found === undefined) return yield* new Refused()
    const { messageKey, receiving } = found
    const plaintext = yield* openContent(crypto, framing, message, sender, messageKey, state.peerSignatureKey)
    // A key out of `skipped` is still the old state's.
    if (sender.generation >= epoch.peer.generation) messageKey.key.fill(0)
    return {
      state: bounded(received(state, epoch, receiving, now)),
      plaintext,
      transitions: [],
    }
  }),

  expire: (state, now) => {
    const time = wallClock(now)
    if ([...state.past, ...skippedOf(state)].every((kept) => isFresh(kept, time))) return state
    const past = state.past.filter((left) => isAlive(left, time)).map((left) => aged(left, time))
    return withSkipped({ ...state, past }, ({ skipped }) =>
      skipped.filter((kept) => isAlive(kept, time)).map((kept) => aged(kept, time)),
    )
  },

  encode: stateCodec.encode,
  decode: stateCodec.decode,

  view: (state) => ({
    layer: "mls",
    state: state.pending === undefined ? "settled" : "committing",
    epoch: state.current.number,
    sent: state.sent,
    received: state.received,
    skipped: skippedOf(state).length,
  }),
}

/** The epoch of this number, if its messages can still or already be opened. */
const epochAt = ({ current, past, pending }: MlsState, number: number): ReceivingEpoch | undefined => {
  if (number === current.number) return current
  if (number === pending?.number) return pending
  return past.find((epoch) => epoch.number === number)
}

/** The state with this epoch's receiving end moved on. A message in the pending epoch proves that the peer has moved there. */
const received = (state: MlsState, epoch: ReceivingEpoch, receiving: Receiving, now: number): MlsState => {
  const counted = { ...state, received: state.received + 1 }
  if (epoch === state.current) return { ...counted, current: { ...state.current, ...receiving } }
  if (epoch === state.pending) return enter(counted, { ...state.pending, ...receiving }, now)
  return { ...counted, past: state.past.map((left) => (left === epoch ? { ...left, ...receiving } : left)) }
}

/** Over the bound, the keys that have waited longest give way: those of the oldest epoch, lowest generation first. */
const bounded = (state: MlsState): MlsState => {
  let excess = skippedOf(state).length - MAX_STORED
  if (excess <= 0) return state
  return withSkipped(state, ({ skipped }) => {
    const dropped = Math.min(Math.max(excess, 0), skipped.length)
    excess -= dropped
    return skipped.slice(dropped)
  })
}

interface Kept {
  /** Since when, in milliseconds of the wall clock. */
  readonly at: number
}

/** A key or an epoch that nobody asked for in this time will not be asked for. */
const isAlive = ({ at }: Kept, now: number): boolean => now - at < SKIPPED_LIFETIME

const isFresh = (kept: Kept, now: number): boolean => isAlive(kept, now) && kept.at <= now

/** What seems to come from the future, as after a clock was set back, ages from now on: else it would outlive its time. */
const aged = <A extends Kept>(kept: A, now: number): A => (kept.at > now ? { ...kept, at: now } : kept)

/** Maps every epoch's skipped keys, the oldest epoch first. */
const withSkipped = (state: MlsState, map: (epoch: ReceivingEpoch) => ReceivingEpoch["skipped"]): MlsState => {
  const past = state.past.slice()
  for (let i = past.length - 1; i >= 0; i--) past[i] = { ...past[i]!, skipped: map(past[i]!) }
  const current = { ...state.current, skipped: map(state.current) }
  return { ...state, past, current }
}
