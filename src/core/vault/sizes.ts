/**
 * Sizes at rest: what is sealed is padded to a bucket first, so that a record's length tells its bucket only.
 * Docs: storage.md, "A sealed record".
 */
import { padTo, unpadFrom } from "../padding.ts"

/** Most records are smaller: names, keys, counters, short messages. */
export const SMALLEST_SIZE = 256
/** Buckets double up to this one; longer records are padded to multiples of it, or a third of the disk would be padding. */
export const LARGEST_STEP = 128 * 1024

/** The padded size of `length` bytes: there is room for the mark. */
export const sizeOf = (length: number): number => {
  if (length >= LARGEST_STEP) return (Math.floor(length / LARGEST_STEP) + 1) * LARGEST_STEP
  let size = SMALLEST_SIZE
  while (size <= length) size *= 2
  return size
}

export const padded = (bytes: Uint8Array): Uint8Array => padTo(bytes, sizeOf(bytes.length))

/** What `padded` was given; undefined for anything that it does not make. */
export const unpadded = (bytes: Uint8Array): Uint8Array | undefined => {
  const content = unpadFrom(bytes, bytes.length)
  return content === undefined || sizeOf(content.length) !== bytes.length ? undefined : content
}
