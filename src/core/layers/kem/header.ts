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

export const encodeHeader = ({ ciphertext, place, publicKey }: KemHeader): Uint8Array =>
  concat(u32be(place.turn), u32be(place.index), u32be(place.previous), ciphertext, publicKey)

/** The header and what follows it, or undefined for too few bytes. Every header of that size is canonical. */
export const splitFrame = (
  frame: Uint8Array,
): { readonly header: KemHeader; readonly headerBytes: Uint8Array; readonly sealed: Uint8Array } | undefined => {
  if (frame.length < KEM_HEADER_BYTES) return undefined
  const view = new DataView(frame.buffer, frame.byteOffset, PLACE_BYTES)
  return {
    header: {
      place: { turn: view.getUint32(0), index: view.getUint32(4), previous: view.getUint32(8) },
      ciphertext: frame.slice(PLACE_BYTES, CIPHERTEXT_END),
      publicKey: frame.slice(CIPHERTEXT_END, KEM_HEADER_BYTES),
    },
    headerBytes: frame.slice(0, KEM_HEADER_BYTES),
    sealed: frame.slice(KEM_HEADER_BYTES),
  }
}
