/** GF(2¹⁶) and what is built on it, against a second implementation that is slow and plain. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { carrylessProduct, doublePair, inverse, MODULUS, multiply, reduce } from "../../../src/core/crypto/gf16.ts"
import { type Point, valuesAt } from "../../../src/core/crypto/polynomial.ts"

const element = fc.integer({ min: 0, max: 0xffff })

/** Long multiplication, reduced bit by bit with the modulus itself. */
const plainProduct = (a: number, b: number): number => {
  let product = 0n
  for (let bit = 0n; bit < 16n; bit++) if ((BigInt(b) >> bit) & 1n) product ^= BigInt(a) << bit
  for (let bit = 30n; bit >= 16n; bit--) if ((product >> bit) & 1n) product ^= BigInt(MODULUS) << (bit - 16n)
  return Number(product)
}

describe("the field", () => {
  it("multiplies as long multiplication does", () => {
    fc.assert(
      fc.property(element, element, (a, b) => {
        expect(multiply(a, b)).toBe(plainProduct(a, b))
        expect(multiply(b, a)).toBe(multiply(a, b))
      }),
      { numRuns: 2_000 },
    )
    expect(multiply(0xffff, 0xffff)).toBe(plainProduct(0xffff, 0xffff))
    expect(carrylessProduct(0xffff, 0xffff)).toBeGreaterThan(0)
  })

  it("reduces a sum of products as the sum of what they reduce to", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(element, element), { maxLength: 40 }), (pairs) => {
        const sum = pairs.reduce((total, [a, b]) => total ^ carrylessProduct(a, b), 0)
        expect(reduce(sum)).toBe(pairs.reduce((total, [a, b]) => total ^ multiply(a, b), 0))
      }),
    )
  })

  it("doubles two elements at once as it multiplies each by x", () => {
    fc.assert(
      fc.property(element, element, (high, low) => {
        expect(doublePair((high << 16) | low) >>> 0).toBe(((multiply(high, 2) << 16) | multiply(low, 2)) >>> 0)
      }),
      { numRuns: 1_000 },
    )
  })

  it("distributes, and divides by all but zero", () => {
    fc.assert(
      fc.property(element, element, element, (a, b, c) => {
        expect(multiply(a, b ^ c)).toBe(multiply(a, b) ^ multiply(a, c))
        expect(multiply(multiply(a, b), c)).toBe(multiply(a, multiply(b, c)))
        if (a !== 0) expect(multiply(a, inverse(a))).toBe(1)
      }),
      { numRuns: 500 },
    )
    expect(inverse(0)).toBe(0)
    // Every element but zero has one inverse, so the modulus is irreducible.
    for (let a = 1; a < 0x1_0000; a += 37) expect(multiply(a, inverse(a))).toBe(1)
  })
})

describe("polynomials by their values", () => {
  /** Horner's rule, over coefficients of its own. */
  const evaluate = (coefficients: ReadonlyArray<Uint16Array>, x: number): Uint8Array => {
    const value = new Uint8Array(32)
    for (let word = 0; word < 16; word++) {
      let sum = 0
      for (const coefficient of coefficients.toReversed()) sum = plainProduct(sum, x) ^ coefficient[word]!
      value.set([sum >>> 8, sum & 0xff], 2 * word)
    }
    return value
  }
  const coefficients = fc.array(fc.uint16Array({ minLength: 16, maxLength: 16 }), { minLength: 1, maxLength: 12 })

  it("are what their coefficients say, through any points and at any place", () => {
    fc.assert(
      fc.property(coefficients, fc.uniqueArray(element, { minLength: 16, maxLength: 16 }), (polynomial, places) => {
        const [known, asked] = [places.slice(0, polynomial.length), places.slice(-4)]
        const points = known.map((x): Point => ({ x, value: evaluate(polynomial, x) }))
        expect(valuesAt(points, asked)).toEqual(asked.map((x) => evaluate(polynomial, x)))
      }),
      { numRuns: 30 },
    )
  })

  it("have at a known point the value that is known, as a copy", () => {
    const value = new Uint8Array(32).fill(7)
    const [again] = valuesAt([{ x: 5, value }], [5])
    expect(again).toEqual(value)
    again!.fill(0)
    expect(value[0]).toBe(7)
    // One point: the same value everywhere.
    expect(valuesAt([{ x: 5, value }], [0xffff])[0]).toEqual(value)
  })
})
