/** Encapsulation in two parts, against the ordinary one of the library, bit for bit, and against NIST's vectors. */
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { concat } from "../../../src/core/crypto/bytes.ts"
import {
  belongs,
  encapsulateFirst,
  encapsulateSecond,
  FIRST_CIPHERTEXT_BYTES,
  SECOND_CIPHERTEXT_BYTES,
  splitKey,
} from "../../../src/core/crypto/ml-kem-incremental.ts"
import { bytes, hex, judge, load, overVectors } from "../../vectors/vectors.ts"
import { noble as crypto } from "./suppliers.ts"

const RUNS = 60 * Number(process.env["FUZZ"] ?? 1)

const arrayOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })

/** The whole ciphertext and the secret, by parts. */
const encapsulate = (publicKey: Uint8Array, randomness: Uint8Array) => {
  const { header, vector } = splitKey(crypto, publicKey)
  const first = encapsulateFirst(crypto, header, randomness)
  expect(first.ciphertext.length).toBe(FIRST_CIPHERTEXT_BYTES)
  const second = encapsulateSecond(crypto, header, vector, randomness)
  expect(second.length).toBe(SECOND_CIPHERTEXT_BYTES)
  return { ciphertext: concat(first.ciphertext, second), sharedSecret: first.sharedSecret }
}

describe("encapsulation in two parts", () => {
  it("is the ordinary one, bit for bit", () => {
    fc.assert(
      fc.property(arrayOf(64), arrayOf(32), (seed, randomness) => {
        const { publicKey } = ml_kem768.keygen(seed.slice())
        const whole = ml_kem768.encapsulate(publicKey, randomness.slice())
        const parts = encapsulate(publicKey, randomness)
        expect(hex(parts.ciphertext)).toBe(hex(whole.cipherText))
        expect(hex(parts.sharedSecret)).toBe(hex(whole.sharedSecret))
      }),
      { numRuns: RUNS },
    )
  })

  it("decapsulates to the same secret", () => {
    const seed = new Uint8Array(64).fill(9)
    const publicKey = Effect.runSync(crypto.mlKem768.publicKey(seed))
    const { ciphertext, sharedSecret } = encapsulate(publicKey, new Uint8Array(32).fill(3))
    expect(hex(Effect.runSync(crypto.mlKem768.decapsulate(seed, ciphertext)))).toBe(hex(sharedSecret))
  })

  it("leaves what it was given as it was", () => {
    const { publicKey } = ml_kem768.keygen(new Uint8Array(64).fill(1))
    const { header, vector } = splitKey(crypto, publicKey)
    const randomness = new Uint8Array(32).fill(2)
    const before = [header, vector, randomness].map(hex)
    encapsulateFirst(crypto, header, randomness)
    encapsulateSecond(crypto, header, vector, randomness)
    expect([header, vector, randomness].map(hex)).toEqual(before)
  })

  it("takes headers and randomness of their lengths only", () => {
    const { header } = splitKey(crypto, ml_kem768.keygen(new Uint8Array(64)).publicKey)
    expect(() => encapsulateFirst(crypto, header.slice(1), new Uint8Array(32))).toThrow(RangeError)
    expect(() => encapsulateFirst(crypto, header, new Uint8Array(31))).toThrow(RangeError)
  })
})

describe("a vector belongs to its header", () => {
  const { publicKey } = ml_kem768.keygen(new Uint8Array(64).fill(4))
  const { header, vector } = splitKey(crypto, publicKey)

  it("and to no other, nor does another vector", () => {
    expect(belongs(crypto, header, vector)).toBe(true)
    const other = splitKey(crypto, ml_kem768.keygen(new Uint8Array(64).fill(5)).publicKey)
    expect(belongs(crypto, header, other.vector)).toBe(false)
    expect(belongs(crypto, other.header, vector)).toBe(false)
    for (const at of [0, 600, 1_151]) expect(belongs(crypto, header, vector.with(at, vector[at]! ^ 1))).toBe(false)
    for (const at of [0, 31, 32, 63]) expect(belongs(crypto, header.with(at, header[at]! ^ 1), vector)).toBe(false)
    expect(belongs(crypto, header.slice(1), vector)).toBe(false)
    expect(belongs(crypto, header, vector.slice(1))).toBe(false)
  })

  it("unless its coefficients are not reduced, whatever the hash says", () => {
    const unreduced = new Uint8Array(1_184).fill(0xff)
    const lie = splitKey(crypto, unreduced)
    expect(belongs(crypto, lie.header, lie.vector)).toBe(false)
  })
})

interface Case {
  readonly tcId: number
  readonly ek: string
  readonly m: string
  readonly c: string
  readonly k: string
}

overVectors("acvp", "mlkem-acvp/", () => {
  it("encapsulation in two parts", () => {
    const { testGroups } = load<{
      readonly testGroups: ReadonlyArray<{
        readonly parameterSet: string
        readonly function?: string
        readonly tests: ReadonlyArray<Case>
      }>
    }>("mlkem-acvp/encap-decap.json")
    const cases = testGroups
      .filter(({ function: operation, parameterSet }) => parameterSet === "ML-KEM-768" && operation === "encapsulation")
      .flatMap(({ tests }) => tests)
    return judge(cases, ({ c, ek, k, m }) => {
      const { ciphertext, sharedSecret } = encapsulate(bytes(ek), bytes(m))
      return hex(ciphertext).toUpperCase() === c && hex(sharedSecret).toUpperCase() === k
    })
  })
})

overVectors("wycheproof", "wycheproof/mlkem_768_encaps_test.json", () => {
  it("encapsulation in two parts, and keys that are none", () => {
    interface Encaps {
      readonly tcId: number
      readonly ek: string
      readonly m: string
      readonly c: string
      readonly K: string
      readonly result: "valid" | "invalid"
    }
    const { testGroups } = load<{ readonly testGroups: ReadonlyArray<{ readonly tests: ReadonlyArray<Encaps> }> }>(
      "wycheproof/mlkem_768_encaps_test.json",
    )
    return judge(
      testGroups.flatMap(({ tests }) => tests),
      ({ c, ek, K, m, result }) => {
        const { header, vector } = splitKey(crypto, bytes(ek))
        if (!belongs(crypto, header, vector)) return result === "invalid"
        const { ciphertext, sharedSecret } = encapsulate(bytes(ek), bytes(m))
        return result === "valid" && hex(ciphertext) === c && hex(sharedSecret) === K
      },
    )
  })
})
