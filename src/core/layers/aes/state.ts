/**
 * The state of the AES layer: one hash chain for each direction, from a secret that both sides had before they met. It
 * has forward secrecy and heals from nothing: its worth is that it needs no public-key assumption. Docs: protocol.md,
 * "AES layer".
 *
 *     chain of a direction = HKDF-SHA-512(out-of-band secret, salt: transcript hash, "sotto/1 aes " ‖ direction)
 */
import { codec, fixed, uint } from "../../codec/codec.ts"
import { struct } from "../../codec/composite.ts"
import { utf8 } from "../../crypto/bytes.ts"
import type { CryptoService } from "../../crypto/crypto.ts"
import { type Direction, PROFILE, type Role, receivedBy, sentBy } from "../../ids.ts"
import { CHAIN_KEY_BYTES, type ChainKey, type ChainLabels } from "../chain-key.ts"
import { MAX_STORED, NO_SKIPPED_KEYS, type SkippedKeys, skippedKeysShape } from "../skipped-keys.ts"

/** Messages of a direction: half of what the 32-bit counter holds. Past it the session must be agreed anew. */
export const MAX_AES_INDEX = 2 ** 31

/** A frame that is further ahead than this is an attack, not a loss. Bounds the work for a frame that proves forged. */
export const MAX_AES_SKIP = 1_000

export const AES_CHAIN_LABELS: ChainLabels = {
  step: utf8(`${PROFILE} aes chain step`),
  message: utf8(`${PROFILE} aes message key`),
}

/** The indices of the chains are the counters: messages sent, and the next one expected. */
export interface AesState {
  readonly sending: ChainKey
  readonly receiving: ChainKey
  readonly opened: number
  readonly skipped: SkippedKeys
}

/** Both sides' first state, from the invite's secret (32 bytes) and the handshake's transcript hash (32 bytes). */
export const aesStart = (
  crypto: CryptoService,
  secret: Uint8Array,
  transcriptHash: Uint8Array,
  role: Role,
): AesState => {
  const chainOf = (direction: Direction): ChainKey => ({
    chain: crypto.hkdfSha512(secret, transcriptHash, utf8(`${PROFILE} aes ${direction}`), CHAIN_KEY_BYTES),
    index: 0,
  })
  return { sending: chainOf(sentBy(role)), receiving: chainOf(receivedBy(role)), opened: 0, skipped: NO_SKIPPED_KEYS }
}

const chainKey = struct({ chain: [1, fixed(CHAIN_KEY_BYTES)], index: [2, uint(MAX_AES_INDEX)] })

/** A skipped key is at most 64 bytes encoded. */
const MAX_STATE_BYTES = MAX_STORED * 64 + 256

export const aesStateCodec = codec<AesState>(
  struct({ sending: [1, chainKey], receiving: [2, chainKey], opened: [3, uint()], skipped: [4, skippedKeysShape] }),
  MAX_STATE_BYTES,
)
