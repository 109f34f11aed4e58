/** Names the fields of a structure in TLS's presentation language one after the other. Docs: protocol.md, "MLS layer". */
import type { Span } from "./span.ts"

export class TlsWalk {
  private readonly bytes: Uint8Array
  private readonly spans: Array<Span> = []
  private at = 0
  private broken = false

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** So many bytes; as a number, if `isNumber`. */
  fixed(length: number, name: string, note: string, isNumber = false): void {
    if (this.broken || this.at + length > this.bytes.length) {
      this.broken = true
      return
    }
    const part = this.bytes.subarray(this.at, this.at + length)
    const value = part.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
    this.spans.push({ at: this.at, length, name, note, ...(isNumber && { value: String(value) }) })
    this.at += length
  }

  /** RFC 9420 §2.1.2: the two top bits of the first byte say how long the length is. */
  vector(name: string, note: string, more: () => Pick<Span, "keyed" | "opens" | "rules"> = () => ({})): void {
    const first = this.bytes[this.at]
    const size = first === undefined ? undefined : [1, 2, 4][first >>> 6]
    if (this.broken || first === undefined || size === undefined || this.at + size > this.bytes.length) {
      this.broken = true
      return
    }
    let length = first & 0x3f
    for (let i = 1; i < size; i++) length = length * 256 + this.bytes[this.at + i]!
    const [start, from] = [this.at, this.at + size]
    if (from + length > this.bytes.length) {
      this.broken = true
      return
    }
    const head: Span = {
      at: start,
      length: size,
      name: "length",
      value: String(length),
      note: `Of the ${name} that follows.`,
    }
    const inner: ReadonlyArray<Span> = length === 0 ? [] : [{ at: from, length, name, note, ...more() }]
    this.spans.push({ at: start, length: size + length, name, note, parts: [head, ...inner] })
    this.at = from + length
  }

  /** The spans, if everything was there and nothing is left. */
  done(): ReadonlyArray<Span> | undefined {
    return this.broken || this.at !== this.bytes.length ? undefined : this.spans
  }
}
