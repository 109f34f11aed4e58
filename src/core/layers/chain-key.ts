/**
 * The chain key of a symmetric hash ratchet and its message keys, as the KEM and AES layers use it, each with its own
 * labels and never with a common key. Docs: protocol.md, "Hash ratchet".
 *
 *     next chain key ‖ message seed = HMAC-SHA-512(chain key, label "step")
 *     AEAD key ‖ nonce ‖ unused     = HMAC-SHA-512(message seed, label "message")
 */
import type { CryptoService } from "../crypto/crypto.ts"

/** A chain and the message seeds are each half of an HMAC-SHA-512. */
export const CHAIN_KEY_BYTES = 32
export const MESSAGE_SEED_BYTES = 32
const AEAD_KEY_BYTES = 32

/** The chain key that makes the message seed of `index`, and all after it; none before it. */
export interface ChainKey {
  readonly chain: Uint8Array
  readonly index: number
}

/** What one message's key and nonce are made of. Used once, then gone. */
export interface MessageSeed {
  readonly index: number
  readonly seed: Uint8Array
}

/** One message's AEAD key with the only nonce it is ever used with. */
export interface MessageKey {
  readonly key: Uint8Array
  readonly nonce: Uint8Array
}

/** Separates the two uses of HMAC, and the layers from each other. */
export interface ChainLabels {
  readonly step: Uint8Array
  readonly message: Uint8Array
}

/** One step: the message seed of the chain's index, and the chain after it. */
export const stepChain = (
  crypto: CryptoService,
  labels: ChainLabels,
  { chain, index }: ChainKey,
): readonly [ChainKey, MessageSeed] => {
  const both = crypto.hmacSha512(chain, labels.step)
  return [
    { chain: both.slice(0, CHAIN_KEY_BYTES), index: index + 1 },
    { index, seed: both.slice(CHAIN_KEY_BYTES, CHAIN_KEY_BYTES + MESSAGE_SEED_BYTES) },
  ]
}

/** `steps` steps, with all their seeds. The caller bounds `steps`. */
export const stepChainBy = (
  crypto: CryptoService,
  labels: ChainLabels,
  chain: ChainKey,
  steps: number,
): readonly [ChainKey, ReadonlyArray<MessageSeed>] => {
  const seeds: Array<MessageSeed> = []
  let next = chain
  for (let i = 0; i < steps; i++) {
    const [after, seed] = stepChain(crypto, labels, next)
    seeds.push(seed)
    next = after
  }
  return [next, seeds]
}

/** The key and nonce of a message. `nonceBytes` is at most 32. */
export const messageKey = (
  crypto: CryptoService,
  labels: ChainLabels,
  { seed }: Pick<MessageSeed, "seed">,
  nonceBytes: number,
): MessageKey => {
  const both = crypto.hmacSha512(seed, labels.message)
  return { key: both.slice(0, AEAD_KEY_BYTES), nonce: both.slice(AEAD_KEY_BYTES, AEAD_KEY_BYTES + nonceBytes) }
}
