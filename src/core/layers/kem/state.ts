/**
 * The state of the KEM layer: the statechart's counters, and the keys that each of its states has. A key that a state no
 * longer needs is not in it. Docs: protocol.md, "KEM layer".
 */
import { type KemRatchetContext, MAX_INDEX, MAX_TURN } from "../../../machines/kem-ratchet.ts"
import { codec, fixed, uint } from "../../codec/codec.ts"
import { optional, struct, union } from "../../codec/composite.ts"
import { X_WING_CIPHERTEXT_BYTES, X_WING_PUBLIC_KEY_BYTES, X_WING_SEED_BYTES } from "../../crypto/x-wing.ts"
import { CHAIN_KEY_BYTES, type ChainKey } from "../chain-key.ts"
import { MAX_STORED, type SkippedKeys, skippedKeysShape } from "../skipped-keys.ts"
import { ROOT_KEY_BYTES, type RootKey } from "./keys.ts"

/** Our latest turn, as all its frames carry it. */
export interface OwnTurn {
  readonly chain: ChainKey
  readonly ciphertext: Uint8Array
  readonly publicKey: Uint8Array
}

/** By the states of the statechart. The inviter has no receiving chain until the joiner's first turn. */
export type KemKeys =
  | { readonly state: "awaitingFirstTurn"; readonly root: RootKey; readonly seed: Uint8Array }
  | {
      readonly state: "following"
      readonly root: RootKey
      readonly peerKey: Uint8Array
      readonly receiving?: ChainKey
    }
  | {
      readonly state: "leading"
      readonly root: RootKey
      readonly seed: Uint8Array
      readonly sending: OwnTurn
      readonly receiving?: ChainKey
    }

export interface KemState {
  readonly keys: KemKeys
  readonly counters: KemRatchetContext
  readonly skipped: SkippedKeys
}

const rootKey = struct({ root: [1, fixed(ROOT_KEY_BYTES)] })
const chainKey = struct({ chain: [1, fixed(CHAIN_KEY_BYTES)], index: [2, uint(MAX_INDEX)] })
const seed = fixed(X_WING_SEED_BYTES)

const keys = union("state", {
  awaitingFirstTurn: [1, struct({ root: [1, rootKey], seed: [2, seed] })],
  following: [
    2,
    struct({ root: [1, rootKey], peerKey: [2, fixed(X_WING_PUBLIC_KEY_BYTES)], receiving: [3, optional(chainKey)] }),
  ],
  leading: [
    3,
    struct({
      root: [1, rootKey],
      seed: [2, seed],
      sending: [
        3,
        struct({
          chain: [1, chainKey],
          ciphertext: [2, fixed(X_WING_CIPHERTEXT_BYTES)],
          publicKey: [3, fixed(X_WING_PUBLIC_KEY_BYTES)],
        }),
      ],
      receiving: [4, optional(chainKey)],
    }),
  ],
})

const counters = struct({
  turn: [1, uint(MAX_TURN)],
  sent: [2, uint(MAX_INDEX)],
  previouslySent: [3, uint(MAX_INDEX)],
  received: [4, uint(MAX_INDEX)],
  sealed: [5, uint()],
  opened: [6, uint()],
})

/** A skipped key is at most 64 bytes encoded; the rest of a state is under 4 KiB. */
const MAX_STATE_BYTES = MAX_STORED * 64 + 4_096

const stateCodec = codec(
  struct({ keys: [1, keys], counters: [2, counters], skipped: [3, skippedKeysShape] }),
  MAX_STATE_BYTES,
)

/** For explaining the bytes of one. */
export const kemStateForm = stateCodec.form

export const encodeKemState = (state: KemState): Uint8Array => stateCodec.encode(state)

/** Undefined also for counters that contradict the chains: a key would be used for two places. */
export const decodeKemState = (bytes: Uint8Array): KemState | undefined => {
  const state = stateCodec.decode(bytes)
  if (state === undefined) return undefined
  const { counters, keys } = state
  if (keys.state === "leading" && keys.sending.chain.index !== counters.sent) return undefined
  const received = keys.state === "awaitingFirstTurn" ? undefined : keys.receiving
  return (received?.index ?? 0) === counters.received ? state : undefined
}
