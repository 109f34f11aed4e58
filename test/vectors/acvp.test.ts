/** NIST's ACVP vectors for ML-KEM (FIPS 203), parameter sets 768 and 1024. Expanded secret keys go to the library beneath. */
import { ml_kem768, ml_kem1024 } from "@noble/post-quantum/ml-kem.js"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { nobleCrypto } from "../../src/core/crypto/noble.ts"
import { noble, suppliers } from "../core/crypto/suppliers.ts"
import { bytes, hex, judge, load, overVectors } from "./vectors.ts"

interface Case extends Readonly<Record<"d" | "z" | "ek" | "dk" | "c" | "k" | "m", string>> {
  readonly tcId: number
}
interface Group extends Readonly<Partial<Case>> {
  readonly parameterSet: string
  readonly function?: "encapsulation" | "decapsulation"
  readonly tests: ReadonlyArray<Case>
}

const casesOf = (path: string, bits: number, operation?: Group["function"]): ReadonlyArray<Case> =>
  load<{ readonly testGroups: ReadonlyArray<Group> }>(`mlkem-acvp/${path}.json`)
    .testGroups.filter((group) => group.parameterSet === `ML-KEM-${bits}` && group.function === operation)
    .flatMap(({ tests, ...group }) => tests.map((one) => ({ ...group, ...one })))

const upper = (array: Uint8Array): string => hex(array).toUpperCase()

overVectors("acvp", "mlkem-acvp/", () => {
  describe.each([
    { bits: 768, name: "mlKem768", library: ml_kem768 },
    { bits: 1024, name: "mlKem1024", library: ml_kem1024 },
  ] as const)("ml-kem-$bits", ({ bits, name, library }) => {
    test.each(suppliers)("keys, $name", (crypto) =>
      judge(casesOf("key-gen", bits), async (one) => {
        const seed = bytes(one.d + one.z)
        return upper(await Effect.runPromise(crypto[name].publicKey(seed))) === one.ek
      }),
    )

    test("expanded keys, noble", () =>
      judge(casesOf("key-gen", bits), (one) => upper(library.keygen(bytes(one.d + one.z)).secretKey) === one.dk))

    test("encapsulation, noble", () =>
      judge(casesOf("encap-decap", bits, "encapsulation"), async (one) => {
        const kem = nobleCrypto(() => bytes(one.m))[name]
        const { ciphertext, sharedSecret } = await Effect.runPromise(kem.encapsulate(bytes(one.ek)))
        return upper(ciphertext) === one.c && upper(sharedSecret) === one.k
      }))

    test.each(suppliers)("encapsulation accepts the keys, $name", (crypto) =>
      judge(casesOf("encap-decap", bits, "encapsulation"), async (one) => {
        const { ciphertext, sharedSecret } = await Effect.runPromise(crypto[name].encapsulate(bytes(one.ek)))
        return upper(library.decapsulate(ciphertext, bytes(one.dk))) === upper(sharedSecret)
      }),
    )

    test("decapsulation, noble", () =>
      judge(
        casesOf("encap-decap", bits, "decapsulation"),
        (one) => upper(library.decapsulate(bytes(one.c), bytes(one.dk))) === one.k,
      ))
  })

  test("a wrong answer is noticed", async () => {
    const [one] = casesOf("key-gen", 768)
    const key = await Effect.runPromise(noble.mlKem768.publicKey(bytes(one!.z + one!.d)))
    expect(upper(key)).not.toBe(one!.ek)
  })
})
