/**
 * The AES layer: AES-256-GCM under a hash ratchet, one key and nonce a message. The outermost layer, so that the
 * ciphertext of a frame cannot be altered without the out-of-band secret. Docs: protocol.md, "AES layer".
 *
 *     index (4) ‖ AES-256-GCM(plaintext; associated ‖ index)
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { concat, u32be } from "../../crypto/bytes.ts"
import { Crypto, type CryptoService, Refused } from "../../crypto/crypto.ts"
import type { Transition } from "../../host/transition.ts"
import { type MessageSeed, messageKey, stepChain, stepChainBy } from "../chain-key.ts"
import type { Layer, Opened, Sealed } from "../layer.ts"
import { expireSkipped, findSkipped, keepSkipped, withoutSkipped } from "../skipped-keys.ts"
import { AES_CHAIN_LABELS, type AesState, aesStateCodec, MAX_AES_INDEX, MAX_AES_SKIP } from "./state.ts"

const HEADER_BYTES = 4
const TAG_BYTES = 16

/** What the layer adds to a plaintext, whatever the plaintext and the state. */
export const AES_OVERHEAD = HEADER_BYTES + TAG_BYTES

/** No statechart: a hash ratchet has one state. */
const NO_TRANSITIONS: ReadonlyArray<Transition> = []
/** Skipped keys are kept by turn; a hash ratchet has but one. */
const ONLY_TURN = 0

const seal = Effect.fnUntraced(function* (
  state: AesState,
  plaintext: Uint8Array,
  associated: Uint8Array,
): Effect.fn.Return<Sealed<AesState>, never, Crypto> {
  const crypto = yield* Crypto
  if (state.sending.index >= MAX_AES_INDEX) return yield* Effect.die(new Error("the AES layer's counter is used up"))
  const [sending, seed] = stepChain(crypto, AES_CHAIN_LABELS, state.sending)
  const { key, nonce } = messageKey(crypto, AES_CHAIN_LABELS, seed, crypto.aes256Gcm.nonceBytes)
  const header = u32be(seed.index)
  const sealed = yield* crypto.aes256Gcm.seal(key, nonce, plaintext, concat(associated, header))
  return { state: { ...state, sending }, ciphertext: concat(header, sealed), transitions: NO_TRANSITIONS }
})

const open = Effect.fnUntraced(function* (
  state: AesState,
  frame: Uint8Array,
  associated: Uint8Array,
): Effect.fn.Return<Opened<AesState>, Refused, Crypto> {
  const crypto = yield* Crypto
  if (frame.length < AES_OVERHEAD) return yield* new Refused()
  const header = frame.subarray(0, HEADER_BYTES)
  const index = new DataView(frame.buffer, frame.byteOffset).getUint32(0)
  const attempt = keyFor(crypto, state, index, yield* Clock.currentTimeMillis)
  if (attempt === undefined) return yield* new Refused()
  const { key, nonce } = messageKey(crypto, AES_CHAIN_LABELS, attempt.seed, crypto.aes256Gcm.nonceBytes)
  const sealed = frame.subarray(HEADER_BYTES)
  const plaintext = yield* crypto.aes256Gcm.open(key, nonce, sealed, concat(associated, header))
  return { state: attempt.state, plaintext, transitions: NO_TRANSITIONS }
})

interface Attempt {
  readonly seed: Pick<MessageSeed, "seed">
  /** The state if the frame opens; thrown away if not. */
  readonly state: AesState
}

const keyFor = (crypto: CryptoService, state: AesState, index: number, now: number): Attempt | undefined => {
  const opened = state.opened + 1
  const stored = findSkipped(state.skipped, ONLY_TURN, index)
  if (stored !== undefined)
    return { seed: stored, state: { ...state, opened, skipped: withoutSkipped(state.skipped, stored) } }
  const skip = index - state.receiving.index
  if (skip < 0 || skip > MAX_AES_SKIP || index >= MAX_AES_INDEX) return undefined
  const [at, missing] = stepChainBy(crypto, AES_CHAIN_LABELS, state.receiving, skip)
  const [receiving, seed] = stepChain(crypto, AES_CHAIN_LABELS, at)
  return { seed, state: { ...state, receiving, opened, skipped: keepSkipped(state.skipped, ONLY_TURN, missing, now) } }
}

export const aesLayer: Layer<AesState> = {
  name: "aes",
  seal,
  open,
  expire: (state, now) => {
    const skipped = expireSkipped(state.skipped, now)
    return skipped === state.skipped ? state : { ...state, skipped }
  },
  encode: aesStateCodec.encode,
  decode: aesStateCodec.decode,
  view: ({ opened, sending, skipped }) => ({
    layer: "aes",
    state: "ratcheting",
    epoch: 0,
    sent: sending.index,
    received: opened,
    skipped: skipped.length,
  }),
}
