/**
 * Describes what the codec encoded: walks the bytes by their own heads and gives them the names of the codec's form, so that no
 * description can differ from the code. Docs: protocol.md, "Encoding".
 */
import { type Form, MAX_DEPTH } from "../../core/codec/codec.ts"
import { ARRAY, BYTES, MAP, Reader, TEXT, UINT } from "../../core/codec/reader.ts"
import { fromUtf8 } from "../../core/crypto/bytes.ts"
import { envelopeKey } from "./keyed.ts"
import { noteOn } from "./notes.ts"
import { rulesOn } from "./rules.ts"
import { type Span, shifted, unreadable } from "./span.ts"

/** Describes a byte string that has a format of its own, by the path of its field. */
export type Inside = (path: string, bytes: Uint8Array) => ReadonlyArray<Span> | undefined

/** What a field is for, by its path; empty where nobody says. */
export type Notes = (path: string) => string

const HEADS = ["an integer", "", "a byte string", "a text", "an array", "a map", "", "a yes or no"]

/** Undefined where the bytes are no encoding at all. */
export const describeEncoded = (
  bytes: Uint8Array,
  form: Form | undefined,
  path: string,
  inside: Inside,
  notes: Notes = noteOn,
): ReadonlyArray<Span> | undefined => {
  const reader = new Reader(bytes)
  const walker = new Walker(reader, inside, notes)
  const span = walker.value(form, path, path, 0, MAX_DEPTH)
  return span === undefined || reader.left > 0 ? undefined : (span.parts ?? [span])
}

class Walker {
  private readonly reader: Reader
  private readonly inside: Inside
  private readonly notes: Notes

  constructor(reader: Reader, inside: Inside, notes: Notes) {
    this.reader = reader
    this.inside = inside
    this.notes = notes
  }

  /** The next item; `start` is where its span begins: before it, where a key or a tag belongs to it. */
  value(form: Form | undefined, name: string, path: string, start: number, depth: number): Span | undefined {
    const { reader } = this
    const major = (reader.bytes[reader.at] ?? 0xff) >> 5
    if (depth < 0) return undefined
    switch (major) {
      case UINT:
        return this.integer(form, name, path, start)
      case BYTES:
      case TEXT:
        return this.string(major, name, path, start)
      case ARRAY:
        return form?.is === "union"
          ? this.union(form, name, path, start, depth)
          : this.list(form, name, path, start, depth)
      case MAP:
        return this.struct(form, name, path, start, depth)
      default: {
        const is = reader.either(0xf4, 0xf5)
        return is === undefined
          ? undefined
          : this.leaf(name, path, start, reader.at - 1, "a yes or no", is ? "yes" : "no")
      }
    }
  }

  private integer(form: Form | undefined, name: string, path: string, start: number): Span | undefined {
    const from = this.reader.at
    const value = this.reader.head(UINT)
    if (value < 0) return undefined
    const named = form?.is === "choice" ? form.names.get(value) : undefined
    return this.leaf(name, path, start, from, "an integer", named === undefined ? String(value) : `${named} (${value})`)
  }

  private string(major: typeof BYTES | typeof TEXT, name: string, path: string, start: number): Span | undefined {
    const { reader } = this
    const content = reader.string(major, reader.left)
    if (content === undefined) return undefined
    const at = reader.at - content.length
    const text = major === TEXT ? fromUtf8(content) : undefined
    const lead = this.lead(start, at - start, major)
    const whole = {
      at: start,
      length: reader.at - start,
      name,
      ...this.about(path),
      ...(text !== undefined && { value: JSON.stringify(text) }),
    }
    if (content.length === 0) return { ...whole, parts: [lead] }
    const parts = major === BYTES ? this.inside(path, content) : undefined
    const inner = parts === undefined ? {} : { parts: shifted(parts, at) }
    return { ...whole, parts: [lead, { at, length: content.length, name, note: this.notes(path), ...inner }] }
  }

  private struct(form: Form | undefined, name: string, path: string, start: number, depth: number): Span | undefined {
    const { reader } = this
    const count = reader.head(MAP)
    if (count < 0 || count * 2 > reader.left) return undefined
    const parts = [this.lead(start, reader.at - start, MAP, count)]
    for (let i = 0; i < count; i++) {
      const at = reader.at
      const key = reader.head(UINT)
      if (key < 0) return undefined
      const field = form?.is === "struct" ? form.fields.find(({ number }) => number === key) : undefined
      const named = field?.name ?? `field ${key}`
      const part = this.value(field?.form, named, `${path}.${named}`, at, depth - 1)
      if (part === undefined) return undefined
      parts.push(part)
    }
    return { at: start, length: reader.at - start, name, ...this.about(path), parts }
  }

  private union(
    form: Form & { is: "union" },
    name: string,
    path: string,
    start: number,
    depth: number,
  ): Span | undefined {
    const { reader } = this
    if (reader.head(ARRAY) !== 2) return undefined
    const from = reader.at
    const tag = reader.head(UINT)
    const arm = form.arms.find(({ number }) => number === tag)
    if (arm === undefined) return undefined
    const head = this.lead(start, from - start, ARRAY, 2)
    const at = `${path}.${arm.name}`
    const kind = {
      at: from,
      length: reader.at - from,
      name: "kind",
      value: `${arm.name} (${tag})`,
      note: this.notes(at),
    }
    const fields = this.value(arm.form, arm.name, at, reader.at, depth - 1)
    if (fields === undefined) return undefined
    return {
      at: start,
      length: reader.at - start,
      name,
      ...this.about(path),
      parts: [head, kind, ...(fields.parts ?? [fields])],
    }
  }

  private list(form: Form | undefined, name: string, path: string, start: number, depth: number): Span | undefined {
    const { reader } = this
    const count = reader.head(ARRAY)
    if (count < 0 || count > reader.left) return undefined
    const parts = [this.lead(start, reader.at - start, ARRAY, count)]
    for (let i = 0; i < count; i++) {
      const of = form?.is === "list" ? form.of : undefined
      const part = this.value(of, `${name} ${i + 1}`, path, reader.at, depth - 1)
      if (part === undefined) return undefined
      parts.push(part)
    }
    return { at: start, length: reader.at - start, name, ...this.about(path), parts }
  }

  /** A value of a few bytes: its key, if it has one, is a part of its own. */
  private leaf(name: string, path: string, start: number, from: number, what: string, value: string): Span {
    const note = this.notes(path)
    const end = this.reader.at
    if (from === start) return { at: start, length: end - start, name, value, ...this.about(path) }
    const key: Span = { at: start, length: from - start, name: "key", note: `The number of the field, before ${what}.` }
    return {
      at: start,
      length: end - start,
      name,
      value,
      ...this.about(path),
      parts: [key, { at: from, length: end - from, name, value, note }],
    }
  }

  /** What it is for, which rules it serves, and under which key it is. */
  private about(path: string): Pick<Span, "note" | "rules" | "keyed"> {
    const rules = rulesOn(path)
    return {
      note: this.notes(path),
      ...(rules.length > 0 && { rules }),
      ...(path === "Envelope.mac" && { keyed: envelopeKey }),
    }
  }

  private lead(at: number, length: number, major: number, count?: number): Span {
    const size = count === undefined ? "and its length" : `of ${count}`
    return {
      at,
      length,
      name: "head",
      note: `The encoding's own: ${HEADS[major]} ${size}, after the number of the field where it is one.`,
    }
  }
}

/** Only for who explains bytes that were refused. */
export const notThis = (length: number, what: string): ReadonlyArray<Span> =>
  unreadable(length, `Not ${what}: refused, without a word to whoever sent it.`)
