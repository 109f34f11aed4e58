/** Meeting places as bytes, in the invite (the inviter's) and in the Accept (the joiner's). Docs: protocol.md, "Addresses". */
import { bytes, text } from "../codec/codec.ts"
import { struct } from "../codec/composite.ts"

/** A broker and one more way. */
export const MAX_MEETING_PLACES = 2
/** Names a transport, such as `peerjs`. In UTF-8. */
export const MAX_ADDRESS_KIND_BYTES = 16
/** What only that transport understands. It travels in an invite, which must fit a comfortable QR code. */
export const MAX_ADDRESS_BYTES = 160

export const addressShape = struct({
  kind: [1, text(MAX_ADDRESS_KIND_BYTES)],
  at: [2, bytes(MAX_ADDRESS_BYTES)],
})
