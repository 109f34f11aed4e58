/**
 * ML-KEM-768 encapsulation in two parts: the larger part of the ciphertext needs only the seed of the public key's matrix and
 * the hash of the whole, so that it can travel while the key still comes. Together the parts are FIPS 203's ciphertext, bit for
 * bit. Docs: protocol.md, "Signal layer"; the ML-KEM Braid specification, §1.2; FIPS 203, whose algorithms are numbered here.
 *
 * Key generation and decapsulation are the ordinary ones of the Crypto port. Arithmetic on secrets has no branches and no
 * lookups that depend on them; JavaScript promises no more than that (threat-model.md).
 */
import { shake128 } from "@noble/hashes/sha3.js"
import { concat, equal } from "./bytes.ts"
import type { CryptoService } from "./crypto.ts"
import { isReducedMlKemKey } from "./ml-kem-key.ts"

/** FIPS 203 §8, ML-KEM-768. */
const K = 3
const N = 256
const Q = 3_329
const DU = 10
const DV = 4
/** Draws 2·ETA bits a coefficient, for secrets and errors alike. */
const ETA = 2

const SEED_BYTES = 32
/** The seed of the matrix, and the hash of the whole key. */
export const HEADER_BYTES = 64
/** The key without its seed. */
export const VECTOR_BYTES = 1_152
export const FIRST_CIPHERTEXT_BYTES = 960
export const SECOND_CIPHERTEXT_BYTES = 128
/** What an encapsulation draws, FIPS 203's m. */
export const RANDOMNESS_BYTES = 32

/** A FIPS 203 encapsulation key (1184 bytes, vector ‖ seed) as the two messages that announce it. */
export const splitKey = (
  crypto: CryptoService,
  publicKey: Uint8Array,
): { readonly header: Uint8Array; readonly vector: Uint8Array } => ({
  header: concat(publicKey.slice(VECTOR_BYTES), crypto.sha3_256(publicKey)),
  vector: publicKey.slice(0, VECTOR_BYTES),
})

/** Whether the vector belongs to the header, and is a key at all (FIPS 203 §7.2). */
export const belongs = (crypto: CryptoService, header: Uint8Array, vector: Uint8Array): boolean => {
  if (header.length !== HEADER_BYTES || vector.length !== VECTOR_BYTES) return false
  const publicKey = concat(vector, header.slice(0, SEED_BYTES))
  return equal(crypto.sha3_256(publicKey), header.slice(SEED_BYTES)) && isReducedMlKemKey(publicKey)
}

/** The first 960 bytes of the ciphertext and the shared secret, from the 64-byte header and 32 bytes fresh from the generator. */
export const encapsulateFirst = (
  crypto: CryptoService,
  header: Uint8Array,
  randomness: Uint8Array,
): { readonly ciphertext: Uint8Array; readonly sharedSecret: Uint8Array } => {
  if (crypto.mlKem768.incremental !== undefined) return crypto.mlKem768.incremental.first(header, randomness)
  const { coins, sharedSecret } = expand(crypto, header, randomness)
  const secrets = secretsOf(crypto, coins)
  const seed = header.slice(0, SEED_BYTES)
  const rows = Array.from({ length: K }, (_, row) => {
    const sum = new Int32Array(N)
    for (let column = 0; column < K; column++) addProduct(sum, sampleNtt(seed, row, column), secrets[column]!)
    const u = inverseNtt(sum)
    addTo(u, sampleError(crypto, coins, K + row))
    return pack(u, DU)
  })
  return { ciphertext: concat(...rows), sharedSecret }
}

/** The last 128 bytes, for a vector that `belongs` to the header, under the randomness of the first part. */
export const encapsulateSecond = (
  crypto: CryptoService,
  header: Uint8Array,
  vector: Uint8Array,
  randomness: Uint8Array,
): Uint8Array => {
  if (crypto.mlKem768.incremental !== undefined) return crypto.mlKem768.incremental.second(header, vector, randomness)
  const { coins } = expand(crypto, header, randomness)
  const secrets = secretsOf(crypto, coins)
  const sum = new Int32Array(N)
  for (let row = 0; row < K; row++) addProduct(sum, unpackNtt(vector, row), secrets[row]!)
  const v = inverseNtt(sum)
  addTo(v, sampleError(crypto, coins, 2 * K))
  addTo(v, messagePolynomial(randomness))
  return pack(v, DV)
}

/** Algorithm 17: (K, r) = G(m ‖ H(ek)). */
const expand = (crypto: CryptoService, header: Uint8Array, randomness: Uint8Array) => {
  if (header.length !== HEADER_BYTES) throw new RangeError(`a header has ${HEADER_BYTES} bytes`)
  if (randomness.length !== RANDOMNESS_BYTES) throw new RangeError(`an encapsulation draws ${RANDOMNESS_BYTES} bytes`)
  const derived = crypto.sha3_512(concat(randomness, header.slice(SEED_BYTES)))
  return { sharedSecret: derived.slice(0, 32), coins: derived.slice(32) }
}

/** Coefficients 0 … q−1. Those in the NTT domain are pairs, modulo 128 quadratic polynomials (§4.3). */
type Polynomial = Int32Array

/** Algorithm 14, the first part: the vector that the sender keeps to itself, transformed. */
const secretsOf = (crypto: CryptoService, coins: Uint8Array): ReadonlyArray<Polynomial> =>
  Array.from({ length: K }, (_, i) => ntt(sampleError(crypto, coins, i)))

