/**
 * Shapes made of shapes: lists, maps, structs and tagged unions. Docs: protocol.md, "Encoding"; RFC 8949 §4.2.1.
 */
import { INVALID, type Shape, type Value } from "./codec.ts"
import { ARRAY, MAP, type Reader, UINT } from "./reader.ts"
import { Writer } from "./writer.ts"

/** At most `maxLength` values of one shape, in their order. */
export const list = <A>(shape: Shape<A>, maxLength: number): Shape<ReadonlyArray<A>> => ({
  depth: shape.depth + 1,
  form: { is: "list", of: shape.form },
  write: (writer, values) => {
    if (values.length > maxLength) throw new RangeError(`${values.length} values, not at most ${maxLength}`)
    writer.head(ARRAY, values.length)
    for (const value of values) shape.write(writer, value)
  },
  read: (reader) => {
    const length = reader.head(ARRAY)
    if (length < 0 || length > maxLength || length > reader.left) return INVALID
    const values: Array<A> = []
    for (let i = 0; i < length; i++) {
      const value = shape.read(reader)
      if (value === INVALID) return INVALID
      values.push(value)
    }
    return values
  },
})

/**
 * A map with keys of any shape, as `[key, value]` pairs. Its order is that of the encoded keys (bytewise), whatever the
 * order given; a key that occurs twice is out of bounds.
 */
export const pairs = <K, V>(
  key: Shape<K>,
  value: Shape<V>,
  maxLength: number,
): Shape<ReadonlyArray<readonly [K, V]>> => ({
  depth: Math.max(key.depth, value.depth) + 1,
  write: (writer, entries) => {
    if (entries.length > maxLength) throw new RangeError(`${entries.length} pairs, not at most ${maxLength}`)
    const sorted = entries.map(([k, v]) => [encodeShape(key, k), v] as const).sort(([a], [b]) => compare(a, b))
    writer.head(MAP, sorted.length)
    sorted.forEach(([k, v], i) => {
      if (i > 0 && compare(sorted[i - 1]![0], k) === 0) throw new RangeError("a key that occurs twice")
      writer.raw(k)
      value.write(writer, v)
    })
  },
  read: (reader) => {
    const length = reader.head(MAP)
    if (length < 0 || length > maxLength || length * 2 > reader.left) return INVALID
    const entries: Array<readonly [K, V]> = []
    let last: Uint8Array | undefined
    for (let i = 0; i < length; i++) {
      const start = reader.at
      const k = key.read(reader)
      if (k === INVALID) return INVALID
      const encoded = reader.bytes.subarray(start, reader.at)
      if (last !== undefined && compare(last, encoded) >= 0) return INVALID
      last = encoded
      const v = value.read(reader)
      if (v === INVALID) return INVALID
      entries.push([k, v])
    }
    return entries
  },
})

const encodeShape = <A>(shape: Shape<A>, value: A): Uint8Array => {
  const writer = new Writer()
  shape.write(writer, value)
  return writer.done()
}

/** RFC 8949 §4.2.1: bytewise lexicographic order. */
const compare = (a: Uint8Array, b: Uint8Array): number => {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return a.length - b.length
}

/** The greatest key of a struct: one or two bytes each. */
const MAX_KEY = 255

// biome-ignore lint/suspicious/noExplicitAny: a shape is invariant in its value, so no other type holds them all
type AnyShape = Shape<any>

/** A field that may be absent: never present with the value undefined. Inside `struct` only. */
export interface Optional<S extends AnyShape> {
  readonly optional: S
}

export const optional = <S extends AnyShape>(shape: S): Optional<S> => ({ optional: shape })

type Fields = Readonly<Record<string, readonly [key: number, shape: AnyShape | Optional<AnyShape>]>>
type Plain<A> = { readonly [K in keyof A]: A[K] }

export type StructOf<F extends Fields> = Plain<
  {
    readonly [K in keyof F as F[K][1] extends AnyShape ? K : never]: Value<F[K][1]>
  } & {
    readonly [K in keyof F as F[K][1] extends AnyShape ? never : K]?: F[K][1] extends Optional<infer S>
      ? Value<S>
      : never
  }
>

export interface StructShape<A> extends Shape<A> {
  readonly names: ReadonlyArray<string>
}

