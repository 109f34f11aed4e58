/** The AES layer as the ratchet's invariants see it. */
import * as Effect from "effect/Effect"
import { Crypto } from "../../../../src/core/crypto/crypto.ts"
import { aesLayer } from "../../../../src/core/layers/aes/layer.ts"
import { type AesState, aesStart, MAX_AES_INDEX, MAX_AES_SKIP } from "../../../../src/core/layers/aes/state.ts"
import { MAX_STORED, SKIPPED_LIFETIME } from "../../../../src/core/layers/skipped-keys.ts"
import type { RatchetSubject } from "../../../../src/spec/games/ratchet-observation.ts"

export const TRANSCRIPT = new Uint8Array(32).fill(0x54)

export const aesPair = Effect.gen(function* () {
  const crypto = yield* Crypto
  const secret = crypto.random(32)
  return {
    inviter: aesStart(crypto, secret, TRANSCRIPT, "inviter"),
    joiner: aesStart(crypto, secret, TRANSCRIPT, "joiner"),
  }
})

export const aesSubject: RatchetSubject<AesState> = {
  layer: aesLayer,
  establish: aesPair,
  promises: {
    skip: MAX_AES_SKIP,
    stored: MAX_STORED,
    lifetime: SKIPPED_LIFETIME,
    turns: Number.POSITIVE_INFINITY,
    heals: false,
    forgetsDerivations: true,
    // The chain, one derivation, one AEAD.
    work: { publicKey: 0, symmetric: MAX_AES_SKIP + 3 },
  },
  nearEnd: (state) => ({ ...state, sending: { ...state.sending, index: MAX_AES_INDEX - 1 } }),
}
