/**
 * The associated data that the cascade hands to each layer: it ties a ciphertext to its session, its way and its place
 * among the layers. Each layer binds its own counters besides. Docs: protocol.md, "Associated data".
 */
import { choice, codec, fixed, text, uint } from "../codec/codec.ts"
import { struct } from "../codec/composite.ts"
import type { CryptoService } from "../crypto/crypto.ts"
import { suiteOf } from "../handshake/suites.ts"
import { DIRECTION_NUMBERS, type Direction, PROFILE } from "../ids.ts"
import { LAYER_NUMBERS, type LayerName } from "./layer.ts"

/** A SHA-256. */
export const ASSOCIATED_BYTES = 32

const binding = codec(
  struct({
    profile: [1, text(16)],
    transcript: [2, fixed(32)],
    layer: [3, uint(255)],
    suite: [4, text(64)],
    direction: [5, choice(DIRECTION_NUMBERS)],
  }),
  256,
)

/** 32 bytes: SHA-256 of the canonical {profile, transcript hash, layer number, suite label, direction}. */
export const associatedData = (
  crypto: CryptoService,
  transcriptHash: Uint8Array,
  layer: LayerName,
  direction: Direction,
): Uint8Array =>
  crypto.sha256(
    binding.encode({
      profile: PROFILE,
      transcript: transcriptHash,
      layer: LAYER_NUMBERS[layer],
      suite: suiteOf(layer),
      direction,
    }),
  )
