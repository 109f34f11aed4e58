/**
 * Inputs for the decoder fuzzer: random bytes, damaged valid encodings, and bombs that know CBOR and protobuf. Every input follows
 * from its seed and its number alone, so one can be made again without those before it.
 */

/** mulberry32: small, fast, and enough to vary inputs. */
export const generator = (seed: number) => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }
  return {
    /** An integer 0 … `below` − 1. */
    int: (below: number): number => next() % Math.max(1, below),
    pick: <A>(values: ReadonlyArray<A>): A => values[next() % values.length]!,
    bytes: (length: number): Uint8Array => Uint8Array.from({ length }, () => next() & 0xff),
  }
}
type Generator = ReturnType<typeof generator>

/** The generator of input `index` of a run with `seed`. */
export const inputGenerator = (seed: number, index: number): Generator =>
  generator(Math.imul(seed ^ 0x5bd1_e995, 0x9e37_79b1) ^ Math.imul(index + 1, 0x85eb_ca6b))

export const arbitraryInput = (random: Generator, seeds: ReadonlyArray<Uint8Array>): Uint8Array => {
  const way = random.int(16)
  if (way === 0) return random.bytes(random.int(64))
  if (way === 1) return random.bytes(random.int(random.pick([256, 1_024, 4_096])))
  if (way === 2) return bomb(random)
  if (way === 3) return concat(head(random, random.pick(seeds)), bomb(random))
  let input = random.pick(seeds)
  for (let times = 1 + random.int(4); times > 0; times--) input = mutate(random, input, seeds)
  return input
}

const mutate = (random: Generator, input: Uint8Array, seeds: ReadonlyArray<Uint8Array>): Uint8Array => {
  const at = position(random, input)
  const length = random.int(random.pick([2, 9, 65]))
  switch (random.int(12)) {
    case 0:
      return replaced(input, at, Uint8Array.of((input[at] ?? 0) ^ (1 << random.int(8))))
    case 1:
      return replaced(input, at, Uint8Array.of(random.pick(TELLING)))
    case 2:
      return replaced(input, at, Uint8Array.of((input[at] ?? 0) + random.pick([1, 255])))
    case 3:
      return input.slice(0, at)
    case 4:
      return concat(input, random.bytes(length + 1))
    case 5:
      return spliced(input, at, length + 1, new Uint8Array())
    case 6:
      return spliced(input, at, 0, random.bytes(length + 1))
    case 7:
      return spliced(input, at, 0, input.slice(at, at + length + 1))
    case 8:
      return spliced(input, at, 1, random.pick(HEADS))
    case 9:
      return concat(head(random, input), tail(random, random.pick(seeds)))
    case 10:
      return longer(input, at)
    default:
      return replaced(input, at, random.bytes(length + 1))
  }
}

/** Structure sits at the start of most encodings, with the long byte strings behind it. */
const position = (random: Generator, input: Uint8Array): number =>
  random.int(random.pick([Math.min(input.length, 24), input.length]))

/** Bytes that begin something in CBOR (integers, strings, arrays, maps, tags, floats, breaks) or in protobuf. */
const TELLING = [
  0x00, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1f, 0x20, 0x3b, 0x40, 0x58, 0x5b, 0x5f, 0x60, 0x7b, 0x7f, 0x80, 0x81,
  0x9b, 0x9f, 0xa0, 0xa1, 0xbb, 0xbf, 0xc0, 0xdb, 0xe0, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xff, 0x0a,
  0x12, 0x44,
]

const argument = (first: number, value: bigint): Uint8Array => {
  const bytes = new Uint8Array(9)
  bytes[0] = first
  new DataView(bytes.buffer).setBigUint64(1, value)
  return bytes
}

/** Heads that announce more than there is, of every major type, and integers in more bytes than they need. */
const HEADS: ReadonlyArray<Uint8Array> = [
  ...[0x1b, 0x5b, 0x7b, 0x9b, 0xbb].flatMap((first) =>
    [0n, 23n, 0xffff_ffffn, 0x1f_ffff_ffff_ffffn, 0x20_0000_0000_0000n, 0xffff_ffff_ffff_ffffn].map((value) =>
      argument(first, value),
    ),
  ),
  ...[0x1a, 0x5a, 0x7a, 0x9a, 0xba].flatMap((first) => [
    Uint8Array.of(first, 0xff, 0xff, 0xff, 0xff),
    Uint8Array.of(first, 0, 0, 0, 1),
    Uint8Array.of(first, 0, 1, 0, 0),
  ]),
  ...[0x18, 0x58, 0x78, 0x98, 0xb8].flatMap((first) => [Uint8Array.of(first, 0xff), Uint8Array.of(first, 1)]),
  // Varints that do not end, or are over 64 bits.
  new Uint8Array(11).fill(0xff),
  Uint8Array.of(0x12, 0xff, 0xff, 0xff, 0xff, 0x0f),
]

/** A thousand levels of arrays or maps or tags; one endless announcement after the other; one byte for ever. */
const bomb = (random: Generator): Uint8Array => {
  const times = random.pick([17, 100, 1_000, 5_000])
  const unit = random.pick([
    Uint8Array.of(random.pick(TELLING)),
    Uint8Array.of(0xa1, 0x00),
    Uint8Array.of(0x82, 0x01),
    Uint8Array.of(0x0a, 0x7f),
    random.pick(HEADS),
  ])
  const bytes = new Uint8Array(Math.min(16_384, unit.length * times))
  for (let at = 0; at < bytes.length; at++) bytes[at] = unit[at % unit.length]!
  return bytes
}

/** The same integer in the next longer form, where there is one at this place. */
const longer = (input: Uint8Array, at: number): Uint8Array => {
  const first = input[at] ?? 0
  const info = first & 31
  const major = first & 0xe0
  if (info < 24) return spliced(input, at, 1, Uint8Array.of(major | 24, info))
  if (info === 24) return spliced(input, at, 1, Uint8Array.of(major | 25, 0))
  return info === 25 ? spliced(input, at, 1, Uint8Array.of(major | 26, 0, 0)) : input
}

const head = (random: Generator, input: Uint8Array) => input.slice(0, position(random, input))
const tail = (random: Generator, input: Uint8Array) => input.slice(position(random, input))

const replaced = (input: Uint8Array, at: number, by: Uint8Array): Uint8Array => spliced(input, at, by.length, by)

const spliced = (input: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array =>
  concat(input.slice(0, at), insert, input.slice(at + remove))

const concat = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
