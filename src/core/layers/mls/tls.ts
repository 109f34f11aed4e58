/**
 * The little of the TLS presentation language that message framing needs, with the variable-size length headers of
 * RFC 9420 §2.1.2. Canonical only: a length that has a shorter form is refused.
 */
import { concat } from "../../crypto/bytes.ts"

export const u16 = (value: number): Uint8Array => {
  const bytes = new Uint8Array(2)
  bytes[0] = value >>> 8
  bytes[1] = value
  return bytes
}

/** A length header of 1, 2 or 4 bytes. */
export const header = (length: number): Uint8Array => {
  if (length < 2 ** 6) return Uint8Array.of(length)
  if (length < 2 ** 14) return u16(0x4000 | length)
  if (length < 2 ** 30) return Uint8Array.of(0x80 | (length >>> 24), length >>> 16, length >>> 8, length)
  throw new RangeError("longer than a vector can be")
}

/** `opaque value<V>`. */
export const vector = (value: Uint8Array): Uint8Array => concat(header(value.length), value)

/** Reads from front to back; every read answers undefined once something was not there or not canonical. */
export class TlsReader {
  private readonly bytes: Uint8Array
  private at = 0
  private broken = false

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** Whether everything that was asked for was there, and nothing else was. */
  get done(): boolean {
    return !this.broken && this.at === this.bytes.length
  }

  /** An unsigned integer of 1 … 6 bytes, or of 8 where the first two are zero. */
  uint(size: number): number | undefined {
    if (this.broken || size > this.bytes.length - this.at) return this.fail()
    let value = 0
    for (const end = this.at + size; this.at < end; this.at++) value = value * 256 + this.bytes[this.at]!
    return Number.isSafeInteger(value) ? value : this.fail()
  }

  /** Exactly this many bytes, as a view. */
  take(length: number): Uint8Array | undefined {
    if (this.broken || length > this.bytes.length - this.at) return this.fail()
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }

  /** How many bytes were read so far. */
  get position(): number {
    return this.at
  }

  /** `opaque value<V>` of at most `max` bytes, as a view. */
  vector(max: number): Uint8Array | undefined {
    const first = this.uint(1)
    if (first === undefined || first >>> 6 === 3) return this.fail()
    const more = [0, 1, 3][first >>> 6]!
    const rest = this.uint(more)
    if (rest === undefined) return undefined
    const length = (first & 0x3f) * 256 ** more + rest
    if (length > max || (more === 1 && length < 2 ** 6) || (more === 3 && length < 2 ** 14)) return this.fail()
    return this.take(length)
  }

  private fail(): undefined {
    this.broken = true
    return undefined
  }
}
