/**
 * Long messages of the braid as chunks of 32 bytes, any sufficient number of which rebuild the message. Docs: protocol.md,
 * "Signal layer"; the ML-KEM Braid specification, §1.3. The first chunks are the message itself; those after them are values of
 * the polynomials through it, at the chunk's number.
 */
import { concat } from "../../crypto/bytes.ts"
import { keptBy } from "../../crypto/kept.ts"
import { throughValues, VALUE_BYTES, valuesAt } from "../../crypto/polynomial.ts"

export const CHUNK_BYTES = VALUE_BYTES

/** Numbers are elements of GF(2¹⁶). A sender that nobody answers begins again at 0, where nothing is lost by it. */
export const CHUNK_NUMBERS = 2 ** 16

export interface Chunk {
  /** Below CHUNK_NUMBERS. */
  readonly number: number
  /** 32 bytes. */
  readonly bytes: Uint8Array
}

/** The chunk with this number of a message whose length is a multiple of 32 bytes. */
export const chunkOf = (message: Uint8Array, number: number): Chunk => {
  const count = message.length / CHUNK_BYTES
  if (!Number.isInteger(count)) throw new RangeError(`${message.length} bytes are no whole chunks`)
  const at = number % CHUNK_NUMBERS
  if (at < count) return { number: at, bytes: message.slice(at * CHUNK_BYTES, (at + 1) * CHUNK_BYTES) }
  return { number: at, bytes: polynomialsOf(message)(at) }
}

/**
 * A message is asked for one chunk after the other, and nothing changes it. It is public (half of a key, or a ciphertext), so it
 * may be remembered; with its array, and as long as that.
 */
const polynomialsOf = keptBy(256, (message) =>
  throughValues(
    Array.from({ length: message.length / CHUNK_BYTES }, (_, x) =>
      message.slice(x * CHUNK_BYTES, (x + 1) * CHUNK_BYTES),
    ),
  ),
)

/** The message that as many chunks as it has, all with different numbers, are of. */
export const rebuild = (chunks: ReadonlyArray<Chunk>): Uint8Array =>
  concat(
    ...valuesAt(
      chunks.map(({ bytes, number }) => ({ x: number, value: bytes })),
      chunks.map((_, place) => place),
    ),
  )