/**
 * An object with known names: a CBOR map from small integers, `struct({ id: [1, fixed(16)], name: [2, optional(text(48))] })`.
 * Unknown, missing, repeated and unsorted keys are refused.
 */
export const struct = <const F extends Fields>(definition: F): StructShape<StructOf<F>> => {
  const fields = Object.entries(definition)
    .map(([name, [key, field]]) =>
      "optional" in field
        ? { name, key, shape: field.optional, required: false }
        : { name, key, shape: field, required: true },
    )
    .sort((a, b) => a.key - b.key)
  const names = fields.map(({ name }) => name)
  checkNumbers(fields.map(({ key }) => key))
  if (names.some((name) => name in {})) throw new RangeError("a field named like a property of every object")
  const isPresent = (value: Record<string, unknown>) => (field: (typeof fields)[number]) =>
    field.required || value[field.name] !== undefined

  return {
    names,
    form: { is: "struct", fields: fields.map(({ key, name, shape }) => ({ name, number: key, form: shape.form })) },
    depth: Math.max(0, ...fields.map(({ shape }) => shape.depth)) + 1,
    write: (writer, value) => {
      const present = fields.filter(isPresent(value as Record<string, unknown>))
      writer.head(MAP, present.length)
      for (const { key, name, shape } of present) {
        writer.head(UINT, key)
        shape.write(writer, (value as Record<string, unknown>)[name])
      }
    },
    read: (reader) => {
      let left = reader.head(MAP)
      const value: Record<string, unknown> = {}
      for (const { key, name, required, shape } of fields) {
        if (left > 0 && hasKey(reader, key)) {
          const field = shape.read(reader)
          if (field === INVALID) return INVALID
          value[name] = field
          left -= 1
        } else if (required) return INVALID
      }
      return left === 0 ? (value as StructOf<F>) : INVALID
    },
  }
}

/** Takes the next item if it is this key. */
const hasKey = (reader: Reader, key: number): boolean => {
  const start = reader.at
  if (reader.head(UINT) === key) return true
  reader.at = start
  return false
}

const checkNumbers = (numbers: ReadonlyArray<number>): void => {
  if (new Set(numbers).size !== numbers.length) throw new RangeError("a number that occurs twice")
  for (const n of numbers) if (!Number.isInteger(n) || n < 0 || n > MAX_KEY) throw new RangeError(`${n} is no key`)
}

// biome-ignore lint/suspicious/noExplicitAny: as AnyShape
type Arms = Readonly<Record<string, readonly [tag: number, shape: StructShape<any>]>>

export type UnionOf<On extends string, A extends Arms> = {
  readonly [K in keyof A & string]: Plain<{ readonly [P in On]: K } & Value<A[K][1]>>
}[keyof A & string]

/**
 * One of several structs, told apart by the field `on`: a CBOR array `[tag, struct]`.
 * `union("kind", { ping: [1, struct({})], pong: [2, struct({ n: [1, uint()] })] })` holds `{ kind: "pong", n: 3 }`.
 */
export const union = <const On extends string, const A extends Arms>(on: On, arms: A): Shape<UnionOf<On, A>> => {
  const list = Object.entries(arms).map(([name, [tag, shape]]) => ({ name, tag, shape }))
  const byTag = new Map(list.map((arm) => [arm.tag, arm]))
  const byName = new Map(list.map((arm) => [arm.name, arm]))
  checkNumbers(list.map(({ tag }) => tag))
  if (list.some(({ shape }) => shape.names.includes(on)))
    throw new RangeError(`a struct with a field "${on}" of its own`)

  return {
    depth: Math.max(0, ...list.map(({ shape }) => shape.depth)) + 1,
    form: { is: "union", arms: list.map(({ name, shape, tag }) => ({ name, number: tag, form: shape.form })) },
    write: (writer, value) => {
      const arm = byName.get((value as Record<string, string>)[on]!)
      if (arm === undefined) throw new RangeError("a kind that the union has not")
      writer.head(ARRAY, 2)
      writer.head(UINT, arm.tag)
      arm.shape.write(writer, value)
    },
    read: (reader) => {
      if (reader.head(ARRAY) !== 2) return INVALID
      const arm = byTag.get(reader.head(UINT))
      if (arm === undefined) return INVALID
      const value = arm.shape.read(reader)
      return value === INVALID ? INVALID : { [on]: arm.name, ...value }
    },
  }
}
