/**
 * The formats of docs/protocol.md, read out of its text and made into decoders of their own: nothing here is shared with the code
 * under test but the sentences of the document. docs/protocol.md, "Notation" and "Encoding".
 */

/** What a format says; `names` are those of the document. */
export type Format =
  | { readonly is: "integer"; readonly max: number }
  | { readonly is: "bytes" | "text"; readonly min: number; readonly max: number }
  | { readonly is: "boolean" }
  | { readonly is: "choice"; readonly names: ReadonlyMap<number, string> }
  | { readonly is: "list"; readonly of: Format; readonly max: number }
  | { readonly is: "struct"; readonly fields: ReadonlyArray<Field> }
  | { readonly is: "union"; readonly arms: ReadonlyMap<number, { readonly name: string; readonly format: Format }> }
  | { readonly is: "name"; readonly name: string }

interface Field {
  readonly key: number
  readonly name: string
  readonly format: Format
  readonly optional: boolean
}

export type Formats = ReadonlyMap<string, Format>

/** All formats in the blocks that are marked as such. Throws on a block that is not in the notation. */
export const formatsIn = (markdown: string): Formats => {
  const formats = new Map<string, Format>()
  for (const [, block] of markdown.matchAll(/^```sotto\n([\s\S]*?)^```$/gm)) {
    const tokens = new Tokens(block!)
    while (!tokens.done) {
      const name = tokens.take(/^[A-Z]\w*$/)
      tokens.take(/^=$/)
      formats.set(name, formatOf(tokens))
    }
  }
  return formats
}

class Tokens {
  private readonly words: Array<string>
  constructor(text: string) {
    this.words = text.match(/[{}(),=]|[^\s{}(),=]+/g) ?? []
  }
  get done(): boolean {
    return this.words.length === 0
  }
  is(word: string): boolean {
    return this.words[0] === word
  }
  has(word: string): boolean {
    if (!this.is(word)) return false
    this.words.shift()
    return true
  }
  take(pattern: RegExp): string {
    const word = this.words.shift()
    if (word === undefined || !pattern.test(word)) throw new SyntaxError(`"${word}" where ${pattern} is due`)
    return word
  }
  number(): number {
    return Number(this.take(/^\d+$/))
  }
}

const formatOf = (tokens: Tokens): Format => {
  if (tokens.has("(")) {
    const inner = formatOf(tokens)
    tokens.take(/^\)$/)
    return inner
  }
  if (tokens.has("{")) return structOf(tokens)
  if (tokens.has("union")) return unionOf(tokens)
  if (tokens.has("integer")) return { is: "integer", max: tokens.is("up") ? upTo(tokens) : Number.MAX_SAFE_INTEGER }
  if (tokens.has("boolean")) return { is: "boolean" }
  if (tokens.has("text")) return { is: "text", min: 0, max: bytesOf(upTo(tokens), tokens) }
  if (tokens.is("up")) return { is: "bytes", min: 0, max: bytesOf(upTo(tokens), tokens) }
  if (tokens.has("list")) {
    tokens.take(/^of$/)
    const max = upTo(tokens)
    return { is: "list", max, of: formatOf(tokens) }
  }
  if (tokens.has("one")) {
    tokens.take(/^of$/)
    const names = new Map<number, string>()
    do {
      const name = tokens.take(/^\w+$/)
      names.set(tokens.number(), name)
    } while (tokens.has(","))
    return { is: "choice", names }
  }
  const word = tokens.take(/^(\d+|[A-Z]\w*)$/)
  if (/^\d/.test(word)) return { is: "bytes", min: Number(word), max: bytesOf(Number(word), tokens) }
  return { is: "name", name: word }
}

const upTo = (tokens: Tokens): number => {
  tokens.take(/^up$/)
  tokens.take(/^to$/)
  return tokens.number()
}

const bytesOf = (count: number, tokens: Tokens): number => {
  tokens.take(/^bytes$/)
  return count
}

const structOf = (tokens: Tokens): Format => {
  const fields: Array<Field> = []
  while (!tokens.has("}")) {
    const key = tokens.number()
    const name = tokens.take(/^[a-z]\w*$/)
    const optional = tokens.has("optional")
    fields.push({ key, name, optional, format: formatOf(tokens) })
  }
  return { is: "struct", fields }
}

