/**
 * The associated data that the cascade hands to each layer: it ties a ciphertext to its session, its way and its place
 * among the layers. Each layer binds its own counters besides. Docs: protocol.md, "Associated data".
 */
import { choice, codec, fixed, text, uint } from "../codec/codec.ts"
import { struct } from "../codec/composite.ts"
import { equal } from "../crypto/bytes.ts"
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

type Bindings = Readonly<Record<Direction, Readonly<Record<LayerName, Uint8Array>>>>

const remembered = new WeakMap<Uint8Array, { readonly transcript: Uint8Array; readonly bindings: Bindings }>()

/**
 * All eight of a session. They are the same for every message, and cost as much as a layer's cipher, so they are remembered
 * with the session's transcript; by its contents too, so that an array used again for another one is no harm.
 */
export const bindingsOf = (crypto: CryptoService, transcriptHash: Uint8Array): Bindings => {
  const known = remembered.get(transcriptHash)
  if (known !== undefined && equal(known.transcript, transcriptHash)) return known.bindings
  const by = (direction: Direction) => {
    const of = (layer: LayerName) => associatedData(crypto, transcriptHash, layer, direction)
    return { mls: of("mls"), signal: of("signal"), kem: of("kem"), aes: of("aes") }
  }
  const bindings = { inviterToJoiner: by("inviterToJoiner"), joinerToInviter: by("joinerToInviter") }
  remembered.set(transcriptHash, { transcript: transcriptHash.slice(), bindings })
  return bindings
}
