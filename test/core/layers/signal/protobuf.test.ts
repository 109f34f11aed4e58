/** The protobuf subset: one encoding a value, and nothing else is read. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { decodeFields, encodeFields } from "../../../../src/core/layers/signal/protobuf.ts"
import { hex } from "./people.ts"

const FIELDS = { id: [1, "uint32"], key: [2, "bytes", 4], count: [3, "uint32"], rest: [5, "bytes", 300] } as const

const uint32 = fc.oneof(
  fc.constantFrom(0, 1, 0x7f, 0x80, 0x3fff, 0x4000, 0x0fff_ffff, 0x1000_0000, 0xffff_ffff),
  fc.nat(0xffff_ffff),
)
const maybe = <A>(value: fc.Arbitrary<A>) => fc.option(value, { nil: undefined })
const values = fc.record({
  id: maybe(uint32),
  key: maybe(fc.uint8Array({ maxLength: 4 })),
  count: maybe(uint32),
  rest: maybe(fc.uint8Array({ maxLength: 300 })),
})

/** Near-misses: an encoding with bytes changed, put in or left out. */
const damaged = fc
  .tuple(values, fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.nat(255)), { maxLength: 3 }))
  .map(([value, edits]) => {
    const bytes = [...encodeFields(FIELDS, value)]
    for (const [at, how, byte] of edits)
      bytes.splice(at % (bytes.length + 1), how === 0 ? 0 : 1, ...(how < 2 ? [byte] : []))
    return Uint8Array.from(bytes)
  })

describe("protobuf", () => {
  it("reads back what it wrote", () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(decodeFields(FIELDS, encodeFields(FIELDS, value))).toEqual(value)
      }),
    )
  })

  it("accepts only what re-encodes to itself, and never throws", () => {
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 40 })), (bytes) => {
        const value = decodeFields(FIELDS, bytes)
        if (value !== undefined) expect(hex(encodeFields(FIELDS, value))).toBe(hex(bytes))
      }),
      { numRuns: 2_000 },
    )
  })

  it("writes as protobuf does", () => {
    // protobuf.dev, "Encoding": field 1 with 150 is 08 96 01.
    expect(hex(encodeFields(FIELDS, { id: 150, key: Uint8Array.of(7), count: 0, rest: undefined }))).toBe(
      "08960112010718" + "00",
    )
  })

  it.each([
    ["a repeated field", "08010801"],
    ["another order", "120107" + "0801"],
    ["an unknown field", "08012001"],
    ["another wire type", "0a0101"],
    ["a 64-bit field", "090102030405060708"],
    ["a padded number", "088100"],
    ["a number of 33 bits", "08ffffffff1f"],
    ["a number of six bytes", "08ffffffff8f00"],
    ["a number cut short", "08ff"],
    ["bytes cut short", "12040102"],
    ["more bytes than the field may have", "12050102030405"],
    ["a length that cannot be", "12ffffffff0f"],
    ["a tag alone", "12"],
    ["a byte behind", "080100"],
  ])("refuses %s", (_, bytes) => {
    expect(decodeFields(FIELDS, Uint8Array.from(Buffer.from(bytes, "hex")))).toBeUndefined()
  })

  it("writes nothing that it would not read", () => {
    const none = { id: undefined, key: undefined, count: undefined, rest: undefined }
    expect(() => encodeFields(FIELDS, { ...none, key: new Uint8Array(5) })).toThrow(RangeError)
    expect(() => encodeFields(FIELDS, { ...none, id: 2 ** 32 })).toThrow(RangeError)
    expect(() => encodeFields(FIELDS, { ...none, id: -1 })).toThrow(RangeError)
  })
})
