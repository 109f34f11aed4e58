/**
 * Canonical, bounded binary: deterministic CBOR cut down to what is needed, so that every value has one encoding and every
 * accepted byte string re-encodes to itself. Docs: protocol.md, "Encoding"; RFC 8949 §4.2.1.
 *
 * Decoding never throws and allocates nothing before its length is known to be there. Encoding throws a RangeError when a
 * value is outside the bounds its own shape declares: a fault of the programmer, never of a peer.
 */
import { fromUtf8, utf8 } from "../crypto/bytes.ts"
import { BYTES, Reader, TEXT, UINT } from "./reader.ts"
import { Writer } from "./writer.ts"

/** Arrays and maps inside each other. Shapes are finite, so this is checked once, when a codec is made. */
export const MAX_DEPTH = 16

/** What a shape reads where there is no canonical value. A symbol, so that no value can be taken for it. */
export const INVALID: unique symbol = Symbol("invalid")
export type Invalid = typeof INVALID

/**
 * What a shape looks like, as data: which names its numbers stand for. Only where the bytes do not say it themselves; for
 * explaining bytes to people, never for reading them.
 */
export type Form =
  | { readonly is: "struct"; readonly fields: ReadonlyArray<NamedForm> }
  | { readonly is: "union"; readonly arms: ReadonlyArray<NamedForm> }
  | { readonly is: "list"; readonly of: Form | undefined }
  | { readonly is: "choice"; readonly names: ReadonlyMap<number, string> }

/** A field, or one of several forms. */
export interface NamedForm {
  /** As protocol.md calls it. */
  readonly name: string
  /** In the encoding. */
  readonly number: number
  /** What it consists of, where that has names. */
  readonly form: Form | undefined
}

export interface Codec<A> {
  readonly form?: Form | undefined
  /** Throws a RangeError for a value outside the declared bounds. The result is a fresh array. */
  readonly encode: (value: A) => Uint8Array
  /** Undefined for anything but the canonical encoding of a value. Never throws; keeps no reference to `bytes`. */
  readonly decode: (bytes: Uint8Array) => A | undefined
}

/** How a value lies in the bytes. Made by the builders here and in composite.ts; `codec` turns it into a `Codec`. */
export interface Shape<A> {
  /** How many arrays and maps it has inside each other. */
  readonly depth: number
  readonly form?: Form | undefined
  readonly write: (writer: Writer, value: A) => void
  readonly read: (reader: Reader) => A | Invalid
}

/** The value that a shape or a codec stands for. */
export type Value<S> = S extends Shape<infer A> ? A : S extends Codec<infer A> ? A : never

/** A codec of at most `maxBytes` for the whole encoding. */
export const codec = <A>(shape: Shape<A>, maxBytes: number): Codec<A> => {
  if (shape.depth > MAX_DEPTH) throw new RangeError(`a shape may be ${MAX_DEPTH} deep, not ${shape.depth}`)
  return {
    form: shape.form,
    encode: (value) => {
      const writer = new Writer()
      shape.write(writer, value)
      const bytes = writer.done()
      if (bytes.length > maxBytes) throw new RangeError(`an encoding of ${bytes.length} bytes is over ${maxBytes}`)
      return bytes
    },
    decode: (bytes) => {
      if (bytes.length > maxBytes) return undefined
      const reader = new Reader(bytes)
      const value = shape.read(reader)
      return value === INVALID || reader.left > 0 ? undefined : value
    },
  }
}

/** An integer 0 … `max`. */
export const uint = (max: number = Number.MAX_SAFE_INTEGER): Shape<number> => ({
  depth: 0,
  write: (writer, value) => {
    if (!Number.isSafeInteger(value) || value < 0 || value > max) throw new RangeError(`not an integer 0 … ${max}`)
    writer.head(UINT, value)
  },
  read: (reader) => {
    const value = reader.head(UINT)
    return value < 0 || value > max ? INVALID : value
  },
})

/** At most `max` bytes; decoded as a copy. */
export const bytes = (max: number): Shape<Uint8Array> => sized(0, max)

/** Exactly `length` bytes; decoded as a copy. */
export const fixed = (length: number): Shape<Uint8Array> => sized(length, length)

const sized = (min: number, max: number): Shape<Uint8Array> => ({
  depth: 0,
  write: (writer, value) => {
    if (value.length < min || value.length > max) throw new RangeError(`${value.length} bytes, not ${min} … ${max}`)
    writer.string(BYTES, value)
  },
  read: (reader) => {
    const view = reader.string(BYTES, max)
    return view === undefined || view.length < min ? INVALID : view.slice()
  },
})

/** Well-formed Unicode of at most `maxBytes` in UTF-8. Lone surrogates are out of bounds, as they have no UTF-8. */
export const text = (maxBytes: number): Shape<string> => ({
  depth: 0,
  write: (writer, value) => {
    const encoded = value.length <= maxBytes && value.isWellFormed() ? utf8(value) : undefined
    if (encoded === undefined || encoded.length > maxBytes) {
      throw new RangeError(`not well-formed text of at most ${maxBytes} bytes`)
    }
    writer.string(TEXT, encoded)
  },
  read: (reader) => {
    const view = reader.string(TEXT, maxBytes)
    return (view === undefined ? undefined : fromUtf8(view)) ?? INVALID
  },
})

/** Whether `text(maxBytes)` can encode it: what to ask about a person's input before it becomes a value. */
export const isText = (value: string, maxBytes: number): boolean =>
  value.length <= maxBytes && value.isWellFormed() && utf8(value).length <= maxBytes

/** RFC 8949 §3.3, the simple values `false` and `true`. */
const FALSE = 0xf4
const TRUE = 0xf5

export const bool: Shape<boolean> = {
  depth: 0,
  write: (writer, value) => writer.byte(value ? TRUE : FALSE),
  read: (reader) => reader.either(FALSE, TRUE) ?? INVALID,
}

/** One of a few names, each as its number: `choice({ inviter: 1, joiner: 2 })`. */
export const choice = <const N extends Readonly<Record<string, number>>>(numbers: N): Shape<keyof N & string> => {
  const names = new Map(Object.entries(numbers).map(([name, number]) => [number, name as keyof N & string]))
  if (names.size !== Object.keys(numbers).length) throw new RangeError("two names with one number")
  return {
    depth: 0,
    form: { is: "choice", names },
    write: (writer, value) => {
      if (!Object.hasOwn(numbers, value)) throw new RangeError("not one of the names")
      writer.head(UINT, numbers[value]!)
    },
    read: (reader) => names.get(reader.head(UINT)) ?? INVALID,
  }
}

/** Narrows a shape to the values for which `holds`. Encoding another is out of bounds. */
export const refine = <A>(shape: Shape<A>, holds: (value: A) => boolean): Shape<A> => ({
  ...shape,
  write: (writer, value) => {
    if (!holds(value)) throw new RangeError("a value that the shape excludes")
    shape.write(writer, value)
  },
  read: (reader) => {
    const value = shape.read(reader)
    return value === INVALID || !holds(value) ? INVALID : value
  },
})
