/** What an attacker makes of bytes. `FUZZ=20` tries twenty times as many. */
import fc from "fast-check"
import { expect } from "vitest"
import { bytesEqual, handshake } from "./fixture.ts"

export const FUZZ = Number(process.env["FUZZ"] ?? 1)

export const { offer, pair, welcome } = await handshake()

/** What an attacker makes of valid bytes: other bytes of the same kind. */
export const mutated = (valid: Uint8Array): fc.Arbitrary<Uint8Array> => {
  const at = fc.nat(valid.length - 1)
  const change = fc.oneof(
    fc.tuple(at, fc.nat(7)).map(
      ([i, bit]) =>
        (bytes: Uint8Array) =>
          bytes.map((b, j) => (j === i ? b ^ (1 << bit) : b)),
    ),
    fc.tuple(at, fc.constantFrom(0, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xff)).map(
      ([i, value]) =>
        (bytes: Uint8Array) =>
          bytes.map((b, j) => (j === i ? value : b)),
    ),
    at.map((length) => (bytes: Uint8Array) => bytes.slice(0, length)),
    fc.tuple(at, fc.uint8Array({ minLength: 1, maxLength: 64 })).map(
      ([i, more]) =>
        (bytes: Uint8Array) =>
          Uint8Array.of(...bytes.slice(0, i), ...more, ...bytes.slice(i)),
    ),
    fc.tuple(at, fc.integer({ min: 1, max: 64 })).map(
      ([i, length]) =>
        (bytes: Uint8Array) =>
          Uint8Array.of(...bytes.slice(0, i), ...bytes.slice(i + length)),
    ),
    // Headers and lengths are at the front.
    fc.tuple(fc.nat(80), fc.nat(255)).map(
      ([i, value]) =>
        (bytes: Uint8Array) =>
          bytes.map((b, j) => (j === i ? value : b)),
    ),
  )
  return fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map((changes) => changes.reduce((bytes, apply) => apply(bytes), valid))
    .filter((bytes) => !bytesEqual(bytes, valid))
}

export const anything = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  // With the right beginning, for each kind of MLSMessage.
  fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.uint8Array({ maxLength: 3000, size: "max" }))
    .map(([wireFormat, rest]) => Uint8Array.of(0, 1, 0, wireFormat, ...rest)),
)

export const eachRefused = (
  arbitrary: fc.Arbitrary<Uint8Array>,
  numRuns: number,
  refused: (bytes: Uint8Array) => unknown,
) =>
  fc.assert(
    fc.asyncProperty(arbitrary, async (bytes) => {
      expect(await refused(bytes)).toBe(true)
    }),
    { numRuns: numRuns * FUZZ },
  )
