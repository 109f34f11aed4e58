/**
 * The keys of the KEM ratchet and how one follows from another. Docs: protocol.md, "KEM layer".
 *
 *     root₀            = HKDF-SHA-512(static secret ‖ one-time secret, salt: transcript hash, "sotto/1 kem root")
 *     root ‖ chain key = HKDF-SHA-512(X-Wing secret of the turn, salt: root, "sotto/1 kem turn" ‖ turn)
 */
import { concat, u32be, utf8 } from "../../crypto/bytes.ts"
import type { CryptoService } from "../../crypto/crypto.ts"
import { PROFILE } from "../../ids.ts"
import { CHAIN_KEY_BYTES, type ChainKey, type ChainLabels } from "../chain-key.ts"

export const ROOT_KEY_BYTES = 32

const ROOT_LABEL = utf8(`${PROFILE} kem root`)
const TURN_LABEL = utf8(`${PROFILE} kem turn`)

export const KEM_CHAIN_LABELS: ChainLabels = {
  step: utf8(`${PROFILE} kem chain step`),
  message: utf8(`${PROFILE} kem message key`),
}

/** What every turn's secret is mixed into. */
export interface RootKey {
  readonly root: Uint8Array
}

/** The shared secrets of the handshake's two encapsulations, to the inviter's static and to its one-time key. */
export interface KemSecrets {
  readonly toStatic: Uint8Array
  readonly toOneTime: Uint8Array
}

export const rootOf = (crypto: CryptoService, secrets: KemSecrets, transcriptHash: Uint8Array): RootKey => ({
  root: crypto.hkdfSha512(concat(secrets.toStatic, secrets.toOneTime), transcriptHash, ROOT_LABEL, ROOT_KEY_BYTES),
})

/** Mixes a turn's secret into the root: the next root, and the chain of the turn. */
export const mixTurn = (
  crypto: CryptoService,
  { root }: RootKey,
  turn: number,
  turnSecret: Uint8Array,
): readonly [RootKey, ChainKey] => {
  const info = concat(TURN_LABEL, u32be(turn))
  const both = crypto.hkdfSha512(turnSecret, root, info, ROOT_KEY_BYTES + CHAIN_KEY_BYTES)
  return [{ root: both.slice(0, ROOT_KEY_BYTES) }, { chain: both.slice(ROOT_KEY_BYTES), index: 0 }]
}
