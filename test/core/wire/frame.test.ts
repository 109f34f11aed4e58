/** Frames: round trips, one encoding a value, and no room for more than a link frame. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  decodeFrame,
  decodeReassembled,
  encodeFrame,
  FRAGMENT_BYTES,
  MAX_FRAGMENTS,
  MAX_FRAME,
  MAX_MESSAGE,
} from "../../../src/core/frame.ts"
import { MAX_LINK_FRAME } from "../../../src/core/transport.ts"
import * as wire from "../../../src/spec/arbitraries/wire.ts"

const damage = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }))

describe("a frame", () => {
  test("comes back as it was", () => {
    fc.assert(
      fc.property(wire.frame, (frame) => {
        const encoded = encodeFrame(frame)
        expect(encoded.length).toBeLessThanOrEqual(MAX_LINK_FRAME)
        expect(decodeFrame(encoded)).toEqual(frame)
      }),
    )
  })

  test("that was damaged is refused, or is another frame's only encoding", () => {
    fc.assert(
      fc.property(wire.frame, damage, (frame, [at, by]) => {
        const encoded = encodeFrame(frame)
        const position = at % Math.min(encoded.length, 40)
        const damaged = encoded.with(position, encoded[position]! ^ by)
        const decoded = decodeFrame(damaged)
        if (decoded !== undefined) expect(encodeFrame(decoded)).toEqual(damaged)
      }),
      { numRuns: 1_000 },
    )
  })

  test("that was cut short or has more behind it is refused", () => {
    fc.assert(
      fc.property(wire.frame, fc.nat(), (frame, cut) => {
        const encoded = encodeFrame(frame)
        expect(decodeFrame(encoded.slice(0, cut % encoded.length))).toBeUndefined()
        expect(decodeFrame(Uint8Array.of(...encoded.slice(0, 1_000), 0))).toBeUndefined()
      }),
    )
  })

  test("has every kind at its documented tag", () => {
    const message = new Uint8Array(1)
    const tags = [
      encodeFrame({ kind: "hello", message }),
      encodeFrame({ kind: "bundle", message }),
      encodeFrame({ kind: "accept", message }),
      encodeFrame({ kind: "confirm", role: "joiner", ciphertext: message }),
      encodeFrame({ kind: "sealed", ciphertext: message }),
      encodeFrame({ kind: "fragment", id: new Uint8Array(8), index: 1, count: 2, bytes: message }),
    ].map((encoded) => Buffer.from(encoded).toString("hex"))
    expect(tags).toEqual([
      "8201a1014100",
      "8202a1014100",
      "8203a1014100",
      "8204a20102024100",
      "8205a1014100",
      "8206a4014800000000000000000201030204" + "4100",
    ])
  })

  test("of the longest message just fits a link", () => {
    const encoded = encodeFrame({ kind: "accept", message: new Uint8Array(MAX_MESSAGE) })
    expect(encoded.length).toBeLessThanOrEqual(MAX_LINK_FRAME)
    expect(decodeFrame(encoded)).toBeDefined()
    expect(() => encodeFrame({ kind: "accept", message: new Uint8Array(MAX_MESSAGE + 1) })).toThrow(RangeError)
  })

  test("of a stranger's Hello gets a kilobyte", () => {
    expect(() => encodeFrame({ kind: "hello", message: new Uint8Array(1_025) })).toThrow(RangeError)
    expect(decodeFrame(Uint8Array.of(0x82, 1, 0xa1, 1, 0x59, 0x04, 0x01, ...new Uint8Array(1_025)))).toBeUndefined()
  })

  test("over 16 KiB is not one that a link carried, nor a small one that fragments did", () => {
    fc.assert(
      fc.property(wire.longFrame, (frame) => {
        const encoded = encodeFrame(frame)
        expect(decodeFrame(encoded)).toBeUndefined()
        expect(decodeReassembled(encoded)).toEqual(frame)
      }),
      { numRuns: 30 },
    )
    expect(decodeReassembled(encodeFrame({ kind: "sealed", ciphertext: new Uint8Array(16_000) }))).toBeUndefined()
    expect(() => encodeFrame({ kind: "sealed", ciphertext: new Uint8Array(MAX_FRAME) })).toThrow(RangeError)
  })
})

describe("a fragment", () => {
  const fragment = { kind: "fragment" as const, id: new Uint8Array(8) }
  const full = new Uint8Array(FRAGMENT_BYTES)
  test.each([
    ["alone", { index: 0, count: 1, bytes: full }],
    ["past the last", { index: 2, count: 2, bytes: full }],
    ["of more than the longest frame has", { index: 0, count: MAX_FRAGMENTS + 1, bytes: full }],
    ["of nothing", { index: 1, count: 2, bytes: new Uint8Array() }],
    ["that is short and not the last", { index: 0, count: 2, bytes: full.slice(1) }],
    ["over its size", { index: 1, count: 2, bytes: new Uint8Array(FRAGMENT_BYTES + 1) }],
  ])("%s is none", (_, fields) => {
    expect(() => encodeFrame({ ...fragment, ...fields })).toThrow(RangeError)
  })

  test("past the last is refused as it comes", () => {
    const good = encodeFrame({ ...fragment, index: 1, count: 2, bytes: full })
    const at = 3 + 10 + 1 // behind the head, the id and the key of `index`
    expect(good[at]).toBe(1)
    expect(decodeFrame(good)).toBeDefined()
    expect(decodeFrame(good.with(at, 2))).toBeUndefined()
  })
})
