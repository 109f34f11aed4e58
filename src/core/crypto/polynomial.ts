/**
 * Polynomials over GF(2¹⁶) by their values: what a polynomial through some points is worth at another. Docs: protocol.md,
 * "Signal layer"; the ML-KEM Braid specification, §1.3. Sixteen polynomials are looked at side by side, one a word of a
 * chunk of 32 bytes, as they share their points.
 */
import { BITS, doublePair, inverse, multiply } from "./gf16.ts"

/** Words of 16 bits, big-endian, in a point's value. */
const WORDS = 16
export const VALUE_BYTES = 2 * WORDS
const PAIRS = WORDS / 2

/** One point of all sixteen: `x` is below 2¹⁶, `value` has 32 bytes. */
export interface Point {
  readonly x: number
  readonly value: Uint8Array
}

/**
 * The values at each of `places` of the polynomials of degree below `points.length` through the points, whose x must differ
 * from each other. Lagrange's form: the points' weights, then one scalar product a word and place.
 */
export const valuesAt = (points: ReadonlyArray<Point>, places: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const xs = points.map(({ x }) => x)
  const weights = weightsOf(xs)
  const pairs = pairsOf(points.map(({ value }) => value))
  return places.map((place) => {
    const known = points.find(({ x }) => x === place)
    return known === undefined ? combine(coefficientsAt(xs, weights, place), pairs) : known.value.slice()
  })
}

/**
 * The polynomials through the points 0, 1, 2, …, to be asked for one value after the other: what does not depend on the place is
 * computed once.
 */
export const throughValues = (values: ReadonlyArray<Uint8Array>): ((place: number) => Uint8Array) => {
  const xs = values.map((_, x) => x)
  const pairs = pairsOf(values)
  const weights = weightsOf(xs)
  return (place) => values[place]?.slice() ?? combine(coefficientsAt(xs, weights, place), pairs)
}

/** 1 / Π (xᵢ − xⱼ) over all j but i. In characteristic 2 a difference is an exclusive or. */
const weightsOf = (xs: ReadonlyArray<number>): ReadonlyArray<number> => {
  const products = xs.map((x, i) =>
    xs.reduce((product, other, j) => (j === i ? product : multiply(product, x ^ other)), 1),
  )
  // One inversion for all of them: that of their product, times the others.
  const inverted = inverse(products.reduce(multiply, 1))
  return withoutEach(products).map((others) => multiply(others, inverted))
}

/** What each point's value counts for at `place`, which is none of the points: weight · Π (place − xⱼ) over all j but i. */
const coefficientsAt = (
  xs: ReadonlyArray<number>,
  weights: ReadonlyArray<number>,
  place: number,
): ReadonlyArray<number> => withoutEach(xs.map((x) => place ^ x)).map((others, i) => multiply(others, weights[i]!))

/** For each factor the product of all the others, from the products before and behind it. */
const withoutEach = (factors: ReadonlyArray<number>): ReadonlyArray<number> => {
  const products: Array<number> = []
  let before = 1
  for (const factor of factors) {
    products.push(before)
    before = multiply(before, factor)
  }
  let behind = 1
  for (let i = factors.length - 1; i >= 0; i--) {
    products[i] = multiply(products[i]!, behind)
    behind = multiply(behind, factors[i]!)
  }
  return products
}

/**
 * Σ coefficientᵢ · valueᵢ, two words of the values at a time, by the bits of the coefficients from the highest down: what was summed
 * is doubled, and the values whose coefficient has the bit are added.
 */
const combine = (coefficients: ReadonlyArray<number>, pairs: Uint32Array): Uint8Array => {
  const count = coefficients.length
  // All ones where coefficient i has the bit: no branch asks for it.
  const masks = new Int32Array(BITS * count)
  for (let bit = 0; bit < BITS; bit++)
    for (let i = 0; i < count; i++) masks[bit * count + i] = -((coefficients[i]! >>> bit) & 1)
  const value = new Uint8Array(VALUE_BYTES)
  const view = new DataView(value.buffer)
  for (let pair = 0; pair < PAIRS; pair++) {
    let sum = 0
    for (let bit = BITS - 1; bit >= 0; bit--) {
      sum = doublePair(sum)
      for (let i = 0, mask = bit * count; i < count; i++) sum ^= pairs[i * PAIRS + pair]! & masks[mask + i]!
    }
    view.setInt32(4 * pair, sum)
  }
  return value
}

/** The words of all values, two in a number. */
const pairsOf = (values: ReadonlyArray<Uint8Array>): Uint32Array => {
  const pairs = new Uint32Array(PAIRS * values.length)
  for (const [i, { buffer, byteOffset }] of values.entries()) {
    const view = new DataView(buffer, byteOffset, VALUE_BYTES)
    for (let pair = 0; pair < PAIRS; pair++) pairs[i * PAIRS + pair] = view.getUint32(4 * pair)
  }
  return pairs
}
