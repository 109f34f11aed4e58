/**
 * Padding: what is sealed has one of ten lengths, so that the length on the wire tells the bucket only.
 * Docs: protocol.md, "Padding". The pattern is 0x80, then zeros (ISO/IEC 7816-4).
 */

/** Short messages, notices and acknowledgements share it. */
export const SMALLEST_BUCKET = 256
/** The smallest bucket for the longest content: 64 KiB of text with its fields. */
export const LARGEST_BUCKET = 128 * 1024

const MARK = 0x80

/** The bucket for `length` bytes of content: the next power of two that has room for the mark. Undefined: none has. */
export const bucketOf = (length: number): number | undefined => {
  let bucket = SMALLEST_BUCKET
  while (bucket <= length) bucket *= 2
  return bucket <= LARGEST_BUCKET ? bucket : undefined
}

/** Pads to the content's bucket. Throws a RangeError for 128 KiB or more, which no content has. */
export const pad = (content: Uint8Array): Uint8Array => {
  const bucket = bucketOf(content.length)
  if (bucket === undefined) throw new RangeError(`${content.length} bytes fit no bucket`)
  return padTo(content, bucket)
}

/** What `pad` was given. Undefined unless the length is the content's own bucket and the padding is intact. */
export const unpad = (padded: Uint8Array): Uint8Array | undefined => {
  const end = endOf(padded)
  return end === undefined || bucketOf(end) !== padded.length ? undefined : padded.slice(0, end)
}

/** Pads to exactly `length` bytes. Throws a RangeError unless the content is shorter. */
export const padTo = (content: Uint8Array, length: number): Uint8Array => {
  if (content.length >= length) throw new RangeError(`${content.length} bytes leave no room for a mark in ${length}`)
  const padded = new Uint8Array(length)
  padded.set(content)
  padded[content.length] = MARK
  return padded
}

/** What `padTo` was given, for exactly this length; otherwise undefined. */
export const unpadFrom = (padded: Uint8Array, length: number): Uint8Array | undefined => {
  const end = padded.length === length ? endOf(padded) : undefined
  return end === undefined ? undefined : padded.slice(0, end)
}

/** Where the mark stands, if nothing but zeros follows it. */
const endOf = (padded: Uint8Array): number | undefined => {
  let end = padded.length - 1
  while (end >= 0 && padded[end] === 0) end--
  return padded[end] === MARK ? end : undefined
}
