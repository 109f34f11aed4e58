/** Records and lengths that are damaged, or that cannot be: no state, and never an exception. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { concat } from "../../../../src/core/crypto/bytes.ts"
import { mlsApply, mlsCommit } from "../../../../src/core/layers/mls/healing.ts"
import { mlsLayer } from "../../../../src/core/layers/mls/layer.ts"
import type { MlsState } from "../../../../src/core/layers/mls/state.ts"
import { TlsReader, vector } from "../../../../src/core/layers/mls/tls.ts"
import { heal, isRefused, open, run, seal, text } from "./fixture.ts"
import { anything, FUZZ, mutated, pair } from "./hostile.ts"

describe("a record", () => {
  it("that was damaged is no state, or one that fails closed", async () => {
    const renewed = await run(mlsCommit(pair.inviter))
    const gap = seal(seal(pair.joiner, text("lost")).state, text("came"))
    const full = open(renewed.state, gap.ciphertext)!.state
    const record = mlsLayer.encode(full)
    expect(mlsLayer.decode(record)).toEqual(full)
    const { commit: ours } = await run(mlsCommit(pair.inviter))
    // Most of a record is keys, so that a flipped bit is mostly another state.
    const flipped = fc
      .tuple(fc.nat(record.length - 1), fc.nat(7))
      .map(([at, bit]) => record.map((byte, i) => (i === at ? byte ^ (1 << bit) : byte)))
    const seen = { none: 0, some: 0 }
    await fc.assert(
      fc.asyncProperty(fc.oneof(flipped, mutated(record), anything), async (bytes) => {
        const state = mlsLayer.decode(bytes)
        seen[state === undefined ? "none" : "some"] += 1
        if (state === undefined) return
        expect(mlsLayer.encode(state)).toEqual(bytes)
        mlsLayer.view(state)
        mlsLayer.expire(state, Date.UTC(2040, 0, 1))
        // Whatever the damage, these end in a value or the one refusal.
        open(state, gap.ciphertext)
        seal(state, text("anything"))
        await isRefused(mlsApply(state, ours))
        await isRefused(mlsCommit(state))
      }),
      { numRuns: 500 * FUZZ },
    )
    expect(Math.min(seen.none, seen.some)).toBeGreaterThan(30)
  })
})

describe("a record of a state that cannot be", () => {
  it("is no state", async () => {
    const pending = (await run(mlsCommit(pair.inviter))).state
    const late = seal(seal(seal(pair.joiner, text("")).state, text("")).state, text("came"))
    const gapped = open(pending, late.ciphertext)!.state
    const healed = await heal({ inviter: open(pair.inviter, late.ciphertext)!.state, joiner: late.state })
    const { current, groupId, signatureSeed } = gapped

    /** The record with one byte changed, `offset` after where these bytes are the `nth` time. */
    const patched = (state: MlsState, at: Uint8Array, offset: number, value: number, nth = 0) => {
      const record = mlsLayer.encode(state)
      const starts = Array.from(record.keys()).filter((i) => at.every((byte, j) => record[i + j] === byte))
      const index = starts[nth]! + offset
      expect(record[index]).not.toBe(value)
      return mlsLayer.decode(record.map((byte, i) => (i === index ? value : byte)))
    }
    const head = Uint8Array.of(0xaa, 1, 1, 2)
    const skipped = Uint8Array.of(0xa4, 1) // {1: generation, …
    const context = current.context
    const cases = [
      patched(gapped, head, 2, 0), // a commit out of the other's turn
      patched(gapped, head, 2, 2), // a third leaf
      patched(gapped, skipped, 2, 3, 1), // a key skipped that is still to come
      patched(gapped, skipped, 2, 1), // one skipped twice
      patched(gapped, context, 3, 1), // another suite
      patched(gapped, context, 5, groupId[0]! ^ 1), // another group
      patched(gapped, context, 4 + 33 + 7, 2), // another epoch
      patched(healed.inviter, context, 4 + 33 + 7, 2), // in one that was left, too
      patched(gapped, concat(Uint8Array.of(0x58, 0x20), signatureSeed), 1, 0x1f), // a shorter key
    ]
    expect(cases).toEqual(cases.map(() => undefined))
    expect(() => mlsLayer.encode({ ...gapped, leaf: 0 })).toThrow(RangeError)
    expect(() => mlsLayer.encode({ ...gapped, past: [{ ...gapped.current, at: 0 }] })).toThrow(RangeError)
    expect(() => mlsLayer.encode({ ...gapped, epochStart: 2 })).toThrow(RangeError)
  })
})

describe("a vector", () => {
  it("has one encoding", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20_000, size: "max" }), (value) => {
        const reader = new TlsReader(vector(value))
        expect(reader.vector(20_000)).toEqual(value)
        expect(reader.done).toBe(true)
      }),
    )
    const long = [
      Uint8Array.of(0x40, 1, 9), // 2 bytes for what fits 1
      Uint8Array.of(0x80, 0, 0, 1, 9), // 4 for 1
      Uint8Array.of(0x80, 0, 0x3f, 0xff, ...new Uint8Array(2 ** 14 - 1)), // 4 for 2
      Uint8Array.of(0xc0, 0, 0, 0, 0, 0, 0, 1, 9), // no such header
      Uint8Array.of(0xbf, 0xff, 0xff, 0xff),
      Uint8Array.of(2, 9),
      new Uint8Array(),
    ]
    for (const bytes of long) {
      const reader = new TlsReader(bytes)
      expect(reader.vector(2 ** 30)).toBeUndefined()
      expect(reader.done).toBe(false)
    }
    expect(new TlsReader(Uint8Array.of(2, 9, 9)).vector(1)).toBeUndefined()
  })
})
