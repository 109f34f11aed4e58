/**
 * The chains that an epoch's secret starts, one a direction, and the keys they give to messages: what salts the message keys.
 * Docs: protocol.md, "Signal layer"; the Double Ratchet specification, §5 (the Sparse Post-Quantum Ratchet) and §8.10.
 */
import { concat, u32be, utf8 } from "../../crypto/bytes.ts"
import type { CryptoService } from "../../crypto/crypto.ts"
import type { EpochSecret } from "./braid-authenticator.ts"
import { MAX_INDEX } from "./braid-message.ts"

declare const brand: unique symbol
/** 32 bytes. */
export type BraidChainKey = Uint8Array & { readonly [brand]: "braid chain" }
export type BraidRootKey = Uint8Array & { readonly [brand]: "braid root" }
/** 32 bytes, for one message. */
export type BraidKey = Uint8Array & { readonly [brand]: "braid key" }

export const braidChainKey = (bytes: Uint8Array): BraidChainKey => bytes as BraidChainKey
export const braidRootKey = (bytes: Uint8Array): BraidRootKey => bytes as BraidRootKey
export const braidKeyOf = (bytes: Uint8Array): BraidKey => bytes as BraidKey

/** The key of one message that has not come. `storedAt` in milliseconds of the wall clock. */
export interface StoredBraidKey {
  readonly index: number
  readonly key: BraidKey
  readonly storedAt: number
}

/** `index`: of the last key given. */
export interface BraidSending {
  readonly key: BraidChainKey
  readonly index: number
}
export interface BraidReceiving extends BraidSending {
  /** By ascending index, all of them up to `index`. */
  readonly stored: ReadonlyArray<StoredBraidKey>
}

export interface BraidEpoch {
  /** 0 for what the session began with. */
  readonly epoch: number
  /** Absent once a later epoch is sent in. */
  readonly sending?: BraidSending
  readonly receiving: BraidReceiving
}

export interface BraidChains {
  /** Whether we are the session's initiator, whose sending chains are the first of the two. */
  readonly isInitiator: boolean
  readonly root: BraidRootKey
  /** Consecutive, ascending. */
  readonly epochs: ReadonlyArray<BraidEpoch>
}

/** As Signal's peers: how far a message may be ahead in its chain, and how many keys are kept for those before it. */
export const MAX_BRAID_JUMP = 25_000
export const MAX_STORED_BRAID_KEYS = 2_000

/** As Signal's peers: before the epoch that we send in, one more is kept for messages that are late. */
const EPOCHS_KEPT = 1

/** The one kept, the one sent in, and the one that the peer may not know yet. */
export const MAX_BRAID_EPOCHS = EPOCHS_KEPT + 2

/** Fixed by Signal's wire, both spaces included. */
const START = utf8("Signal PQ Ratchet V1 Chain  Start")
const ADD_EPOCH = utf8("Signal PQ Ratchet V1 Chain Add Epoch")
const NEXT = utf8("Signal PQ Ratchet V1 Chain Next")
const NO_SALT = new Uint8Array(32)

export const startChains = (crypto: CryptoService, isInitiator: boolean, braidKey: Uint8Array): BraidChains => {
  const { epoch, root } = split(crypto.hkdfSha256(braidKey, NO_SALT, START, 96), 0, isInitiator)
  return { isInitiator, root, epochs: [epoch] }
}

/** The chains of the epoch after the newest. */
export const addEpoch = (crypto: CryptoService, chains: BraidChains, secret: EpochSecret): BraidChains => {
  const derived = crypto.hkdfSha256(secret, chains.root, ADD_EPOCH, 96)
  const { epoch, root } = split(derived, chains.epochs.at(-1)!.epoch + 1, chains.isInitiator)
  return { ...chains, root, epochs: [...chains.epochs, epoch] }
}

/** Root, then the initiator's sending chain, then the responder's. */
const split = (derived: Uint8Array, epoch: number, isInitiator: boolean) => {
  const [first, second] = [braidChainKey(derived.slice(32, 64)), braidChainKey(derived.slice(64, 96))]
  const [ours, theirs] = isInitiator ? [first, second] : [second, first]
  const started: BraidEpoch = {
    epoch,
    sending: { key: ours, index: 0 },
    receiving: { key: theirs, index: 0, stored: [] },
  }
  return { root: braidRootKey(derived.slice(0, 32)), epoch: started }
}

