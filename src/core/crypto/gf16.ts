/**
 * The field GF(2¹⁶) modulo x¹⁶ + x¹² + x³ + x + 1, in which the braid's chunks are computed. Docs: protocol.md, "Signal layer";
 * the ML-KEM Braid specification, §1.3. Carry-less multiplication: no tables to fill, and no memory read at a place that data
 * chooses.
 */

/** The modulus that Signal's wire fixes, 0x1100B. */
export const MODULUS = 0x1_100b

export const BITS = 16

/** The product as polynomials over GF(2), 31 bits and not reduced. */
export const carrylessProduct = (a: number, b: number): number => {
  let product = 0
  for (let bit = 0; bit < BITS; bit++) product ^= (a << bit) & -((b >>> bit) & 1)
  return product
}

/**
 * The residue of a polynomial of at most 31 bits. Whatever is past bit 15 is folded down by x¹⁶ = x¹² + x³ + x + 1; each fold
 * shortens it by four bits, so four of them do.
 */
export const reduce = (product: number): number => {
  let residue = product
  for (let fold = 0; fold < 4; fold++) {
    const past = residue >>> BITS
    residue = (residue & 0xffff) ^ past ^ (past << 1) ^ (past << 3) ^ (past << 12)
  }
  return residue
}

export const multiply = (a: number, b: number): number => reduce(carrylessProduct(a, b))

/** Two elements, in the upper and the lower half of 32 bits, each times x. */
export const doublePair = (pair: number): number =>
  ((pair & 0x7fff_7fff) << 1) ^ Math.imul((pair >>> (BITS - 1)) & 0x0001_0001, MODULUS & 0xffff)

/** a⁻¹ = a^(2¹⁶ − 2), the product of a², a⁴, a⁸ … a^(2¹⁵). Zero has none; the result for it is zero. */
export const inverse = (a: number): number => {
  let square = a
  let result = 1
  for (let i = 1; i < BITS; i++) {
    square = multiply(square, square)
    result = multiply(result, square)
  }
  return result
}
