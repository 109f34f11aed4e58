/** The codec against RFC 8949's own examples, and against everything that is not canonical. */
import { describe, expect, test } from "vitest"
import {
  bool,
  bytes,
  choice,
  codec,
  fixed,
  isText,
  refine,
  type Shape,
  text,
  uint,
} from "../../../src/core/codec/codec.ts"
import { list, optional, pairs, struct, union } from "../../../src/core/codec/composite.ts"

const MAX = 100_000
const hex = (encoded: Uint8Array) => Buffer.from(encoded).toString("hex")
const unhex = (digits: string) => new Uint8Array(Buffer.from(digits, "hex"))
/** For tables of shapes of several values. */
const loose = <A>(shape: Shape<A>): Shape<unknown> => shape as Shape<unknown>
const decode = <A>(shape: Shape<A>, digits: string) => codec(shape, MAX).decode(unhex(digits))

describe("RFC 8949 appendix A", () => {
  test.each([
    [0, "00"],
    [1, "01"],
    [10, "0a"],
    [23, "17"],
    [24, "1818"],
    [25, "1819"],
    [100, "1864"],
    [1000, "1903e8"],
    [1000000, "1a000f4240"],
    [1000000000000, "1b000000e8d4a51000"],
    [255, "18ff"],
    [256, "190100"],
    [65535, "19ffff"],
    [65536, "1a00010000"],
    [4294967295, "1affffffff"],
    [4294967296, "1b0000000100000000"],
    [Number.MAX_SAFE_INTEGER, "1b001fffffffffffff"],
  ])("the integer %d is %s", (value, digits) => {
    expect(hex(codec(uint(), 9).encode(value))).toBe(digits)
    expect(decode(uint(), digits)).toBe(value)
  })

  test.each([
    ["", "60"],
    ["a", "6161"],
    ["IETF", "6449455446"],
    ['"\\', "62225c"],
    ["\u00fc", "62c3bc"],
    ["\u6c34", "63e6b0b4"],
    ["\ud800\udd51", "64f0908591"],
  ])("the text %j is %s", (value, digits) => {
    expect(hex(codec(text(9), 9).encode(value))).toBe(digits)
    expect(decode(text(9), digits)).toBe(value)
  })

  test("byte strings, booleans, arrays and maps", () => {
    expect(hex(codec(bytes(9), 9).encode(unhex("01020304")))).toBe("4401020304")
    expect(hex(codec(bool, 1).encode(false)) + hex(codec(bool, 1).encode(true))).toBe("f4f5")
    expect(hex(codec(list(uint(), 25), 99).encode(Array.from({ length: 25 }, (_, i) => i + 1)))).toBe(
      "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
    )
    const two = struct({ a: [1, uint()], b: [3, uint()] })
    expect(hex(codec(two, 9).encode({ b: 4, a: 2 }))).toBe("a201020304")
    const entries = [["b", "B"] as const, ["a", "A"] as const]
    expect(hex(codec(pairs(text(1), text(1), 5), 99).encode(entries))).toBe("a26161614161626142")
  })
})