const unionOf = (tokens: Tokens): Format => {
  const arms = new Map<number, { readonly name: string; readonly format: Format }>()
  tokens.take(/^\{$/)
  while (!tokens.has("}")) {
    const tag = tokens.number()
    const name = tokens.take(/^[a-z]\w*$/)
    arms.set(tag, { name, format: formatOf(tokens) })
  }
  return { is: "union", arms }
}

/** A decoded value with the document's names: what the worked example prints. */
export type Decoded =
  | { readonly is: "integer"; readonly value: number }
  | { readonly is: "bytes"; readonly value: Uint8Array }
  | { readonly is: "text"; readonly value: string }
  | { readonly is: "boolean"; readonly value: boolean }
  | { readonly is: "choice"; readonly value: number; readonly name: string }
  | { readonly is: "list"; readonly values: ReadonlyArray<Decoded> }
  | { readonly is: "struct"; readonly fields: ReadonlyArray<readonly [name: string, value: Decoded]> }
  | { readonly is: "union"; readonly name: string; readonly tag: number; readonly value: Decoded }

/** The value, if the bytes are its canonical encoding in this format; undefined otherwise. */
export const decodeAs = (formats: Formats, name: string, bytes: Uint8Array): Decoded | undefined => {
  const reader = new CborReader(bytes)
  try {
    const value = read(formats, { is: "name", name }, reader)
    return reader.left === 0 ? value : undefined
  } catch (error) {
    if (error instanceof Damaged) return undefined
    throw error
  }
}

class Damaged extends Error {}
const damaged = (): never => {
  throw new Damaged()
}

/** Written from RFC 8949 and the section "Encoding", not from the code. */
class CborReader {
  private at = 0
  private readonly bytes: Uint8Array
  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
  get left(): number {
    return this.bytes.length - this.at
  }
  byte(): number {
    return this.bytes[this.at++] ?? damaged()
  }
  /** The argument of an item of this major type. */
  head(major: number): number {
    const first = this.byte()
    if (first >> 5 !== major) damaged()
    const short = first & 31
    if (short < 24) return short
    if (short > 27) damaged()
    const size = 2 ** (short - 24)
    let value = 0n
    for (let i = 0; i < size; i++) value = value * 256n + BigInt(this.byte())
    const isShortest = value >= (short === 24 ? 24n : 1n << BigInt(4 * size))
    if (!isShortest || value > BigInt(Number.MAX_SAFE_INTEGER)) damaged()
    return Number(value)
  }
  take(length: number): Uint8Array {
    if (length > this.left) damaged()
    this.at += length
    return this.bytes.slice(this.at - length, this.at)
  }
  back(): void {
    this.at -= 1
  }
}

const read = (formats: Formats, format: Format, reader: CborReader): Decoded => {
  switch (format.is) {
    case "name":
      return read(formats, formats.get(format.name) ?? unknown(format.name), reader)
    case "integer": {
      const value = reader.head(0)
      return value > format.max ? damaged() : { is: "integer", value }
    }
    case "bytes":
    case "text": {
      const length = reader.head(format.is === "bytes" ? 2 : 3)
      if (length < format.min || length > format.max) damaged()
      const value = reader.take(length)
      return format.is === "bytes" ? { is: "bytes", value } : { is: "text", value: textOf(value) }
    }
    case "boolean": {
      const byte = reader.byte()
      return byte === 0xf4 || byte === 0xf5 ? { is: "boolean", value: byte === 0xf5 } : damaged()
    }
    case "choice": {
      const value = reader.head(0)
      return { is: "choice", value, name: format.names.get(value) ?? damaged() }
    }
    case "list": {
      const length = reader.head(4)
      if (length > format.max) damaged()
      return { is: "list", values: Array.from({ length }, () => read(formats, format.of, reader)) }
    }
    case "union": {
      if (reader.head(4) !== 2) damaged()
      const tag = reader.head(0)
      const arm = format.arms.get(tag) ?? damaged()
      return { is: "union", tag, name: arm.name, value: read(formats, arm.format, reader) }
    }
    case "struct": {
      let left = reader.head(5)
      const fields: Array<readonly [string, Decoded]> = []
      for (const field of format.fields) {
        if (left > 0 && isKey(reader, field.key)) {
          fields.push([field.name, read(formats, field.format, reader)])
          left -= 1
        } else if (!field.optional) damaged()
      }
      return left === 0 ? { is: "struct", fields } : damaged()
    }
  }
}

/** Keys in the document are below 24, so one byte each. */
const isKey = (reader: CborReader, key: number): boolean => {
  if (reader.byte() === key) return true
  reader.back()
  return false
}

const textOf = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return damaged()
  }
}

export const unknown = (name: string): never => {
  throw new SyntaxError(`the document has no format "${name}"`)
}