/** ζ = 17 to the powers of bit-reversed indices (Appendix A). */
const bitReversed = (i: number): number => {
  let reversed = 0
  for (let bit = 0; bit < 7; bit++) reversed |= ((i >>> bit) & 1) << (6 - bit)
  return reversed
}
const power = (exponent: number): number => {
  let result = 1
  for (let i = 0; i < exponent; i++) result = (result * 17) % Q
  return result
}
const ZETAS = Int32Array.from({ length: 128 }, (_, i) => power(bitReversed(i)))
const GAMMAS = Int32Array.from({ length: 128 }, (_, i) => power(2 * bitReversed(i) + 1))

/** 128⁻¹ modulo q. */
const SCALE = 3_303

/** Algorithm 9. */
const ntt = (polynomial: Polynomial): Polynomial => {
  const f = polynomial.slice()
  let i = 1
  for (let length = 128; length >= 2; length >>= 1) {
    for (let start = 0; start < N; start += 2 * length) {
      const zeta = ZETAS[i++]!
      for (let j = start; j < start + length; j++) {
        const t = (zeta * f[j + length]!) % Q
        f[j + length] = (f[j]! - t + Q) % Q
        f[j] = (f[j]! + t) % Q
      }
    }
  }
  return f
}

/** Algorithm 10. */
const inverseNtt = (polynomial: Polynomial): Polynomial => {
  const f = polynomial.slice()
  let i = 127
  for (let length = 2; length <= 128; length <<= 1) {
    for (let start = 0; start < N; start += 2 * length) {
      const zeta = ZETAS[i--]!
      for (let j = start; j < start + length; j++) {
        const t = f[j]!
        f[j] = (t + f[j + length]!) % Q
        f[j + length] = (zeta * (f[j + length]! - t + Q)) % Q
      }
    }
  }
  return f.map((coefficient) => (coefficient * SCALE) % Q)
}

/** Algorithms 11 and 12, added to `sum`. */
const addProduct = (sum: Polynomial, f: Polynomial, g: Polynomial): void => {
  for (let i = 0; i < N / 2; i++) {
    const [a0, a1, b0, b1] = [f[2 * i]!, f[2 * i + 1]!, g[2 * i]!, g[2 * i + 1]!]
    sum[2 * i] = (sum[2 * i]! + a0 * b0 + ((a1 * b1) % Q) * GAMMAS[i]!) % Q
    sum[2 * i + 1] = (sum[2 * i + 1]! + a0 * b1 + a1 * b0) % Q
  }
}

const addTo = (sum: Polynomial, f: Polynomial): void => {
  for (let i = 0; i < N; i++) sum[i] = (sum[i]! + f[i]!) % Q
}

/** In bytes, a multiple of the three that are used at a time. */
const SHAKE128_RATE = 168

/** Algorithm 7, an element of the transposed matrix. Its seed is public, and so is how often it draws. */
const sampleNtt = (seed: Uint8Array, row: number, column: number): Polynomial => {
  const stream = shake128.create({}).update(concat(seed, Uint8Array.of(row, column)))
  const f = new Int32Array(N)
  let filled = 0
  while (filled < N) {
    const block = stream.xof(SHAKE128_RATE)
    for (let i = 0; i < block.length && filled < N; i += 3) {
      const first = block[i]! | ((block[i + 1]! & 15) << 8)
      const second = (block[i + 1]! >>> 4) | (block[i + 2]! << 4)
      if (first < Q) f[filled++] = first
      if (second < Q && filled < N) f[filled++] = second
    }
  }
  return f
}

/** Algorithm 8 over PRF(coins, number): the difference of two sums of ETA bits, for each coefficient. */
const sampleError = (crypto: CryptoService, coins: Uint8Array, number: number): Polynomial => {
  const stream = crypto.shake256(concat(coins, Uint8Array.of(number)), (2 * ETA * N) / 8)
  const f = new Int32Array(N)
  for (let i = 0; i < N; i++) {
    const bits = (stream[i >>> 1]! >>> (4 * (i & 1))) & 15
    f[i] = ((bits & 1) + ((bits >>> 1) & 1) - ((bits >>> 2) & 1) - (bits >>> 3) + Q) % Q
  }
  return f
}

/** Decompress₁: a bit that is set becomes (q + 1) / 2. */
const messagePolynomial = (message: Uint8Array): Polynomial =>
  Int32Array.from({ length: N }, (_, i) => ((message[i >>> 3]! >>> (i & 7)) & 1) * ((Q + 1) / 2))

/** Compress to `bits` (§4.2.1, rounding to the nearest) and ByteEncode (Algorithm 5). */
const pack = (polynomial: Polynomial, bits: number): Uint8Array => {
  const packed = new Uint8Array((N * bits) / 8)
  let pending = 0
  let held = 0
  let at = 0
  for (const coefficient of polynomial) {
    const compressed = Math.floor((coefficient * 2 ** bits + (Q - 1) / 2) / Q) & (2 ** bits - 1)
    pending |= compressed << held
    for (held += bits; held >= 8; held -= 8) {
      packed[at++] = pending
      pending >>>= 8
    }
  }
  return packed
}

/** ByteDecode₁₂ (Algorithm 6) of one polynomial of an encapsulation key. */
const unpackNtt = (vector: Uint8Array, row: number): Polynomial => {
  const f = new Int32Array(N)
  const start = row * ((N * 12) / 8)
  for (let i = 0; i < N; i += 2) {
    const at = start + (i / 2) * 3
    f[i] = vector[at]! | ((vector[at + 1]! & 15) << 8)
    f[i + 1] = (vector[at + 1]! >>> 4) | (vector[at + 2]! << 4)
  }
  return f
}
