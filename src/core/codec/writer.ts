/** Writes canonical CBOR into a buffer that grows. Docs: protocol.md, "Encoding"; RFC 8949 §3 and §4.2.1. */

/** Most of what is encoded is smaller, so that the buffer seldom grows. */
const INITIAL_BYTES = 8_192

/** The buffer of the last one that is done, for the next: it is empty again. */
let spare: Uint8Array<ArrayBuffer> | undefined

const EMPTY = new Uint8Array(0)

export class Writer {
  private buffer: Uint8Array<ArrayBuffer>
  private length = 0

  constructor() {
    this.buffer = spare ?? new Uint8Array(INITIAL_BYTES)
    spare = undefined
  }

  /** The head of an item with its shortest argument. */
  head(major: number, argument: number): void {
    const type = major << 5
    if (argument < 24) this.byte(type | argument)
    else if (argument < 2 ** 8) this.argument(type | 24, argument, 1)
    else if (argument < 2 ** 16) this.argument(type | 25, argument, 2)
    else if (argument < 2 ** 32) this.argument(type | 26, argument, 4)
    else this.argument(type | 27, argument, 8)
  }

  byte(value: number): void {
    this.reserve(1)
    this.buffer[this.length++] = value
  }

  string(major: number, bytes: Uint8Array): void {
    this.head(major, bytes.length)
    this.raw(bytes)
  }

  /** Bytes that are already an encoding. */
  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.buffer.set(bytes, this.length)
    this.length += bytes.length
  }

  /** A copy of exactly what was written. Nothing can be written afterwards. */
  done(): Uint8Array {
    const written = this.buffer.slice(0, this.length)
    // Keys may have been in it.
    this.buffer.fill(0, 0, this.length)
    if (this.buffer.length === INITIAL_BYTES) spare = this.buffer
    this.buffer = EMPTY
    return written
  }

  private argument(first: number, argument: number, size: number): void {
    this.reserve(1 + size)
    this.buffer[this.length] = first
    let rest = argument
    for (let i = size; i > 0; i--) {
      this.buffer[this.length + i] = rest % 256
      rest = Math.floor(rest / 256)
    }
    this.length += 1 + size
  }

  private reserve(more: number): void {
    const needed = this.length + more
    if (needed <= this.buffer.length) return
    const grown = new Uint8Array(Math.max(needed, this.buffer.length * 2))
    grown.set(this.buffer.subarray(0, this.length))
    this.buffer.fill(0, 0, this.length)
    this.buffer = grown
  }
}
