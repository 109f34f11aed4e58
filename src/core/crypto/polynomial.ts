/**
 * Polynomials over GF(2¹⁶) by their values: what a polynomial through some points is worth at another. Docs: protocol.md,
 * "Signal layer"; the ML-KEM Braid specification, §1.3. Sixteen polynomials are looked at side by side, one a word of a
 * chunk of 32 bytes, as they share their points.
 */
import { carrylessProduct, inverse, multiply, reduce } from "./gf16.ts"

/** Words of 16 bits, big-endian, in a point's value. */
const WORDS = 16
export const VALUE_BYTES = 2 * WORDS

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
  const words = points.map(({ value }) => wordsOf(value))
  return places.map((place) => {
    const known = points.find(({ x }) => x === place)
    return known === undefined ? combine(coefficientsAt(xs, weights, place), words) : known.value.slice()
  })
}

/**
 * The polynomials through the points 0, 1, 2, …, to be asked for one value after the other: what does not depend on the place is
 * computed once.
 */
export const throughValues = (values: ReadonlyArray<Uint8Array>): ((place: number) => Uint8Array) => {
  const xs = values.map((_, x) => x)
  const words = values.map(wordsOf)
  const weights = weightsOf(xs)
  return (place) => values[place]?.slice() ?? combine(coefficientsAt(xs, weights, place), words)
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

const combine = (coefficients: ReadonlyArray<number>, words: ReadonlyArray<Uint16Array>): Uint8Array => {
  const value = new Uint8Array(VALUE_BYTES)
  for (let word = 0; word < WORDS; word++) {
    let sum = 0
    for (let i = 0; i < coefficients.length; i++) sum ^= carrylessProduct(coefficients[i]!, words[i]![word]!)
    const residue = reduce(sum)
    value[2 * word] = residue >>> 8
    value[2 * word + 1] = residue
  }
  return value
}

const wordsOf = (value: Uint8Array): Uint16Array => {
  const words = new Uint16Array(WORDS)
  for (let word = 0; word < WORDS; word++) words[word] = (value[2 * word]! << 8) | value[2 * word + 1]!
  return words
}
