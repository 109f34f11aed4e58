/**
 * The MLS layer's state: an immutable value. What changes with every message is small and ours; the group itself changes
 * with commits only and stays the bytes that ts-mls encodes it to, so that encoding a state is mostly copying.
 */
import { type Codec, codec, fixed, bytes as octets, refine, uint } from "../../codec/codec.ts"
import { list, optional, struct } from "../../codec/composite.ts"
import { concat, equal, u64be } from "../../crypto/bytes.ts"
import { MAX_STORED } from "../skipped-keys.ts"
import { KEY_BYTES, NONCE_BYTES } from "./hpke.ts"
import { SECRET_BYTES } from "./kdf.ts"
import { MAX_GENERATION, MAX_GROUP_BYTES, MAX_PAST_EPOCHS } from "./limits.ts"
import type { Chain, Receiving, SkippedKey } from "./ratchet.ts"
import { SUITE_NUMBER } from "./suite.ts"
import { u16, vector } from "./tls.ts"

/** The joiner made the group and is leaf 0; the inviter was welcomed into leaf 1. */
export type Leaf = 0 | 1

export const otherLeaf = (leaf: Leaf): Leaf => (leaf === 0 ? 1 : 0)

/** Members take turns, so that commits never cross: leaf 1, who was welcomed, out of epoch 1, leaf 0 out of epoch 2. */
export const committerOf = (epoch: number): Leaf => (epoch % 2 === 0 ? 0 : 1)

/** What opening a message of an epoch takes. */
export interface ReceivingEpoch extends Receiving {
  readonly number: number
  /** The encoded GroupContext (RFC 9420 §8.1). */
  readonly context: Uint8Array
  readonly senderDataSecret: Uint8Array
}

/** An epoch that one can seal in, and commit out of. */
export interface Epoch extends ReceivingEpoch {
  readonly own: Chain
  /** ts-mls's group state, pruned: see group.ts. */
  readonly group: Uint8Array
}

/** An epoch that was left. One's own sending chain is gone. */
export interface PastEpoch extends ReceivingEpoch {
  /** When it was left, in milliseconds of the wall clock. */
  readonly at: number
}

export interface MlsState {
  readonly leaf: Leaf
  readonly groupId: Uint8Array
  /** One's own Ed25519 seed. */
  readonly signatureSeed: Uint8Array
  readonly peerSignatureKey: Uint8Array
  readonly current: Epoch
  /** The epoch of one's own commit, until the peer is seen in it. */
  readonly pending?: Epoch
  /** Newest first. */
  readonly past: ReadonlyArray<PastEpoch>
  /** Messages sealed and opened in the group's life. */
  readonly sent: number
  readonly received: number
  /** `sent + received` when the current epoch began. */
  readonly epochStart: number
}

/** The keys kept in all epochs; the pending one has none, as its first message makes it the current one. */
export const skippedOf = ({ current, past }: Pick<MlsState, "current" | "past">): ReadonlyArray<SkippedKey> =>
  past.length === 0 ? current.skipped : [...past.flatMap(({ skipped }) => skipped), ...current.skipped]

/** Time as the state keeps it: whole milliseconds, never negative. */
export const wallClock = (now: number): number => Math.max(0, Math.floor(now))

const chain = struct({ secret: [1, fixed(SECRET_BYTES)], generation: [2, uint(MAX_GENERATION + 1)] })

const skippedKey = struct({
  generation: [1, uint(MAX_GENERATION)],
  key: [2, fixed(KEY_BYTES)],
  nonce: [3, fixed(NONCE_BYTES)],
  at: [4, uint()],
})

/** RFC 9420 §8.1: version, suite, group id, epoch, two hashes and no extensions. */
const CONTEXT_BYTES = 2 + 2 + (1 + 32) + 8 + (2 + 64) + (2 + 64) + 1

const receiving = {
  number: [1, uint()],
  context: [2, fixed(CONTEXT_BYTES)],
  senderDataSecret: [3, fixed(SECRET_BYTES)],
  peer: [4, chain],
  skipped: [5, list(skippedKey, MAX_STORED)],
} as const

const isReceiving = ({ peer, skipped }: { readonly peer: Chain; readonly skipped: ReadonlyArray<SkippedKey> }) =>
  skipped.every(
    ({ generation }, i) => generation < peer.generation && (i === 0 || skipped[i - 1]!.generation < generation),
  )

const epoch = refine(struct({ ...receiving, own: [6, chain], group: [7, octets(MAX_GROUP_BYTES)] }), isReceiving)
const pastEpoch = refine(struct({ ...receiving, at: [8, uint()] }), isReceiving)

const shape = refine(
  struct({
    leaf: [1, uint(1)],
    groupId: [2, fixed(32)],
    signatureSeed: [3, fixed(32)],
    peerSignatureKey: [4, fixed(32)],
    current: [5, epoch],
    pending: [6, optional(epoch)],
    past: [7, list(pastEpoch, MAX_PAST_EPOCHS)],
    sent: [8, uint()],
    received: [9, uint()],
    epochStart: [10, uint()],
  }),
  (state) =>
    skippedOf(state).length <= MAX_STORED &&
    state.epochStart <= state.sent + state.received &&
    (state.pending === undefined ||
      (state.pending.skipped.length === 0 &&
        state.pending.number === state.current.number + 1 &&
        committerOf(state.current.number) === state.leaf)) &&
    [state.current, ...state.past, ...(state.pending ? [state.pending] : [])].every((each) =>
      isContextOf(each, state.groupId),
    ) &&
    state.past.every(({ number }, i) => number < (i === 0 ? state.current : state.past[i - 1]!).number),
)

/** Whether an epoch's context is of this group and epoch: its chains belong to no other. */
const isContextOf = ({ context, number }: ReceivingEpoch, groupId: Uint8Array): boolean => {
  const head = concat(u16(1), u16(SUITE_NUMBER), vector(groupId), u64be(number))
  return equal(context.subarray(0, head.length), head)
}

const MAX_STATE_BYTES = 512 * 1024

// `leaf` is read as a number of at most 1, which is what a Leaf is.
export const stateCodec: Codec<MlsState> = codec(shape, MAX_STATE_BYTES) as Codec<MlsState>
