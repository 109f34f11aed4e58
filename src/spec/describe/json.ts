/**
 * Describes what is kept as JSON: machines at rest and commands that wait. It holds ids and counters, never a key or a text. Docs:
 * storage.md, "A sealed record".
 */
import { fromUtf8 } from "../../core/crypto/bytes.ts"
import { noteAtRest } from "./notes-at-rest.ts"
import type { Span } from "./span.ts"

/** Deeper ones are shown as a whole. */
const MAX_DEPTH = 12

const [QUOTE, COMMA, COLON, BACKSLASH] = [0x22, 0x2c, 0x3a, 0x5c]
const OPENING = new Map([
  [0x7b, 0x7d],
  [0x5b, 0x5d],
])

/** As `JSON.stringify` writes it, and not otherwise: then nothing stands between the values but what it puts there. */
const isOurs = (bytes: Uint8Array): boolean => {
  const text = fromUtf8(bytes)
  try {
    return text !== undefined && JSON.stringify(JSON.parse(text)) === text
  } catch {
    return false
  }
}

/** Undefined for anything else. `what`: where the notes on its fields begin. */
export const describeJson = (bytes: Uint8Array, what: "Row" | "Waiting"): ReadonlyArray<Span> | undefined => {
  if (!isOurs(bytes)) return undefined
  const whole = new Walk(bytes).value(what, what, 0)
  return whole.parts ?? [whole]
}

class Walk {
  private readonly bytes: Uint8Array
  private at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  value(name: string, path: string, depth: number): Span {
    const start = this.at
    const closing = OPENING.get(this.bytes[start]!)
    const parts = closing === undefined || depth > MAX_DEPTH ? undefined : this.members(name, path, depth, closing)
    if (parts === undefined) this.skip()
    const span = { at: start, length: this.at - start, name, note: noteAtRest(path) || noteAtRest("Row.within") }
    return parts === undefined
      ? { ...span, value: fromUtf8(this.bytes.subarray(start, this.at)) ?? "" }
      : { ...span, parts }
  }

  private members(name: string, path: string, depth: number, closing: number): ReadonlyArray<Span> {
    const isList = closing === OPENING.get(0x5b)
    const parts = [this.sign(1)]
    for (let i = 1; this.bytes[this.at] !== closing; i++) {
      if (this.bytes[this.at] === COMMA) parts.push(this.sign(1))
      parts.push(isList ? this.value(`${name} ${i}`, path, depth + 1) : this.member(path, depth))
    }
    parts.push(this.sign(1))
    return parts
  }

  private member(path: string, depth: number): Span {
    const start = this.at
    this.skip()
    const name = JSON.parse(fromUtf8(this.bytes.subarray(start, this.at))!) as string
    this.at += 1
    const key: Span = { at: start, length: this.at - start, name: "key", note: "JSON's own: the name of the field." }
    const value = this.value(name, `${path}.${name}`, depth + 1)
    return { ...value, at: start, length: this.at - start, parts: [key, value] }
  }

  private sign(length: number): Span {
    this.at += length
    return { at: this.at - length, length, name: "head", note: "JSON's own sign." }
  }

  /** Over one value. */
  private skip(): void {
    let depth = 0
    do {
      const byte = this.bytes[this.at]!
      if (byte === QUOTE) this.skipText()
      else {
        if (OPENING.has(byte)) depth += 1
        else if (byte === 0x7d || byte === 0x5d) depth -= 1
        this.at += 1
      }
      // A number, or one of three words, ends where something else begins.
      if (depth === 0 && !OPENING.has(byte) && byte !== QUOTE) while (this.isInWord()) this.at += 1
    } while (depth > 0)
  }

  private isInWord(): boolean {
    const byte = this.bytes[this.at]
    return byte !== undefined && byte !== COMMA && byte !== COLON && byte !== 0x7d && byte !== 0x5d
  }

  private skipText(): void {
    this.at += 1
    while (this.bytes[this.at] !== QUOTE) this.at += this.bytes[this.at] === BACKSLASH ? 2 : 1
    this.at += 1
  }
}
