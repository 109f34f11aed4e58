/**
 * Healing: commits with a fresh update path and nothing else, by turns (RFC 9420 §12.4). The member whose turn it is holds its
 * commit's epoch as pending and goes on sealing in the old one until the peer is seen in the new; the peer moves at once. Once
 * both have committed, whoever had copied either state before is shut out. Docs: protocol.md, "MLS layer".
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { ClientState } from "ts-mls/clientState.js"
import { createCommit } from "ts-mls/createCommit.js"
import { decodeMlsMessage, encodeMlsMessage } from "ts-mls/message.js"
import { processPrivateMessage } from "ts-mls/processMessages.js"
import { emptyPskIndex } from "ts-mls/pskIndex.js"
import { equal } from "../../crypto/bytes.ts"
import { Crypto, type CryptoService, Refused } from "../../crypto/crypto.ts"
import {
  checkGroup,
  clear,
  config,
  ensure,
  epochOf,
  leafOf,
  type Members,
  mls,
  sameLeaf,
  wipe,
  withGroup,
} from "./group.ts"
import { COMMIT_BYTES, MAX_PAST_EPOCHS, MESSAGES_PER_EPOCH } from "./limits.ts"
import { COMMIT, decryptContent, openSender, type PrivateMessage, readPrivateMessage, type Sender } from "./message.ts"
import { advance } from "./ratchet.ts"
import { committerOf, type Epoch, type MlsState, otherLeaf, wallClock } from "./state.ts"

/** Whether this side may commit now: it is its turn in this epoch, and it has not done so yet. */
export const mlsMayCommit = ({ current, leaf, pending }: MlsState): boolean =>
  pending === undefined && committerOf(current.number) === leaf

/** Whether this side should commit now: it may, and the epoch has carried enough messages. */
export const mlsWantsCommit = (state: MlsState): boolean =>
  mlsMayCommit(state) && state.sent + state.received - state.epochStart >= MESSAGES_PER_EPOCH

/**
 * A commit for the peer, `COMMIT_BYTES` long, and the state that waits for it. Refused out of turn or while one is pending. The
 * commit must reach the peer, however often it is repeated: there is no other way to the next epoch.
 */
export const mlsCommit = Effect.fnUntraced(function* (
  state: MlsState,
): Effect.fn.Return<{ readonly state: MlsState; readonly commit: Uint8Array }, Refused, Crypto> {
  if (!mlsMayCommit(state)) return yield* new Refused()
  const members = yield* membersOf(state)
  const { commit, pending } = yield* mls((suite, crypto) =>
    withGroup(state.current, state.signatureSeed, configFor(crypto, members), async (group) => {
      checkGroup(crypto, group, members)
      const made = await createCommit({ state: group, cipherSuite: suite, pskIndex: emptyPskIndex })
      checkGroup(crypto, made.newState, members)
      const commit = encodeMlsMessage(made.commit)
      ensure(made.welcome === undefined && commit.length === COMMIT_BYTES)
      const pending = epochOf(made.newState)
      wipe(made.newState)
      clear(made.consumed)
      return { pending, commit }
    }),
  )
  return { state: { ...state, pending }, commit }
})

/**
 * The peer's commit, applied. Refuses anything but a commit by the peer, out of the current epoch and in its turn, with an
 * update path and no proposals: so also one that was applied before.
 */