describe("what is not canonical is refused", () => {
  const pair = struct({ a: [1, uint()], b: [2, optional(uint())] })
  test.each<readonly [string, Shape<unknown>, string]>([
    ["an integer in one byte too many", loose(uint()), "1817"],
    ["an integer in two bytes that fits one", loose(uint()), "1900ff"],
    ["an integer in four bytes that fits two", loose(uint()), "1a0000ffff"],
    ["an integer in eight bytes that fits four", loose(uint()), "1b00000000ffffffff"],
    ["an integer past 2⁵³ − 1", loose(uint()), "1b0020000000000000"],
    ["the greatest integer", loose(uint()), "1bffffffffffffffff"],
    ["a negative integer", loose(uint()), "20"],
    ["an integer past 2⁵³ − 1 where no bound is below", loose(uint(Number.POSITIVE_INFINITY)), "1b0020000000000000"],
    ["a reserved head", loose(uint()), "1c"],
    ["a reserved head with sixteen bytes behind it", loose(uint()), `1c${"00".repeat(15)}05`],
    ["a reserved length with sixteen bytes behind it", loose(bytes(9)), `5c${"00".repeat(15)}0105`],
    ["a tag", loose(uint()), "c101"],
    ["a bignum", loose(uint()), "c24101"],
    ["a float", loose(uint()), "f93c00"],
    ["null for false", loose(bool), "f6"],
    ["a boolean in two bytes", loose(bool), "f815"],
    ["an indefinite byte string", loose(bytes(9)), "5f4101ff"],
    ["an indefinite text", loose(text(9)), "7f6161ff"],
    ["an indefinite array", loose(list(uint(), 9)), "9f01ff"],
    ["an indefinite map", loose(pair), "bf0101ff"],
    ["text for bytes", loose(bytes(9)), "6161"],
    ["bytes for text", loose(text(9)), "4161"],
    ["a length in one byte too many", loose(bytes(9)), "580101"],
    ["overlong UTF-8", loose(text(9)), "62c080"],
    ["a surrogate in UTF-8", loose(text(9)), "63eda080"],
    ["UTF-8 that ends early", loose(text(9)), "61c3"],
    ["a code point past U+10FFFF", loose(text(9)), "64f4908080"],
    ["unsorted keys of a struct", loose(pair), "a202020101"],
    ["a key twice in a struct", loose(pair), "a201010102"],
    ["an optional key twice", loose(pair), "a3010102020202"],
    ["a missing key", loose(pair), "a10202"],
    ["an unknown key", loose(pair), "a201010303"],
    ["a key in one byte too many", loose(pair), "a1180101"],
    ["a text key", loose(pair), "a1613101"],
    ["null for an absent field", loose(pair), "a2010102f6"],
    ["unsorted pairs", loose(pairs(uint(), uint(), 9)), "a202000100"],
    ["a pair twice", loose(pairs(uint(), uint(), 9)), "a201000100"],
    ["an unknown tag of a union", loose(union("k", { a: [1, struct({})] })), "8202a0"],
    ["a union without a value", loose(union("k", { a: [1, struct({})] })), "8101"],
    ["a union with two values", loose(union("k", { a: [1, struct({})] })), "8301a0a0"],
    ["an unknown choice", loose(choice({ a: 1 })), "02"],
    ["nothing", loose(uint()), ""],
  ])("%s", (_, shape, digits) => {
    expect(decode(shape, digits)).toBeUndefined()
  })
})

