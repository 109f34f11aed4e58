/**
 * Names the fields of a structure in TLS's presentation language one after the other: RFC 8446 §3, and for lengths RFC 9420 §2.1.2.
 * A read of what is not there ends the walk; a vector whose content is not what it should be is shown closed. Nothing throws.
 */
import type { Span } from "./span.ts"

type More = Partial<Pick<Span, "keyed" | "opens" | "rules" | "parts">>

/** Of a number on the wire. */
export type Names = Readonly<Record<number, string>>

export class TlsWalk {
  private readonly bytes: Uint8Array
  private readonly end: number
  private readonly spans: Array<Span> = []
  private at: number
  private broken = false

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  /** So many bytes. */
  fixed(length: number, name: string, note: string, more: More = {}): void {
    const at = this.take(length)
    if (at !== undefined && length > 0) this.spans.push({ at, length, name, note, ...more })
  }

  /** A number of so many bytes, by its name where it has one. Undefined once something was not there. */
  number(length: number, name: string, note: string, names: Names = {}): number | undefined {
    const at = this.take(length)
    if (at === undefined) return undefined
    const value = this.bytes.subarray(at, this.at).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
    const known = names[Number(value)]
    this.spans.push({ at, length, name, note, value: known === undefined ? String(value) : `${known} (${value})` })
    return Number(value)
  }

  /** `opaque name<V>`. */
  vector(name: string, note: string, more: (at: number, length: number) => More = () => ({})): void {
    const start = this.at
    const length = this.length()
    const from = length === undefined ? undefined : this.take(length)
    if (length === undefined || from === undefined) return
    const head: Span = {
      at: start,
      length: from - start,
      name: "length",
      value: String(length),
      note: `Of the ${name} that follows.`,
    }
    const inner: ReadonlyArray<Span> = length === 0 ? [] : [{ at: from, length, name, note, ...more(from, length) }]
    this.spans.push({ at: start, length: from - start + length, name, note, parts: [head, ...inner] })
  }

  /** A vector with a structure in it. */
  within(name: string, note: string, fields: (walk: TlsWalk) => void): void {
    this.vector(name, note, (at, length) => {
      const walk = new TlsWalk(this.bytes, at, at + length)
      fields(walk)
      const parts = walk.done()
      return parts === undefined ? {} : { parts }
    })
  }

  /** A vector of structures, as many as there are. */
  list(name: string, note: string, item: (walk: TlsWalk) => void): void {
    this.within(name, note, (walk) => {
      while (walk.left > 0) {
        const before = walk.left
        item(walk)
        // One that takes nothing would go on for ever.
        if (walk.left === before) walk.fail()
      }
    })
  }

  /** A structure of its own, without a length. */
  struct(name: string, note: string, fields: (walk: TlsWalk) => void): void {
    const start = this.at
    const walk = new TlsWalk(this.bytes, start, this.end)
    fields(walk)
    if (walk.broken) this.fail()
    if (this.broken) return
    this.at = walk.at
    if (walk.at > start) this.spans.push({ at: start, length: walk.at - start, name, note, parts: walk.spans })
  }

  /** How many bytes are left; none once something was not there. */
  get left(): number {
    return this.broken ? 0 : this.end - this.at
  }

  fail(): void {
    this.broken = true
  }

  /** The spans, if everything was there and nothing is left. */
  done(): ReadonlyArray<Span> | undefined {
    return this.broken || this.at !== this.end ? undefined : this.spans
  }

  /** The two top bits of the first byte say how long the length is. */
  private length(): number | undefined {
    const first = this.bytes[this.at]
    const size = first === undefined ? undefined : [1, 2, 4][first >>> 6]
    const at = size === undefined ? undefined : this.take(size)
    if (first === undefined || size === undefined || at === undefined) {
      this.fail()
      return undefined
    }
    let length = first & 0x3f
    for (let i = 1; i < size; i++) length = length * 256 + this.bytes[at + i]!
    return length
  }

  /** Where they begin; undefined where there are not so many. */
  private take(length: number): number | undefined {
    if (this.broken || length > this.end - this.at) {
      this.fail()
      return undefined
    }
    this.at += length
    return this.at - length
  }
}