export const mlsApply = Effect.fnUntraced(function* (
  state: MlsState,
  commit: Uint8Array,
): Effect.fn.Return<MlsState, Refused, Crypto> {
  const { current } = state
  if (state.pending !== undefined || committerOf(current.number) === state.leaf) return yield* new Refused()
  if (commit.length !== COMMIT_BYTES) return yield* new Refused()
  const frame = readPrivateMessage(commit)
  if (frame === undefined) return yield* new Refused()
  const sender = yield* checkFrame(state, frame)
  const members = yield* membersOf(state)
  const next = yield* mls((suite, crypto) =>
    withGroup(current, state.signatureSeed, configFor(crypto, members), async (group) => {
      checkGroup(crypto, group, members)
      ensure(await isPathOnly(crypto, group, frame, sender))
      const [message, length] = decodeMlsMessage(commit.slice(), 0) ?? []
      ensure(message?.wireformat === "mls_private_message" && length === commit.length)
      const result = await processPrivateMessage(group, message.privateMessage, emptyPskIndex, suite, (incoming) =>
        incoming.kind === "commit" &&
        incoming.senderLeafIndex === otherLeaf(state.leaf) &&
        incoming.proposals.length === 0
          ? "accept"
          : "reject",
      )
      ensure(result.kind === "newState" && result.actionTaken === "accept")
      const { consumed, newState } = result
      checkGroup(crypto, newState, members)
      ensure(newState.groupContext.epoch === group.groupContext.epoch + 1n)
      ensure(equal(newState.groupContext.groupId, state.groupId))
      ensure(sameLeaf(leafOf(newState, state.leaf), leafOf(group, state.leaf)))
      const epoch = epochOf(newState)
      wipe(newState)
      clear(consumed)
      return epoch
    }),
  )
  return enter(state, next, wallClock(yield* Clock.currentTimeMillis))
})

/** The next epoch becomes the current one; the one left keeps only what opens late messages. */
export const enter = (state: MlsState, next: Epoch, now: number): MlsState => {
  const { group: _, own: __, ...left } = state.current
  const { pending: ___, ...rest } = state
  return {
    ...rest,
    current: next,
    past: [{ ...left, at: now }, ...state.past].slice(0, MAX_PAST_EPOCHS),
    epochStart: state.sent + state.received,
  }
}

/** What can be known of a commit before ts-mls sees it, so that it sees only what a member made. */
const checkFrame = Effect.fnUntraced(function* (state: MlsState, frame: PrivateMessage) {
  const { current, groupId } = state
  if (frame.contentType !== COMMIT || frame.epoch !== current.number) return yield* new Refused()
  if (!equal(frame.groupId, groupId) || frame.associated.length > 0) return yield* new Refused()
  const sender = yield* openSender(yield* Crypto, { ...current, groupId }, frame)
  // One commit an epoch: the handshake ratchet is never past its first generation.
  if (sender.leaf !== otherLeaf(state.leaf) || sender.generation !== 0) return yield* new Refused()
  return sender
})

/**
 * Whether a commit has a path and no proposals (§12.4): an empty vector, and an optional value that is there. ts-mls would
 * first weigh all proposals, some of them each against each, before it asks whether they are wanted.
 */
const isPathOnly = async (...opening: Parameters<typeof decryptCommit>): Promise<boolean> => {
  const content = await decryptCommit(...opening)
  return content[0] === 0 && content[1] === 1
}

/** §6.3.1, PrivateMessageContent: commit, signature and confirmation tag, none of them verified. */
const decryptCommit = (
  crypto: CryptoService,
  group: ClientState,
  frame: PrivateMessage,
  sender: Sender,
): Promise<Uint8Array> => {
  const { secret } = group.secretTree[2 * sender.leaf]!.handshake
  const { messageKey } = advance(crypto, { secret, generation: 0 })!
  return Effect.runPromise(decryptContent(crypto, frame, sender, messageKey))
}

/** What a commit of the peer holds, for who explains it: nothing is verified beyond its framing, and nothing changes. */
export const mlsCommitContent = Effect.fnUntraced(function* (
  state: MlsState,
  commit: Uint8Array,
): Effect.fn.Return<Uint8Array, Refused, Crypto> {
  const { current } = state
  const frame = readPrivateMessage(commit)
  if (frame === undefined) return yield* new Refused()
  const sender = yield* checkFrame(state, frame)
  const members = yield* membersOf(state)
  return yield* mls((_, crypto) =>
    withGroup(current, state.signatureSeed, configFor(crypto, members), (group) =>
      decryptCommit(crypto, group, frame, sender),
    ),
  )
})

const membersOf = Effect.fnUntraced(function* (state: MlsState): Effect.fn.Return<Members, never, Crypto> {
  const ownSignatureKey = yield* (yield* Crypto).ed25519.publicKey(state.signatureSeed)
  return { leaf: state.leaf, ownSignatureKey, peerSignatureKey: state.peerSignatureKey }
})

const configFor = (crypto: CryptoService, members: Members) =>
  config(crypto, [members.ownSignatureKey, members.peerSignatureKey])
