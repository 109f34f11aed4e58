/**
 * The header of a KEM frame. It has one size, whatever it says, so that a length tells nothing, and it is the same in
 * every frame of a turn but for the index, so that any one of them opens the turn. Docs: protocol.md, "KEM layer".
 *
 *     turn (4) ‖ index (4) ‖ previous chain length (4) ‖ X-Wing ciphertext (1120) ‖ next X-Wing public key (1216)
 */
import type { FramePlace } from "../../../machines/kem-ratchet.ts"
import { concat, u32be } from "../../crypto/bytes.ts"
import { X_WING_CIPHERTEXT_BYTES, X_WING_PUBLIC_KEY_BYTES } from "../../crypto/x-wing.ts"

const PLACE_BYTES = 12
const CIPHERTEXT_END = PLACE_BYTES + X_WING_CIPHERTEXT_BYTES

export const KEM_HEADER_BYTES = CIPHERTEXT_END + X_WING_PUBLIC_KEY_BYTES

export interface KemHeader {
  readonly place: FramePlace
  /** The turn's encapsulation to the receiver's latest key. */
  readonly ciphertext: Uint8Array
  /** The sender's key for the answering turn. */
  readonly publicKey: Uint8Array
}

/** A header as it is sent, behind what it is authenticated with: the cipher wants both, and the frame the second. */
export const encodeHeader = (associated: Uint8Array, { ciphertext, place, publicKey }: KemHeader): Uint8Array =>
  concat(associated, u32be(place.turn), u32be(place.index), u32be(place.previous), ciphertext, publicKey)

export interface KemFrame {
  /** Views of `bound`, so that what is acted upon is what the cipher authenticates. */
  readonly header: KemHeader
  /** As `encodeHeader` makes it. */
  readonly bound: Uint8Array
  /** A view of the frame. */
  readonly sealed: Uint8Array
}

/** The header and what follows it, or undefined for too few bytes. Every header of that size is canonical. */
export const splitFrame = (associated: Uint8Array, frame: Uint8Array): KemFrame | undefined => {
  if (frame.length < KEM_HEADER_BYTES) return undefined
  const bound = concat(associated, frame.subarray(0, KEM_HEADER_BYTES))
  const bytes = bound.subarray(associated.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, PLACE_BYTES)
  return {
    header: {
      place: { turn: view.getUint32(0), index: view.getUint32(4), previous: view.getUint32(8) },
      ciphertext: bytes.subarray(PLACE_BYTES, CIPHERTEXT_END),
      publicKey: bytes.subarray(CIPHERTEXT_END),
    },
    bound,
    sealed: frame.subarray(KEM_HEADER_BYTES),
  }
}
