/**
 * What the KEM ratchet's commands do to key material: take a turn, and find the key of a frame in one of its three places.
 * An attempt is thrown away unless its frame proves genuine. Docs: protocol.md, "KEM layer".
 */
import * as Effect from "effect/Effect"
import type { FramePlace, KemRatchetEvent } from "../../../machines/kem-ratchet.ts"
import type { CryptoService, Refused } from "../../crypto/crypto.ts"
import { X_WING_SEED_BYTES, xWing } from "../../crypto/x-wing.ts"
import { type ChainKey, type MessageSeed, stepChain, stepChainBy } from "../chain-key.ts"
import { keepSkipped, type SkippedKey, type SkippedKeys, withoutSkipped } from "../skipped-keys.ts"
import type { KemHeader } from "./header.ts"
import { KEM_CHAIN_LABELS, mixTurn } from "./keys.ts"
import type { KemKeys, KemState } from "./state.ts"

type Following = Extract<KemKeys, { state: "following" }>
type Leading = Extract<KemKeys, { state: "leading" }>
type TurnIndex = Pick<FramePlace, "turn" | "index">

/** Encapsulates to the peer's latest key, makes a fresh one of ours, and mixes the secret into the root. */
export const takeTurn = Effect.fnUntraced(function* (
  crypto: CryptoService,
  { peerKey, receiving, root }: Following,
  turn: number,
): Effect.fn.Return<Leading> {
  const kem = xWing(crypto)
  // The key was tried when it came (checkPeerKey), so a refusal here is our own fault.
  const { ciphertext, sharedSecret } = yield* Effect.orDie(kem.encapsulate(peerKey))
  const seed = crypto.random(X_WING_SEED_BYTES)
  const publicKey = yield* kem.publicKey(seed)
  const [nextRoot, chain] = mixTurn(crypto, root, turn, sharedSecret)
  return {
    state: "leading",
    root: nextRoot,
    seed,
    sending: { chain, ciphertext, publicKey },
    ...(receiving !== undefined && { receiving }),
  }
})

/** What the state becomes, and what the statechart is told, if the frame opens under `seed`. */
export interface Attempt {
  readonly seed: Pick<MessageSeed, "seed">
  readonly keys: KemKeys
  readonly skipped: SkippedKeys
  readonly event: KemRatchetEvent
}

export const openWithStoredKey = ({ keys, skipped }: KemState, stored: SkippedKey | undefined): Attempt | undefined =>
  stored && { seed: stored, keys, skipped: withoutSkipped(skipped, stored), event: { type: "LateFrameOpened" } }

/** In the peer's latest turn that we know: `skip` is bounded by the statechart. */
export const openInLatestTurn = (
  crypto: CryptoService,
  { keys, skipped }: KemState,
  { index, skip, turn }: TurnIndex & { readonly skip: number },
  now: number,
): Attempt | undefined => {
  if (keys.state === "awaitingFirstTurn" || keys.receiving === undefined) return undefined
  const [at, missing] = stepChainBy(crypto, KEM_CHAIN_LABELS, keys.receiving, skip)
  const [receiving, seed] = stepChain(crypto, KEM_CHAIN_LABELS, at)
  return {
    seed,
    keys: { ...keys, receiving },
    skipped: keepSkipped(skipped, turn, missing, now),
    event: { type: "FrameOpened", index },
  }
}

/** In the peer's answer to our latest turn: one decapsulation. Our turn's seed and sending chain are then of no more use. */
export const openInNewTurn = Effect.fnUntraced(function* (
  crypto: CryptoService,
  { keys, skipped }: KemState,
  { index, skipPrevious, turn }: TurnIndex & { readonly skipPrevious: number },
  header: KemHeader,
  now: number,
): Effect.fn.Return<Attempt | undefined, Refused> {
  if (keys.state === "following") return undefined
  const turnSecret = yield* xWing(crypto).decapsulate(keys.seed, header.ciphertext)
  const [root, first] = mixTurn(crypto, keys.root, turn, turnSecret)
  const [at, missing] = stepChainBy(crypto, KEM_CHAIN_LABELS, first, index)
  const [receiving, seed] = stepChain(crypto, KEM_CHAIN_LABELS, at)
  const before = keys.state === "leading" ? missed(crypto, keys.receiving, skipPrevious) : []
  return {
    seed,
    keys: { state: "following", root, peerKey: header.publicKey.slice(), receiving },
    skipped: keepSkipped(keepSkipped(skipped, turn - 2, before, now), turn, missing, now),
    event: { type: "PeerTurnOpened", turn, index },
  }
})

/** What is missing of the peer's turn before. */
const missed = (crypto: CryptoService, chain: ChainKey | undefined, steps: number): ReadonlyArray<MessageSeed> =>
  chain === undefined ? [] : stepChainBy(crypto, KEM_CHAIN_LABELS, chain, steps)[1]
