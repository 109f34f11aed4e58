/** Messages in chunks, and the braid's message that carries one. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  type BraidMessage,
  decodeBraidMessage,
  encodeBraidMessage,
} from "../../../../src/core/layers/signal/braid-message.ts"
import { CHUNK_NUMBERS, chunkOf, rebuild } from "../../../../src/core/layers/signal/chunks.ts"
import { BRAID_CHUNKS } from "../../../../src/machines/braid.ts"
import { hex } from "./people.ts"

const messageOf = (chunks: number) => fc.uint8Array({ minLength: 32 * chunks, maxLength: 32 * chunks })

describe("a message in chunks", () => {
  it.each(Object.entries(BRAID_CHUNKS))("comes back from any of them that are enough: %s, %i", (_, count) => {
    fc.assert(
      fc.property(
        messageOf(count),
        fc.uniqueArray(fc.oneof(fc.nat(2 * count), fc.nat(CHUNK_NUMBERS - 1)), { minLength: count, maxLength: count }),
        (message, numbers) => {
          const chunks = numbers.map((number) => chunkOf(message, number))
          expect(hex(rebuild(chunks))).toBe(hex(message))
        },
      ),
      { numRuns: 25 },
    )
  })

  it("begins with itself, and with itself again after 65,536 chunks that nobody answered", () => {
    const message = Uint8Array.from({ length: 96 }, (_, i) => i)
    for (const number of [0, 1, 2]) {
      expect(chunkOf(message, number)).toEqual({ number, bytes: message.slice(32 * number, 32 * (number + 1)) })
      expect(chunkOf(message, CHUNK_NUMBERS + number)).toEqual(chunkOf(message, number))
    }
    expect(chunkOf(message, 3).bytes).not.toEqual(chunkOf(message, 0).bytes)
    expect(() => chunkOf(message.slice(1), 0)).toThrow(RangeError)
  })
})

const chunk = fc.record({ number: fc.nat(CHUNK_NUMBERS - 1), bytes: fc.uint8Array({ minLength: 32, maxLength: 32 }) })
const message: fc.Arbitrary<BraidMessage> = fc.record({
  epoch: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 2 ** 40 })),
  index: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 0xffff_ffff })),
  payload: fc.oneof(
    fc.constantFrom({ type: "nothing" } as const, { type: "acknowledgement" } as const),
    fc.record({
      type: fc.constantFrom("header", "vector", "acknowledgingVector", "first", "second"),
      chunk,
    }) as fc.Arbitrary<BraidMessage["payload"]>,
  ),
})

describe("the braid's message", () => {
  it("comes back, and has one encoding", () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.nat(255), (value, at, byte) => {
        const encoded = encodeBraidMessage(value)
        expect(decodeBraidMessage(encoded)).toEqual(value)
        const damaged = encoded.with(at % encoded.length, byte)
        const other = decodeBraidMessage(damaged)
        if (other !== undefined) expect(hex(encodeBraidMessage(other))).toBe(hex(damaged))
        for (let length = 0; length < encoded.length; length++)
          expect(decodeBraidMessage(encoded.slice(0, length))).toBeUndefined()
        expect(decodeBraidMessage(Uint8Array.of(...encoded, 0))).toBeUndefined()
      }),
      { numRuns: 300 },
    )
  })

  it("has the bytes that Signal's peers write", () => {
    const bytes = new Uint8Array(32).fill(0xab)
    expect(hex(encodeBraidMessage({ epoch: 1, index: 1, payload: { type: "nothing" } }))).toBe("01010100")
    expect(hex(encodeBraidMessage({ epoch: 300, index: 129, payload: { type: "acknowledgement" } }))).toBe(
      "01ac02810104",
    )
    expect(
      hex(encodeBraidMessage({ epoch: 2, index: 3, payload: { type: "second", chunk: { number: 200, bytes } } })),
    ).toBe(`01020306c801${"ab".repeat(32)}`)
  })

  it.each([
    ["another version", "02010100"],
    ["epoch 0", "01000100"],
    ["index 0", "01010000"],
    ["a padded varint", "0181000100"],
    ["a varint without an end", "01ffffffffffffffffff0100"],
    ["an index past 32 bits", "0101808080801000"],
    ["an unknown type", "01010107"],
    ["a chunk past the field", `0101010180800${"4"}${"00".repeat(32)}`],
    ["a chunk that is too short", `0101010100${"00".repeat(31)}`],
    ["bytes where none belong", "0101010000"],
    ["nothing", ""],
  ])("is refused with %s", (_, encoded) => {
    expect(decodeBraidMessage(Uint8Array.from(Buffer.from(encoded, "hex")))).toBeUndefined()
  })
})
