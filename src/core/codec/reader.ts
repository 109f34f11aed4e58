/**
 * Reads the heads of canonical CBOR items, and nothing that is not canonical. Refuses by answering -1 or undefined, never by
 * throwing. Docs: protocol.md, "Encoding"; RFC 8949 §3 and §4.2.1.
 */

/** RFC 8949 §3.1, the major types that occur here. Negative integers (1), tags (6) and floats never do. */
export const UINT = 0
export const BYTES = 2
export const TEXT = 3
export const ARRAY = 4
export const MAP = 5

/** The least argument that needs 1, 2, 4 or 8 bytes after the head: a smaller one has a shorter form. */
const LEAST = [24, 2 ** 8, 2 ** 16, 2 ** 32] as const

export class Reader {
  readonly bytes: Uint8Array
  at = 0

  constructor(bytes: Uint8Array) {
    // A plain view: a Node Buffer's own `slice` would not copy.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get left(): number {
    return this.bytes.length - this.at
  }

  /** The argument of the next item, if it is of this major type and in its shortest form and safe; otherwise -1. */
  head(major: number): number {
    const first = this.bytes[this.at]
    if (first === undefined || first >> 5 !== major) return -1
    const info = first & 31
    if (info < 24) {
      this.at += 1
      return info
    }
    if (info > 27) return -1 // reserved, or an indefinite length
    const size = 1 << (info - 24)
    if (this.left <= size) return -1
    let argument = 0
    // Past 2⁵³ the sum rounds, but never back below it.
    for (let i = 1; i <= size; i++) argument = argument * 256 + this.bytes[this.at + i]!
    if (argument < LEAST[info - 24]! || argument > Number.MAX_SAFE_INTEGER) return -1
    this.at += 1 + size
    return argument
  }

  /** One byte that must be one of two; answers which. */
  either(no: number, yes: number): boolean | undefined {
    const byte = this.bytes[this.at]
    if (byte !== no && byte !== yes) return undefined
    this.at += 1
    return byte === yes
  }

  /** A view of the next string of this major type, if it is no longer than `max` and wholly there. */
  string(major: typeof BYTES | typeof TEXT, max: number): Uint8Array | undefined {
    const length = this.head(major)
    if (length < 0 || length > max || length > this.left) return undefined
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }
}
