/**
 * Values in the formats of docs/protocol.md: their encodings, and encodings at and just past every bound, which are what holds
 * each number in the document against the code. docs/protocol.md, "Notation" and "Encoding".
 */
import { type Format, type Formats, unknown } from "./formats.ts"

/** Values as a test writes them: the shape that a format has in TypeScript, `undefined` for an absent field. */
export type Plain =
  | number
  | string
  | boolean
  | Uint8Array
  | ReadonlyArray<Plain>
  | { readonly [name: string]: Plain | undefined }

/** The encoding in this format. A union is `{ kind, …fields }`. Bounds are not checked: a test wants to go past them. */
export const encodeAs = (formats: Formats, name: string, value: Plain): Uint8Array =>
  Uint8Array.from(write(formats, { is: "name", name }, value))

const write = (formats: Formats, format: Format, value: Plain): ReadonlyArray<number> => {
  switch (format.is) {
    case "name":
      return write(formats, formats.get(format.name) ?? unknown(format.name), value)
    case "integer":
      return head(0, value as number)
    case "bytes":
      return [...head(2, (value as Uint8Array).length), ...(value as Uint8Array)]
    case "text": {
      const bytes = new TextEncoder().encode(value as string)
      return [...head(3, bytes.length), ...bytes]
    }
    case "boolean":
      return [value === true ? 0xf5 : 0xf4]
    case "choice":
      return head(0, typeof value === "number" ? value : keyOf(format.names, value as string))
    case "list": {
      const values = value as ReadonlyArray<Plain>
      return [...head(4, values.length), ...values.flatMap((each) => write(formats, format.of, each))]
    }
    case "union": {
      const { kind } = value as { readonly kind: string }
      const [tag, arm] = [...format.arms].find(([, { name }]) => name === kind) ?? unknown(kind)
      return [...head(4, 2), ...head(0, tag), ...write(formats, arm.format, value)]
    }
    case "struct": {
      const values = value as { readonly [name: string]: Plain | undefined }
      const present = format.fields.filter(({ name }) => values[name] !== undefined)
      return [
        ...head(5, present.length),
        ...present.flatMap(({ format: of, key, name }) => [...head(0, key), ...write(formats, of, values[name]!)]),
      ]
    }
  }
}

const keyOf = (names: ReadonlyMap<number, string>, wanted: string): number =>
  [...names].find(([, name]) => name === wanted)?.[0] ?? unknown(wanted)

const head = (major: number, argument: number): ReadonlyArray<number> => {
  const size = argument < 24 ? 0 : argument < 2 ** 8 ? 1 : argument < 2 ** 16 ? 2 : argument < 2 ** 32 ? 4 : 8
  if (size === 0) return [(major << 5) | argument]
  const bytes = Array.from({ length: size }, (_, i) => Math.floor(argument / 256 ** (size - 1 - i)) % 256)
  return [(major << 5) | (24 + Math.log2(size)), ...bytes]
}

/** What a leaf of a format may hold: the least, the most, and one more than that. `hint` makes texts and bytes of a length. */
const extremes = (format: Format, hint: (length: number) => Plain): ReadonlyArray<Plain> => {
  switch (format.is) {
    case "integer":
      return format.max === Number.MAX_SAFE_INTEGER ? [0, 23, 24, format.max] : [0, format.max, format.max + 1]
    case "bytes":
    case "text":
      return [...new Set([format.min - 1, format.min, format.max, format.max + 1])].filter((n) => n >= 0).map(hint)
    case "choice":
      return [...format.names.keys(), 0, Math.max(...format.names.keys()) + 1]
    case "boolean":
      return [true, false]
    default:
      return []
  }
}

/** Makes a text or byte string of a length for a field, by the field's name; zeros and `a` otherwise. */
export type Hints = { readonly [field: string]: (length: number) => Plain }

/** One value of a format in which every field is the least that the hints allow. */
const least = (formats: Formats, format: Format, hints: Hints, name = ""): Plain => {
  switch (format.is) {
    case "name":
      return least(formats, formats.get(format.name) ?? unknown(format.name), hints, name)
    case "bytes":
    case "text":
      return hintFor(format, hints, name)(format.min)
    case "integer":
      return hints[name]?.(0) ?? 0
    case "boolean":
      return false
    case "choice":
      return [...format.names.keys()][0]!
    case "list":
      return []
    case "struct":
      return Object.fromEntries(
        format.fields.flatMap((field) =>
          field.optional ? [] : [[field.name, least(formats, field.format, hints, field.name)]],
        ),
      )
    case "union": {
      const [arm] = [...format.arms.values()]
      return { kind: arm!.name, ...(least(formats, arm!.format, hints) as object) }
    }
  }
}

const hintFor = (format: Format, hints: Hints, name: string): ((length: number) => Plain) =>
  hints[name] ?? (format.is === "text" ? (length) => "a".repeat(length) : (length) => new Uint8Array(length))

/** Encodings at and just past every bound of a format, one bound at a time: what pins each number in the document. */
export const boundaries = (formats: Formats, name: string, hints: Hints): ReadonlyArray<Uint8Array> =>
  variants(formats, { is: "name", name }, hints, "").map((value) => encodeAs(formats, name, value))

const variants = (formats: Formats, format: Format, hints: Hints, name: string): ReadonlyArray<Plain> => {
  switch (format.is) {
    case "name":
      return variants(formats, formats.get(format.name) ?? unknown(format.name), hints, name)
    case "list": {
      const one = least(formats, format.of, hints, name)
      const inside = variants(formats, format.of, hints, name).map((each) => [each])
      return [[], ...inside, Array(format.max).fill(one), Array(format.max + 1).fill(one)]
    }
    case "union":
      return [...format.arms.values()].flatMap((arm) =>
        variants(formats, arm.format, hints, "").map((value) => ({ kind: arm.name, ...(value as object) })),
      )
    case "struct": {
      const base = least(formats, format, hints) as { readonly [name: string]: Plain }
      return [
        base,
        ...format.fields.flatMap((field) => [
          ...variants(formats, field.format, hints, field.name).map((value) => ({ ...base, [field.name]: value })),
          // Without it, whether it may be left out or not.
          ...(field.optional ? [] : [{ ...base, [field.name]: undefined }]),
        ]),
      ] as ReadonlyArray<Plain>
    }
    default:
      return extremes(format, hintFor(format, hints, name))
  }
}
