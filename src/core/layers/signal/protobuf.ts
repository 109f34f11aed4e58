/**
 * As much of Protocol Buffers as Signal's two messages need: uint32 and bytes fields, each at most once, in ascending order.
 * Docs: protocol.md, "Signal layer"; protobuf.dev/programming-guides/encoding.
 *
 * Protobuf leaves the writer many choices; here every message has one encoding, the one that Signal's peers write, and
 * whatever else comes is refused: unknown and repeated fields, other orders, padded varints. So accepted bytes re-encode to themselves.
 */
import { concat } from "../../crypto/bytes.ts"
import { pushVarint, readVarint } from "./varint.ts"

const MAX_UINT32 = 0xffff_ffff

export type FieldKind = "uint32" | "bytes"
export type FieldValue<K extends FieldKind> = K extends "uint32" ? number : Uint8Array

/** Number, kind and, for bytes, the greatest length of each field, by name. In ascending order of number, below 16. */
export type Fields = Readonly<
  Record<string, readonly [number: number, kind: "uint32"] | readonly [number: number, kind: "bytes", max: number]>
>

/** Every field may be absent as far as protobuf is concerned; what a message cannot do without is the message's affair. */
export type FieldsOf<F extends Fields> = { readonly [N in keyof F]: FieldValue<F[N][1]> | undefined }

/** A message's fields as a list, made once: a message asks for it twice. */
const entriesOf = (fields: Fields): ReadonlyArray<readonly [string, Fields[string]]> => {
  let entries = listed.get(fields)
  if (entries === undefined) {
    entries = Object.entries(fields)
    listed.set(fields, entries)
  }
  return entries
}
const listed = new WeakMap<Fields, ReadonlyArray<readonly [string, Fields[string]]>>()

const VARINT = 0
const LENGTH_DELIMITED = 2
const NOTHING = new Uint8Array(0)

/**
 * The encoding of the fields that are not undefined, behind `first`, with room for `room` bytes behind it. Throws a RangeError for
 * a value that could not be read back.
 */
export const encodeFields = <const F extends Fields>(
  fields: F,
  values: FieldsOf<F>,
  first: Uint8Array = NOTHING,
  room = 0,
): Uint8Array => {
  const out: Array<Uint8Array> = [first]
  for (const [name, [number, kind, max]] of entriesOf(fields)) {
    const value = values[name]
    if (value === undefined) continue
    if (typeof value !== "number" && value.length > max!) throw new RangeError(`${value.length} bytes, not ${max}`)
    const wireType = kind === "uint32" ? VARINT : LENGTH_DELIMITED
    const tag = (number << 3) | wireType
    if (typeof value === "number") out.push(tagged(tag, value))
    else out.push(tagged(tag, value.length), value)
  }
  if (room > 0) out.push(new Uint8Array(room))
  return concat(...out)
}

/** The fields, byte values as views of what was read; undefined for anything but the one encoding of them. Never throws. */
export const decodeFields = <const F extends Fields>(fields: F, bytes: Uint8Array): FieldsOf<F> | undefined => {
  const values: Record<string, number | Uint8Array | undefined> = {}
  let at = 0
  for (const [name, [number, kind, max]] of entriesOf(fields)) {
    values[name] = undefined
    if (bytes[at] !== ((number << 3) | (kind === "uint32" ? VARINT : LENGTH_DELIMITED))) continue
    const read = readVarint(bytes, at + 1, MAX_UINT32)
    if (read === undefined) return undefined
    at = read.next
    if (kind === "uint32") {
      values[name] = read.value
      continue
    }
    if (read.value > max! || read.value > bytes.length - at) return undefined
    values[name] = bytes.subarray(at, at + read.value)
    at += read.value
  }
  return at === bytes.length ? (values as FieldsOf<F>) : undefined
}

/** A tag, which is one byte, and a number behind it. */
const tagged = (tag: number, value: number): Uint8Array => Uint8Array.from(pushVarint([tag], value, MAX_UINT32))
