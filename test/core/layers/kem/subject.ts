/** The KEM layer as the ratchet's invariants see it. */
import * as Effect from "effect/Effect"
import { Crypto } from "../../../../src/core/crypto/crypto.ts"
import { xWing } from "../../../../src/core/crypto/x-wing.ts"
import { kemDecapsulate, kemEncapsulate, kemStart } from "../../../../src/core/layers/kem/establish.ts"
import { kemLayer } from "../../../../src/core/layers/kem/layer.ts"
import type { KemState } from "../../../../src/core/layers/kem/state.ts"
import { MAX_STORED, SKIPPED_LIFETIME } from "../../../../src/core/layers/skipped-keys.ts"
import { MAX_INDEX, MAX_SKIP } from "../../../../src/machines/kem-ratchet.ts"
import type { RatchetSubject } from "../../../../src/spec/games/ratchet-observation.ts"

export const TRANSCRIPT = new Uint8Array(32).fill(0x54)

/** A fresh pair, as a handshake makes it. */
export const kemPair = Effect.gen(function* () {
  const crypto = yield* Crypto
  const kem = xWing(crypto)
  const seeds = { static: crypto.random(32), oneTime: crypto.random(32), joiner: crypto.random(32) }
  const { message, secrets } = yield* kemEncapsulate(
    crypto,
    yield* kem.publicKey(seeds.static),
    yield* kem.publicKey(seeds.oneTime),
  )
  const joiner = yield* kemStart(crypto, secrets, TRANSCRIPT, { role: "joiner", staticSeed: seeds.joiner })
  const agreed = yield* kemDecapsulate(crypto, seeds.static, seeds.oneTime, message)
  const peerStatic = yield* kem.publicKey(seeds.joiner)
  const inviter = yield* kemStart(crypto, agreed, TRANSCRIPT, { role: "inviter", peerStatic })
  return { inviter, joiner }
}).pipe(Effect.orDie)

export const kemSubject: RatchetSubject<KemState> = {
  layer: kemLayer,
  establish: kemPair,
  promises: {
    skip: MAX_SKIP,
    stored: MAX_STORED,
    lifetime: SKIPPED_LIFETIME,
    turns: Number.POSITIVE_INFINITY,
    heals: true,
    forgetsDerivations: true,
    // One X-Wing decapsulation is three operations with keys and two hashes; then the chain, two derivations, one AEAD.
    work: { publicKey: 3, symmetric: MAX_SKIP + 6 },
  },
  nearEnd: ({ counters, keys, ...rest }) =>
    keys.state !== "leading"
      ? undefined
      : {
          ...rest,
          counters: { ...counters, sent: MAX_INDEX - 1 },
          keys: {
            ...keys,
            sending: { ...keys.sending, chain: { ...keys.sending.chain, index: MAX_INDEX - 1 } },
          },
        },
}
