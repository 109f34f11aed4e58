/**
 * One of the peer's sending chains, as its receiver follows it, with the seeds of the messages that were passed over. Docs:
 * protocol.md, "Signal layer"; the Double Ratchet specification, §2.6 and §3.4 (skipped message keys), §8.4 (their deletion).
 */
import type { CryptoService } from "../../crypto/crypto.ts"
import { type ChainKey, chainStep, seedAt } from "./chain-key.ts"
import type { MessageSeed } from "./message-keys.ts"

/** As Signal's peers: chains of the peer that are still followed. A message from one before them is lost. */
export const MAX_RECEIVER_CHAINS = 5

/** As Signal's peers: seeds kept in one chain for messages that have not come. */
export const MAX_STORED_SEEDS = 2_000

/** 30 days in milliseconds. A message that is later than this has been sent again under other keys. */
export const SEED_LIFETIME = 30 * 24 * 60 * 60 * 1_000

/** The key of one message that has not come. `storedAt` in milliseconds of the wall clock. */
export interface StoredSeed {
  readonly counter: number
  readonly seed: MessageSeed
  readonly storedAt: number
}

export interface ReceiverChain {
  /** The peer's ratchet key, 32 bytes: which chain this is. */
  readonly ratchetKey: Uint8Array
  /** The key at `received`; undefined once nothing more can come. */
  readonly key: ChainKey | undefined
  /** Counter of the next message expected. */
  readonly received: number
  /** Set when the peer has left the chain: its last counter, and when we learnt of it. */
  readonly closed: { readonly last: number; readonly at: number } | undefined
  /** By ascending counter, all below `received`. */
  readonly stored: ReadonlyArray<StoredSeed>
}

export const receiverChain = (ratchetKey: Uint8Array, key: ChainKey): ReceiverChain => ({
  ratchetKey,
  key,
  received: 0,
  closed: undefined,
  stored: [],
})

/**
 * The seed of the message `skip` places ahead, and the chain behind it, which keeps the seeds between (the newest of them,
 * where there are more than may be kept). Undefined for a chain in which nothing more can come.
 */
export const advance = (
  crypto: CryptoService,
  chain: ReceiverChain,
  skip: number,
  now: number,
): readonly [MessageSeed, ReceiverChain] | undefined => {
  if (chain.key === undefined) return undefined
  const counter = chain.received + skip
  const firstKept = counter - MAX_STORED_SEEDS
  const stored = [...chain.stored]
  let key = chain.key
  for (let at = chain.received; at < counter; at++) {
    if (at >= firstKept) stored.push({ counter: at, seed: seedAt(crypto, key), storedAt: now })
    key = chainStep(crypto, key)
  }
  const seed = seedAt(crypto, key)
  return [seed, erasePast({ ...chain, key: chainStep(crypto, key), received: counter + 1, stored })]
}

/** A stored seed, which the returned chain no longer holds. */
export const takeStored = (
  chain: ReceiverChain,
  counter: number,
): readonly [MessageSeed, ReceiverChain] | undefined => {
  const found = chain.stored.find((stored) => stored.counter === counter)
  return found && [found.seed, { ...chain, stored: chain.stored.filter((stored) => stored !== found) }]
}

/** The peer has left the chain after the message `last`. The key goes as soon as that one is behind us. */
export const close = (chain: ReceiverChain, last: number, now: number): ReceiverChain =>
  erasePast({ ...chain, closed: { last, at: now } })

const erasePast = (chain: ReceiverChain): ReceiverChain =>
  chain.closed !== undefined && chain.received > chain.closed.last ? { ...chain, key: undefined } : chain

/** Chains from the newest to the oldest, within both limits: the oldest chain goes, and the oldest seeds of each. */
export const withinLimits = (chains: ReadonlyArray<ReceiverChain>): ReadonlyArray<ReceiverChain> =>
  chains
    .slice(0, MAX_RECEIVER_CHAINS)
    .map((chain) =>
      chain.stored.length <= MAX_STORED_SEEDS ? chain : { ...chain, stored: chain.stored.slice(-MAX_STORED_SEEDS) },
    )

/** What is left at `now`: no seed, and no key of a chain that the peer has left, is older than its lifetime. */
export const expire = (chains: ReadonlyArray<ReceiverChain>, now: number): ReadonlyArray<ReceiverChain> => {
  const isOver = (since: number) => now - since >= SEED_LIFETIME
  return chains.map((chain) => {
    const key = chain.closed !== undefined && isOver(chain.closed.at) ? undefined : chain.key
    const stored = chain.stored.filter(({ storedAt }) => !isOver(storedAt))
    const isChanged = key !== chain.key || stored.length !== chain.stored.length
    return isChanged ? { ...chain, key, stored } : chain
  })
}

export const countStored = (chains: ReadonlyArray<ReceiverChain>): number =>
  chains.reduce((count, { stored }) => count + stored.length, 0)
