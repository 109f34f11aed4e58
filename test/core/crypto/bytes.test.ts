/** The byte helpers: joining, comparing, and one text per byte string. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  concat,
  equal,
  fromBase64url,
  fromUtf8,
  ofJoined,
  toBase64url,
  u32be,
  u64be,
  utf8,
} from "../../../src/core/crypto/bytes.ts"

const bytes = fc.uint8Array({ maxLength: 200 })

describe("ofJoined", () => {
  const parts = fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 4 })

  test("shows its reader what concat makes of the same, also while another reads, and nothing afterwards", () => {
    fc.assert(
      fc.property(parts, parts, (outer, inner) => {
        const shown: Array<Uint8Array> = []
        const read = ofJoined(
          (bytes) => {
            shown.push(bytes)
            const within = ofJoined((nested) => nested.slice(), ...inner)
            return [bytes.slice(), within]
          },
          ...outer,
        )
        expect(read).toEqual([concat(...outer), concat(...inner)])
        expect(shown[0]).toEqual(new Uint8Array(shown[0]!.length))
      }),
    )
  })

  test("leaves nothing behind a reader that throws", () => {
    let shown: Uint8Array | undefined
    const failing = () =>
      ofJoined(
        (bytes) => {
          shown = bytes
          throw new RangeError("no")
        },
        Uint8Array.of(1, 2),
      )
    expect(failing).toThrow(RangeError)
    expect(shown).toEqual(new Uint8Array(2))
    expect(ofJoined((bytes) => bytes.slice(), Uint8Array.of(3))).toEqual(Uint8Array.of(3))
  })
})

describe("concat and equal", () => {
  test("joined arrays are their bytes in order, in a fresh array", () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 5 }), (parts) => {
        const joined = concat(...parts)
        expect([...joined]).toEqual(parts.flatMap((part) => [...part]))
        for (const part of parts) expect(joined.buffer).not.toBe(part.buffer)
      }),
    )
  })

  test("equal means the same length and the same bytes", () => {
    fc.assert(
      fc.property(bytes, bytes, (left, right) => {
        expect(equal(left, right)).toBe(left.toString() === right.toString())
        expect(equal(left, left.slice())).toBe(true)
      }),
    )
  })

  test("one differing bit anywhere is seen", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), fc.nat({ max: 7 }), (left, at, bit) => {
        const right = left.slice()
        right[at % right.length]! ^= 1 << bit
        expect(equal(left, right)).toBe(false)
      }),
    )
  })
})

describe("base64url", () => {
  test("agrees with the platform's and comes back", () => {
    fc.assert(
      fc.property(bytes, (array) => {
        const text = toBase64url(array)
        expect(text).toBe(Buffer.from(array).toString("base64url"))
        expect(fromBase64url(text)).toEqual(array)
      }),
    )
  })

  test("whatever decodes, encodes to the same text: there is one text per byte string", () => {
    const near = fc.string({ unit: fc.constantFrom(..."AQgwZz09-_=+/ \nä"), maxLength: 12 })
    fc.assert(
      fc.property(near, (text) => {
        const decoded = fromBase64url(text)
        if (decoded !== undefined) expect(toBase64url(decoded)).toBe(text)
      }),
      { numRuns: 2_000 },
    )
  })

  test.each(["A", "AAAAA", "AB", "AAB", "AA==", "AAA=", "A+AA", "A/AA", " AAAA", "AAAA\n", "AAAä", "AA\u0000A"])(
    "refuses %j",
    (text) => expect(fromBase64url(text)).toBeUndefined(),
  )
})

describe("utf-8", () => {
  test("a text comes back, byte-order marks included", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 50 }), (text) => {
        fc.pre(text.isWellFormed())
        expect(fromUtf8(utf8(text))).toBe(text)
        expect(fromUtf8(utf8(`\uFEFF${text}`))).toBe(`\uFEFF${text}`)
      }),
    )
  })

  test("bytes that decode are the encoding of the text", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6 }), (array) => {
        const text = fromUtf8(array)
        if (text !== undefined) expect(utf8(text)).toEqual(array)
      }),
      { numRuns: 2_000 },
    )
  })

  test.each([[[0xc0, 0x80]], [[0xed, 0xa0, 0x80]], [[0xff]], [[0xe2, 0x82]], [[0xf4, 0x90, 0x80, 0x80]]])(
    "refuses %j",
    (array) => expect(fromUtf8(Uint8Array.from(array))).toBeUndefined(),
  )
})

describe("counters", () => {
  test("are big-endian", () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffff_ffff }), fc.maxSafeNat(), (small, large) => {
        expect(Buffer.from(u32be(small)).readUInt32BE()).toBe(small)
        expect(Buffer.from(u64be(large)).readBigUInt64BE()).toBe(BigInt(large))
      }),
    )
  })

  test.each([-1, 0x1_0000_0000, 1.5, Number.NaN])("u32be throws on %d", (value) => {
    expect(() => u32be(value)).toThrow(RangeError)
  })

  test.each([-1, 2 ** 53, 1.5, Number.NaN])("u64be throws on %d", (value) => {
    expect(() => u64be(value)).toThrow(RangeError)
  })
})
