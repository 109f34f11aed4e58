/** Every shape: one encoding for each value, and nothing else is read. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { bool, bytes, choice, codec, fixed, type Shape, text, uint } from "../../../src/core/codec/codec.ts"
import { list, optional, pairs, struct, union } from "../../../src/core/codec/composite.ts"
import { bytesUpTo, textUpTo } from "../../../src/spec/arbitraries/wire.ts"

const MAX = 100_000
const _hex = (encoded: Uint8Array) => Buffer.from(encoded).toString("hex")
const unhex = (digits: string) => new Uint8Array(Buffer.from(digits, "hex"))
/** For tables of shapes of several values. */
const loose = <A>(shape: Shape<A>): Shape<unknown> => shape as Shape<unknown>
const _decode = <A>(shape: Shape<A>, digits: string) => codec(shape, MAX).decode(unhex(digits))

/** A shape with a value of it. */
interface Case {
  readonly shape: Shape<unknown>
  readonly value: unknown
}
const boxed = <A>(shape: Shape<A>, values: fc.Arbitrary<A>): fc.Arbitrary<Case> =>
  values.map((value) => ({ shape: loose(shape), value }))

const scalar: fc.Arbitrary<Case> = fc.oneof(
  boxed(uint(), fc.oneof(fc.nat({ max: 70_000 }), fc.maxSafeNat())),
  boxed(bool, fc.boolean()),
  boxed(bytes(300), bytesUpTo(300)),
  boxed(fixed(4), fc.uint8Array({ minLength: 4, maxLength: 4 })),
  boxed(text(80), textUpTo(80)),
  boxed(choice({ one: 1, two: 300 }), fc.constantFrom("one", "two")),
)

const { tree } = fc.letrec<{ tree: Case }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc.tuple(tie("tree"), fc.nat({ max: 3 })).map(([{ shape, value }, n]) => ({
      shape: loose(list(shape, 3)),
      value: new Array(n).fill(value),
    })),
    fc.tuple(tie("tree"), tie("tree"), fc.boolean()).map(([a, b, there]) => ({
      shape: loose(struct({ a: [7, a.shape], b: [200, optional(b.shape)] })),
      value: { a: a.value, ...(there && { b: b.value }) },
    })),
    fc.tuple(tie("tree"), fc.boolean()).map(([{ shape, value }, first]) => ({
      shape: loose(union("kind", { first: [1, struct({ v: [1, shape] })], second: [2, struct({})] })),
      value: first ? { kind: "first", v: value } : { kind: "second" },
    })),
    fc
      .tuple(tie("tree"), fc.uniqueArray(fc.nat({ max: 70_000 }), { maxLength: 3 }))
      .map(([{ shape, value }, keys]) => ({
        shape: loose(pairs(uint(), shape, 3)),
        value: keys.sort((x, y) => x - y).map((key) => [key, value]),
      })),
  ),
}))

describe("every shape", () => {
  test("decodes to what was encoded", () => {
    fc.assert(
      fc.property(tree, ({ shape, value }) => {
        const sut = codec(shape, MAX)
        expect(sut.decode(sut.encode(value))).toEqual(value)
      }),
      { numRuns: 2_000 },
    )
  })

  test("accepts one encoding of a value only: accepted bytes re-encode to themselves", () => {
    const damage = fc.array(fc.tuple(fc.nat({ max: 400 }), fc.nat({ max: 3 }), fc.uint8Array({ maxLength: 3 })), {
      minLength: 1,
      maxLength: 3,
    })
    fc.assert(
      fc.property(tree, damage, ({ shape, value }, edits) => {
        const sut = codec(shape, MAX)
        let damaged = [...sut.encode(value)]
        for (const [at, remove, insert] of edits)
          damaged = damaged.toSpliced(at % (damaged.length + 1), remove, ...insert)
        const accepted = sut.decode(Uint8Array.from(damaged))
        if (accepted !== undefined) expect([...sut.encode(accepted)]).toEqual(damaged)
      }),
      { numRuns: 5_000 },
    )
  })

  test("refuses every truncation and every extension", () => {
    fc.assert(
      fc.property(tree, fc.nat({ max: 255 }), ({ shape, value }, more) => {
        const sut = codec(shape, MAX)
        const encoded = sut.encode(value)
        for (let length = 0; length < Math.min(encoded.length, 200); length++)
          expect(sut.decode(encoded.slice(0, length))).toBeUndefined()
        expect(sut.decode(Uint8Array.of(...encoded, more))).toBeUndefined()
      }),
      { numRuns: 500 },
    )
  })

  test("keeps nothing of its input, takes a view as a view, and gives plain arrays whatever it is given", () => {
    fc.assert(
      fc.property(tree, ({ shape, value }) => {
        const sut = codec(shape, MAX)
        const encoded = sut.encode(value)
        const around = Buffer.concat([Buffer.of(1, 2, 3), encoded, Buffer.of(4, 5)])
        const view = around.subarray(3, 3 + encoded.length)
        const decoded = sut.decode(view)
        around.fill(0)
        expect(decoded).toStrictEqual(value) // a Buffer is not strictly equal to a Uint8Array
      }),
      { numRuns: 500 },
    )
  })
})
