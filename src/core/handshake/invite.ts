/**
 * The invite: a text that one person passes to another on a way of their own. It holds the out-of-band secret, so it never
 * goes to a server: in a link it stands in the fragment. Docs: protocol.md, "Invite".
 *
 *     sotto<version>_<base64url of: body ‖ CRC-32 of the body>
 *
 * The checksum is for people: it tells an invite that was cut short from something else. It proves nothing.
 */
import { bytes, codec, fixed, text, uint, type Value } from "../codec/codec.ts"
import { list, optional, struct } from "../codec/composite.ts"
import { concat, fromBase64url, toBase64url, u32be } from "../crypto/bytes.ts"
import { addressShape, MAX_MEETING_PLACES } from "./address.ts"
import { VERSION } from "./suites.ts"

/** What the inviter calls themselves, in UTF-8; the profile sent later may be longer. */
export const MAX_INVITE_NAME_BYTES = 48
/** An offer of a transport by hand. */
export const MAX_HAND_BYTES = 512
/** The last second that a `Date` can hold. */
const MAX_SECONDS = 8_640_000_000_000
/** A body with everything in it is below 1,100 bytes. */
const MAX_BODY_BYTES = 1_100
/** Characters looked at: a link of some length around the longest invite. */
const MAX_INPUT_LENGTH = 8_192
const CHECKSUM_BYTES = 4

const shape = struct({
  id: [1, fixed(16)],
  /** The out-of-band secret. */
  secret: [2, fixed(32)],
  /** SHA-256 of the inviter's static public keys. */
  bundleHash: [3, fixed(32)],
  /** Seconds of the wall clock. */
  expiresAt: [4, uint(MAX_SECONDS)],
  /** Where the inviter can be met. Empty: by hand. */
  meet: [5, list(addressShape, MAX_MEETING_PLACES)],
  name: [6, optional(text(MAX_INVITE_NAME_BYTES))],
  /** An offer that travels with the invite, for a transport by hand. */
  hand: [7, optional(bytes(MAX_HAND_BYTES))],
})
/** The bytes inside the text, before the checksum. */
export const inviteBody = codec(shape, MAX_BODY_BYTES)

/** An invite, as it is read out of its text. */
export type Invite = { readonly version: typeof VERSION } & Value<typeof shape>

/** Not an invite at all; one of a newer version; or one that was cut short or mistyped. */
export type InviteProblem = "notAnInvite" | "newer" | "damaged"

/** The invite as text: letters, digits, `-` and `_`, safe in a fragment. Throws a RangeError for fields out of bounds. */
export const encodeInvite = (invite: Invite): string => {
  const encoded = inviteBody.encode(invite)
  return `sotto${VERSION}_${toBase64url(concat(encoded, u32be(crc32(encoded))))}`
}

/**
 * The invite in a text: alone or as the fragment of a link, with white space anywhere (as mail programs break lines). An
 * invite elsewhere in a link is none, because a server has seen it.
 */
export const decodeInvite = (input: string): Invite | InviteProblem => {
  if (input.length > MAX_INPUT_LENGTH) return "notAnInvite"
  const pasted = input.replaceAll(/\s/g, "")
  const [, version, encoded] = /^sotto([1-9]\d{0,5})_(.*)$/.exec(pasted.slice(pasted.indexOf("#") + 1)) ?? []
  if (version === undefined || encoded === undefined) return "notAnInvite"
  if (Number(version) > VERSION) return "newer"
  const checked = fromBase64url(encoded)
  if (checked === undefined || checked.length <= CHECKSUM_BYTES) return "damaged"
  const bodyBytes = checked.slice(0, -CHECKSUM_BYTES)
  const checksum = new DataView(checked.buffer).getUint32(bodyBytes.length)
  const decoded = checksum === crc32(bodyBytes) ? inviteBody.decode(bodyBytes) : undefined
  return decoded === undefined ? "damaged" : { version: VERSION, ...decoded }
}

/** CRC-32 as in ISO 3309 and PNG, reflected, polynomial 0xEDB88320. */
const crc32 = (data: Uint8Array): number => {
  let crc = 0xffff_ffff
  for (const byte of data) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0)
  }
  return ~crc >>> 0
}