describe("bounds", () => {
  test("what is over its bound is refused, and not encoded", () => {
    const over: ReadonlyArray<readonly [Shape<unknown>, unknown, string]> = [
      [loose(uint(9)), 10, "0a"],
      [loose(uint()), 2 ** 53, "1b0020000000000000"],
      [loose(bytes(1)), new Uint8Array(2), "420000"],
      [loose(fixed(2)), new Uint8Array(1), "4100"],
      [loose(fixed(2)), new Uint8Array(3), "43000000"],
      [loose(text(2)), "\u6c34", "63e6b0b4"],
      [loose(list(uint(), 1)), [1, 2], "820102"],
      [
        loose(pairs(uint(), uint(), 1)),
        [
          [1, 1],
          [2, 2],
        ],
        "a201010202",
      ],
      [loose(refine(uint(), (n) => n % 2 === 0)), 3, "03"],
    ]
    for (const [shape, value, digits] of over) {
      expect(() => codec(shape, MAX).encode(value as never)).toThrow(RangeError)
      expect(decode(shape, digits)).toBeUndefined()
    }
  })

  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("%d is no unsigned integer", (value) => {
    expect(() => codec(uint(), 9).encode(value)).toThrow(RangeError)
  })

  test("a whole encoding over the codec's bound is refused, and not encoded", () => {
    expect(() => codec(bytes(9), 4).encode(new Uint8Array(4))).toThrow(RangeError)
    expect(codec(bytes(9), 4).decode(unhex("4400000000"))).toBeUndefined()
    expect(codec(bytes(9), 5).decode(unhex("4400000000"))).toEqual(new Uint8Array(4))
  })

  test("lone surrogates have no UTF-8, so they are no text", () => {
    expect(() => codec(text(9), 99).encode("a\ud800b")).toThrow(RangeError)
    expect(isText("a\ud800b", 9)).toBe(false)
    expect(isText("\ud800\udd51", 4)).toBe(true)
    expect(isText("\ud800\udd51", 3)).toBe(false)
  })

  test("a byte order mark is a character like others", () => {
    const sut = codec(text(9), 99)
    expect(sut.decode(sut.encode("\u{feff}a"))).toBe("\u{feff}a")
  })

  test.each(["5b", "7b", "9b", "bb"])("a head %s that announces petabytes allocates nothing", (first) => {
    const shapes = [bytes, text, (max: number) => list(uint(), max), (max: number) => pairs(uint(), uint(), max)]
    for (const make of shapes) {
      const shape = loose<unknown>(make(Number.MAX_SAFE_INTEGER) as Shape<unknown>)
      expect(decode(shape, `${first}001fffffffffffff`)).toBeUndefined()
      expect(decode(shape, `${first}001fffffffffffff00000000`)).toBeUndefined()
    }
  })

  test("a list is not begun unless every value can be there", () => {
    let read = 0
    const counted = refine(uint(), () => ++read > 0)
    expect(decode(list(counted, 1_000), "9903e80102")).toBeUndefined()
    expect(decode(pairs(counted, counted, 1_000), "b903e801020304")).toBeUndefined()
    expect(read).toBe(0)
  })

  test("shapes are at most sixteen deep, so that bytes cannot nest further", () => {
    const nested = (depth: number): Shape<unknown> => (depth === 0 ? loose(uint()) : loose(list(nested(depth - 1), 1)))
    expect(codec(nested(16), 99).decode(unhex(`${"81".repeat(16)}07`))).toBeDefined()
    expect(codec(nested(16), 99_999).decode(unhex("81".repeat(50_000)))).toBeUndefined()
    expect(() => codec(nested(17), 99)).toThrow(RangeError)
  })
})

describe("definitions", () => {
  test("that contradict themselves are refused when they are made", () => {
    expect(() => struct({ a: [1, uint()], b: [1, uint()] })).toThrow(RangeError)
    expect(() => struct({ a: [256, uint()] })).toThrow(RangeError)
    expect(() => struct({ constructor: [1, uint()] })).toThrow(RangeError)
    expect(() => struct({ ["__proto__"]: [1, uint()] })).toThrow(RangeError)
    expect(() => union("kind", { a: [1, struct({})], b: [1, struct({})] })).toThrow(RangeError)
    expect(() => union("kind", { a: [1, struct({ kind: [1, uint()] })] })).toThrow(RangeError)
    expect(() => choice({ a: 1, b: 1 })).toThrow(RangeError)
  })

  test("names of a peer's choosing never become properties", () => {
    const sut = codec(pairs(text(20), uint(), 4), 99)
    const decoded = sut.decode(sut.encode([["__proto__", 1]]))
    expect(decoded).toEqual([["__proto__", 1]])
    expect(Object.getPrototypeOf(decoded)).toBe(Array.prototype)
  })

  test("encoding asks for a value of the shape", () => {
    const either = union("kind", { a: [1, struct({})] })
    expect(() => codec(either, 9).encode({ kind: "constructor" } as never)).toThrow(RangeError)
    expect(() => codec(choice({ a: 1 }), 9).encode("toString" as never)).toThrow(RangeError)
    expect(() =>
      codec(pairs(uint(), uint(), 3), 9).encode([
        [1, 1],
        [1, 2],
      ]),
    ).toThrow(RangeError)
  })
})
