/**
 * The symmetric ratchet of one sender in one epoch (RFC 9420 §9.1), and the keys kept for generations that have not come.
 *
 * Ours and not ts-mls's: that one keeps the ratchet *secret* of a skipped generation, from which every later key of the epoch
 * follows, so one lost message would undo forward secrecy. Here, as §9.2 demands, only the key and nonce are kept.
 */
import type { CryptoService } from "../../crypto/crypto.ts"
import { KEY_BYTES, NONCE_BYTES } from "./hpke.ts"
import { deriveTreeSecret, SECRET_BYTES } from "./kdf.ts"
import { MAX_FORWARD_STEPS, MAX_GENERATION } from "./limits.ts"

export interface Chain {
  /** Of the next generation. 64 bytes. */
  readonly secret: Uint8Array
  readonly generation: number
}

/** What one message is sealed with, before the reuse guard is mixed into the nonce. */
export interface MessageKey {
  readonly generation: number
  readonly key: Uint8Array
  readonly nonce: Uint8Array
}

export interface SkippedKey extends MessageKey {
  /** When its generation was passed over, in milliseconds of the wall clock. */
  readonly at: number
}

type Hash = Pick<CryptoService, "hmacSha512">

/** The key of this generation, and the chain without it. Undefined at the end of the counter, which must not wrap. */
export const advance = (crypto: Hash, { generation, secret }: Chain) =>
  generation > MAX_GENERATION
    ? undefined
    : {
        messageKey: {
          generation,
          key: deriveTreeSecret(crypto, secret, "key", generation, KEY_BYTES),
          nonce: deriveTreeSecret(crypto, secret, "nonce", generation, NONCE_BYTES),
        },
        chain: {
          secret: deriveTreeSecret(crypto, secret, "secret", generation, SECRET_BYTES),
          generation: generation + 1,
        },
      }

/** A receiving chain with the keys it skipped, in ascending order of generation. */
export interface Receiving {
  readonly peer: Chain
  readonly skipped: ReadonlyArray<SkippedKey>
}

/** The key for a generation, and what is left without it. Undefined for one used before, forgotten, or too far ahead. */
export const keyFor = (
  crypto: Hash,
  { peer, skipped }: Receiving,
  generation: number,
  now: number,
): { readonly messageKey: MessageKey; readonly receiving: Receiving } | undefined => {
  if (generation < peer.generation) {
    const messageKey = skipped.find((kept) => kept.generation === generation)
    if (messageKey === undefined) return undefined
    return { messageKey, receiving: { peer, skipped: skipped.filter((kept) => kept !== messageKey) } }
  }
  if (generation - peer.generation > MAX_FORWARD_STEPS) return undefined
  const passed: Array<SkippedKey> = []
  let next = advance(crypto, peer)
  while (next !== undefined && next.messageKey.generation < generation) {
    passed.push({ ...next.messageKey, at: now })
    next = advance(crypto, next.chain)
  }
  return next && { messageKey: next.messageKey, receiving: { peer: next.chain, skipped: [...skipped, ...passed] } }
}