const step = (crypto: CryptoService, { index, key }: BraidSending): readonly [BraidKey, BraidSending] => {
  const derived = crypto.hkdfSha256(key, NO_SALT, concat(u32be(index + 1), NEXT), 64)
  return [braidKeyOf(derived.slice(32)), { key: braidChainKey(derived.slice(0, 32)), index: index + 1 }]
}

/**
 * The next key of our chain in this epoch. Sending in it ends the sending chains before it, and all but one of the receiving
 * ones. Undefined once the chain is used up, or for an epoch that we have left.
 */
export const nextSendingKey = (
  crypto: CryptoService,
  chains: BraidChains,
  epoch: number,
): { readonly chains: BraidChains; readonly index: number; readonly key: BraidKey } | undefined => {
  const sending = chains.epochs.find((known) => known.epoch === epoch)?.sending
  if (sending === undefined || sending.index >= MAX_INDEX) return undefined
  const [key, next] = step(crypto, sending)
  const epochs = chains.epochs
    .filter((known) => known.epoch >= epoch - EPOCHS_KEPT)
    .map((known): BraidEpoch => {
      if (known.epoch > epoch) return known
      const { receiving } = known
      return known.epoch === epoch ? { epoch, sending: next, receiving } : { epoch: known.epoch, receiving }
    })
  return { chains: { ...chains, epochs }, index: next.index, key }
}

/** The key with this index in the peer's chain of this epoch; undefined past the limits, and for a key that is gone. */
export const receivingKey = (
  crypto: CryptoService,
  chains: BraidChains,
  epoch: number,
  index: number,
  now: number,
): { readonly chains: BraidChains; readonly key: BraidKey } | undefined => {
  const at = chains.epochs.findIndex((known) => known.epoch === epoch)
  const receiving = chains.epochs[at]?.receiving
  if (receiving === undefined || index - receiving.index > MAX_BRAID_JUMP) return undefined
  const found = index <= receiving.index ? takeStored(receiving, index) : advance(crypto, receiving, index, now)
  if (found === undefined) return undefined
  const [key, after] = found
  const epochs = chains.epochs.map((known, i) => (i === at ? { ...known, receiving: after } : known))
  return { chains: { ...chains, epochs }, key }
}

const takeStored = (receiving: BraidReceiving, index: number): readonly [BraidKey, BraidReceiving] | undefined => {
  const found = receiving.stored.find((stored) => stored.index === index)
  return found && [found.key, { ...receiving, stored: receiving.stored.filter((stored) => stored !== found) }]
}

const advance = (
  crypto: CryptoService,
  receiving: BraidReceiving,
  index: number,
  now: number,
): readonly [BraidKey, BraidReceiving] => {
  const oldest = index - MAX_STORED_BRAID_KEYS
  const stored = receiving.stored.filter((kept) => kept.index >= oldest)
  let [key, chain] = step(crypto, receiving)
  while (chain.index < index) {
    if (chain.index >= oldest) stored.push({ index: chain.index, key, storedAt: now })
    ;[key, chain] = step(crypto, chain)
  }
  return [key, { ...chain, stored }]
}

export const countStoredBraidKeys = ({ epochs }: BraidChains): number =>
  epochs.reduce((count, { receiving }) => count + receiving.stored.length, 0)

/** Without the keys that were stored before `since`, in milliseconds; the same chains if there are none. */
export const expireBraidKeys = (chains: BraidChains, isOver: (storedAt: number) => boolean): BraidChains =>
  chains.epochs.every(({ receiving }) => receiving.stored.every(({ storedAt }) => !isOver(storedAt)))
    ? chains
    : {
        ...chains,
        epochs: chains.epochs.map((epoch) => ({
          ...epoch,
          receiving: {
            ...epoch.receiving,
            stored: epoch.receiving.stored.filter(({ storedAt }) => !isOver(storedAt)),
          },
        })),
      }
