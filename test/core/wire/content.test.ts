/** Content and padding: what stands inside the innermost layer, and how long it looks from outside. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Content, content, isNumbered, MAX_TEXT_BYTES, MAX_TIMER } from "../../../src/core/content.ts"
import { bucketOf, LARGEST_BUCKET, pad, padTo, SMALLEST_BUCKET, unpad, unpadFrom } from "../../../src/core/padding.ts"
import * as wire from "../../../src/spec/arbitraries/wire.ts"

const id = new Uint8Array(16)
const hex = (value: Content) => Buffer.from(content.encode(value)).toString("hex")

describe("content", () => {
  test("comes back as it was, through its bucket", () => {
    fc.assert(
      fc.property(wire.content, (value) => {
        const padded = pad(content.encode(value))
        expect(content.decode(unpad(padded)!)).toEqual(value)
      }),
      { numRuns: 500 },
    )
  })

  test("has every kind at its documented tag", () => {
    const ids = "00".repeat(16)
    expect(hex({ kind: "text", id, number: 1, at: 2, text: "a" })).toBe(`8201a40150${ids}02010302046161`)
    expect(hex({ kind: "acknowledgement", upTo: 1, also: [3], readUpTo: 1 })).toBe("8202a30101028103" + "0301")
    expect(hex({ kind: "typing", active: true })).toBe("8203a101f5")
    expect(hex({ kind: "profile", id, number: 1, name: "a" })).toBe(`8204a30150${ids}0201036161`)
    expect(hex({ kind: "rekey", id, number: 1, commit: id.slice(0, 1) })).toBe(`8205a30150${ids}0201034100`)
    expect(hex({ kind: "confirm", role: "inviter", mac: new Uint8Array(32) })).toBe(`8206a20101025820${ids}${ids}`)
    expect(hex({ kind: "tombstone", id, number: 1 })).toBe(`8207a20150${ids}0201`)
    const change = `0150${ids}02010350${ids}`
    const timer = { after: 1, from: "sending" } as const
    expect(hex({ kind: "text", id, number: 1, at: 2, text: "a", replyTo: id, timer })).toBe(
      `8201a60150${ids}020103020461610550${ids}06a201010202`,
    )
    expect(hex({ kind: "edit", id, number: 1, target: id, text: "a" })).toBe(`8208a4${change}046161`)
    expect(hex({ kind: "deletion", id, number: 1, target: id })).toBe(`8209a3${change}`)
    expect(hex({ kind: "reaction", id, number: 1, target: id, emoji: "👍" })).toBe(`820aa4${change}0464f09f918d`)
    expect(hex({ kind: "reaction", id, number: 1, target: id })).toBe(`820aa3${change}`)
    expect(hex({ kind: "timer", id, number: 1, at: 2, timer, own: 3, seen: 4 })).toBe(
      `820ba60150${ids}0201030204a20101020205030604`,
    )
    expect(hex({ kind: "void", id, number: 1 })).toBe(`820ca20150${ids}0201`)
  })

  test("of an unknown kind is refused", () => {
    for (const tag of [0, 13, 23]) expect(content.decode(Uint8Array.of(0x82, tag, 0xa0))).toBeUndefined()
  })

  test("of the longest text fits the largest bucket, and one byte more is none", () => {
    const text = {
      kind: "text" as const,
      id,
      number: Number.MAX_SAFE_INTEGER,
      at: 8_640_000_000_000_000,
      replyTo: id,
      timer: { after: MAX_TIMER, from: "sending" as const },
    }
    const encoded = content.encode({ ...text, text: "a".repeat(MAX_TEXT_BYTES) })
    expect(pad(encoded).length).toBe(LARGEST_BUCKET)
    expect(content.decode(encoded)).toBeDefined()
    expect(() => content.encode({ ...text, text: "a".repeat(MAX_TEXT_BYTES + 1) })).toThrow(RangeError)
    expect(() => content.encode({ ...text, text: "€".repeat(MAX_TEXT_BYTES / 3 + 1) })).toThrow(RangeError)
  })

  test.each([
    ["unsorted", [4, 3]],
    ["repeated", [3, 3]],
    ["already covered", [2]],
    ["more than 64", Array.from({ length: 65 }, (_, i) => i + 3)],
  ])("an acknowledgement with numbers that are %s is none", (_, also) => {
    expect(() => content.encode({ kind: "acknowledgement", upTo: 2, also })).toThrow(RangeError)
    if (also.length > 64) return
    const bytes = Uint8Array.of(0x82, 2, 0xa2, 1, 2, 2, 0x80 + also.length, ...also)
    expect(content.decode(bytes)).toBeUndefined()
    expect(content.decode(Uint8Array.of(0x82, 2, 0xa2, 1, 2, 2, 0x81, 3))).toBeDefined()
  })

  test("is numbered exactly if it belongs to the reliable sequence", () => {
    fc.assert(
      fc.property(wire.content, (value) => {
        expect(isNumbered(value)).toBe(!["acknowledgement", "typing", "confirm"].includes(value.kind))
      }),
    )
  })
})

describe("padding", () => {
  const content = fc.oneof(wire.bytesUpTo(3_000), fc.constantFrom(254, 255, 256, 511, 512, 131_071).chain(wire.bytesOf))

  test("gives every length a power of two from 256 to 128 KiB, the least with room for the mark", () => {
    fc.assert(
      fc.property(content, (bytes) => {
        const padded = pad(bytes)
        expect(Math.log2(padded.length) % 1).toBe(0)
        expect(padded.length).toBeGreaterThanOrEqual(SMALLEST_BUCKET)
        expect(padded.length).toBeGreaterThan(bytes.length)
        if (padded.length > SMALLEST_BUCKET) expect(padded.length / 2).toBeLessThanOrEqual(bytes.length)
        expect(unpad(padded)).toEqual(bytes)
      }),
    )
    expect(bucketOf(LARGEST_BUCKET - 1)).toBe(LARGEST_BUCKET)
    expect(bucketOf(LARGEST_BUCKET)).toBeUndefined()
    expect(() => pad(new Uint8Array(LARGEST_BUCKET))).toThrow(RangeError)
  })

  test("to a length comes off again for that length alone", () => {
    fc.assert(
      fc.property(content, fc.integer({ min: 1, max: 5_000 }), (bytes, more) => {
        const length = bytes.length + more
        const padded = padTo(bytes, length)
        expect(padded.length).toBe(length)
        expect(unpadFrom(padded, length)).toEqual(bytes)
        expect(unpadFrom(padded, length + 1)).toBeUndefined()
        expect(unpadFrom(padded.slice(0, -1), length)).toBeUndefined()
      }),
    )
    expect(() => padTo(new Uint8Array(4), 4)).toThrow(RangeError)
  })

  test("that is damaged is refused, or is what another content is padded to", () => {
    fc.assert(
      fc.property(wire.bytesUpTo(600), fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, at, by) => {
        const padded = pad(bytes)
        const damaged = padded.with(at % padded.length, padded[at % padded.length]! ^ by)
        const found = unpad(damaged)
        if (found !== undefined) expect(pad(found)).toEqual(damaged)
        if (at % padded.length > bytes.length) expect(found).toSatisfy((inner) => inner === undefined || by === 0x80)
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    ["nothing", new Uint8Array(0)],
    ["zeros", new Uint8Array(256)],
    ["no bucket", padTo(new Uint8Array(3), 300)],
    ["a bucket below the smallest", padTo(new Uint8Array(3), 128)],
    ["a larger bucket than needed", padTo(new Uint8Array(3), 512)],
    ["a bucket above the largest", padTo(new Uint8Array(LARGEST_BUCKET), 2 * LARGEST_BUCKET)],
    ["another mark", new Uint8Array(256).with(9, 0x81)],
  ])("refuses %s", (_, padded) => {
    expect(unpad(padded)).toBeUndefined()
  })

  test("gives copies", () => {
    const padded = pad(Uint8Array.of(1, 2, 3))
    const found = unpad(padded)!
    padded.fill(9)
    expect(found).toEqual(Uint8Array.of(1, 2, 3))
    expect(found.buffer.byteLength).toBe(3)
  })
})
