/** What a vault leaves on a disk, to the last byte: sealed as it is, opened, and damaged. */
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { associatedWith, boxOf, type Name } from "../../src/core/vault/box.ts"
import { encodeHeader, keysOf } from "../../src/core/vault/header.ts"
import { describeHeader, describeSealed } from "../../src/spec/describe/describe.ts"
import { type Opener, type Span, tilingProblems } from "../../src/spec/describe/span.ts"
import { seededCrypto } from "../../src/spec/games/seeded.ts"

const crypto = seededCrypto(1)
const key = crypto.random(32)
const flat = (spans: ReadonlyArray<Span>): ReadonlyArray<Span> =>
  spans.flatMap((span) => [span, ...flat(span.parts ?? []), ...flat(span.opens?.spans ?? [])])

const tiles = (spans: ReadonlyArray<Span>, length: number) => {
  assert.deepStrictEqual(tilingProblems(spans, length), [])
  for (const { name, note } of flat(spans)) assert.isNotEmpty(note, name)
  return flat(spans)
}

describe("what lies on the disk", () => {
  it("is explained, a sealed record of any length, and opened for who has its key", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), fc.nat(), async (record, version) => {
        const name: Name = { kind: "record", id: "rabout", version }
        const sealed = await Effect.runPromise(boxOf(crypto, key).seal(name, record))
        assert.notInclude(
          tiles(describeSealed(sealed), sealed.length).map((span) => span.name),
          "record",
        )
        const plain = await Effect.runPromise(
          crypto.aes256Gcm.open(key, sealed.subarray(0, 12), sealed.subarray(12), associatedWith(name)),
        )
        const open: Opener = (by) => (by === "vault" ? plain : undefined)
        const found = tiles(describeSealed(sealed, open), sealed.length).find((span) => span.name === "record")
        assert.strictEqual(found?.length ?? 0, record.length)
      }),
      { numRuns: 40 },
    )
  })

  it("is explained, the header with every way to unlock", () => {
    const vault = crypto.random(16)
    const method = (kind: string) => ({
      ...{ id: crypto.random(8), kind, label: "this laptop", addedAt: 1_000 },
      ...{ params: crypto.random(20), wrapped: crypto.random(60) },
    })
    const header = { vault, generation: 3, methods: [method("passphrase"), method("passkey")] }
    const bytes = encodeHeader(crypto, keysOf(crypto, vault, key), header)
    const all = tiles(describeHeader(bytes), bytes.length)
    const values = all.map(({ value }) => value)
    for (const value of ['"passphrase"', '"passkey"', '"this laptop"', "3"]) assert.include(values, value)
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }), (at, to) => {
        const damaged = bytes.with(at, to)
        // What is no field of ours has no note.
        assert.deepStrictEqual(tilingProblems(describeHeader(damaged), damaged.length), [])
      }),
    )
  })

  it("is explained whatever it is", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        tiles(describeSealed(bytes), bytes.length)
        assert.deepStrictEqual(tilingProblems(describeHeader(bytes), bytes.length), [])
      }),
    )
  })
})
