/**
 * Wycheproof over both suppliers. The policy where the files leave a choice, or ask for what the port does not offer:
 *
 * - X25519 "acceptable": a shared secret of zeros is refused; twisted, unreduced and special public keys give the exact result.
 * - AES-GCM: 96-bit nonces and 256-bit keys only, so every other case must be refused, "valid" ones included.
 * - HMAC: a truncated tag is compared with as much of ours.
 * - ML-KEM: secret keys are seeds. Cases with an expanded key run over the library beneath, as does ChaCha20-Poly1305, of
 *   which the port has the XChaCha form only.
 */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js"
import { ml_kem768, ml_kem1024 } from "@noble/post-quantum/ml-kem.js"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { describe, test } from "vitest"
import type { Aead, CryptoService, Kem, Refused } from "../../src/core/crypto/crypto.ts"
import { nobleCrypto } from "../../src/core/crypto/noble.ts"
import { suppliers } from "../core/crypto/suppliers.ts"
import { bytes, hex, judge, load, overVectors } from "./vectors.ts"

interface File<Case, Group = unknown> {
  readonly testGroups: ReadonlyArray<Group & { readonly tests: ReadonlyArray<Case> }>
}
interface Case {
  readonly tcId: number
  readonly result: "valid" | "invalid" | "acceptable"
  readonly flags?: ReadonlyArray<string>
}

/** All cases of a file, each with what its group says. */
const casesOf = <C extends Case, G = object>(name: string): ReadonlyArray<C & G> =>
  load<File<C, G>>(`wycheproof/${name}_test.json`).testGroups.flatMap(({ tests, ...group }) =>
    tests.map((one) => ({ ...(group as G), ...one })),
  )

/** The result, or undefined where the operation refused. A defect fails the test. */
const attempt = <A>(operation: Effect.Effect<A, Refused>): Promise<A | undefined> =>
  Effect.runPromise(Effect.catchTag(operation, "Refused", () => Effect.succeed(undefined)))

const dies = async (operation: () => Effect.Effect<unknown>): Promise<boolean> =>
  Exit.isFailure(await Effect.runPromiseExit(Effect.suspend(operation)))

const gives = async (operation: Effect.Effect<Uint8Array, Refused>, expected: string): Promise<boolean> => {
  const result = await attempt(operation)
  return result !== undefined && hex(result) === expected
}

const refuses = async (operation: Effect.Effect<unknown, Refused>): Promise<boolean> =>
  (await attempt(operation)) === undefined

interface AeadCase extends Case, Record<"key" | "iv" | "aad" | "msg" | "ct" | "tag", string> {}

const aeadVerdict =
  (aead: Aead) =>
  async (one: AeadCase): Promise<boolean> => {
    const [key, nonce, associated, plaintext] = [bytes(one.key), bytes(one.iv), bytes(one.aad), bytes(one.msg)]
    const sealed = one.ct + one.tag
    const open = aead.open(key, nonce, bytes(sealed), associated)
    if (key.length !== 32 || nonce.length !== aead.nonceBytes)
      return (await refuses(open)) && (await dies(() => aead.seal(key, nonce, plaintext, associated)))
    const seal = aead.seal(key, nonce, plaintext, associated)
    return one.result === "valid"
      ? (await gives(open, one.msg)) && (await gives(seal, sealed))
      : (await refuses(open)) && !(await gives(seal, sealed))
  }

interface HkdfCase extends Case, Record<"ikm" | "salt" | "info" | "okm", string> {
  readonly size: number
}

const hkdfVerdict = (hkdf: CryptoService["hkdfSha256"]) => (one: HkdfCase) => {
  try {
    return hex(hkdf(bytes(one.ikm), bytes(one.salt), bytes(one.info), one.size)) === one.okm && one.result === "valid"
  } catch {
    return one.result === "invalid"
  }
}

interface MacCase extends Case, Record<"key" | "msg" | "tag", string> {
  readonly tagSize: number
}

const macVerdict = (mac: CryptoService["hmacSha256"]) => (one: MacCase) =>
  (hex(mac(bytes(one.key), bytes(one.msg)).slice(0, one.tagSize / 8)) === one.tag) === (one.result === "valid")

const kemName = (bits: 768 | 1024) => `mlKem${bits}` as const

overVectors("wycheproof", "wycheproof/", () => {
  describe.each(suppliers)("$name", (crypto) => {
    test("x25519", () =>
      judge(casesOf<Case & Record<"public" | "private" | "shared", string>>("x25519"), (one) => {
        const shared = crypto.x25519.agree(bytes(one.private), bytes(one.public))
        return one.flags?.includes("ZeroSharedSecret") ? refuses(shared) : gives(shared, one.shared)
      }))

    test("ed25519", () =>
      judge(casesOf<Case & { msg: string; sig: string }, { publicKey: { pk: string } }>("ed25519"), async (one) => {
        const genuine = crypto.ed25519.verify(bytes(one.publicKey.pk), bytes(one.msg), bytes(one.sig))
        return (await Effect.runPromise(genuine)) === (one.result === "valid")
      }))

    test("aes-256-gcm", () => judge(casesOf<AeadCase>("aes_gcm"), aeadVerdict(crypto.aes256Gcm)))
    test("xchacha20-poly1305", () =>
      judge(casesOf<AeadCase>("xchacha20_poly1305"), aeadVerdict(crypto.xChaCha20Poly1305)))

    test("hkdf-sha256", () => judge(casesOf<HkdfCase>("hkdf_sha256"), hkdfVerdict(crypto.hkdfSha256)))
    test("hkdf-sha512", () => judge(casesOf<HkdfCase>("hkdf_sha512"), hkdfVerdict(crypto.hkdfSha512)))
    test("hmac-sha256", () => judge(casesOf<MacCase>("hmac_sha256"), macVerdict(crypto.hmacSha256)))
    test("hmac-sha512", () => judge(casesOf<MacCase>("hmac_sha512"), macVerdict(crypto.hmacSha512)))

    describe.each([768, 1024] as const)("ml-kem-%i", (bits) => {
      const kem = crypto[kemName(bits)]

      test("public keys from seeds", () =>
        judge(casesOf<Case & { seed: string; ek: string }>(`mlkem_${bits}_keygen_seed`), (one) =>
          gives(kem.publicKey(bytes(one.seed)), one.ek),
        ))

      test("decapsulation", () =>
        judge(casesOf<Case & { seed: string; ek?: string; c: string; K: string }>(`mlkem_${bits}`), async (one) => {
          const secret = kem.decapsulate(bytes(one.seed), bytes(one.c))
          if (one.result === "invalid") return refuses(secret)
          return (await gives(secret, one.K)) && (await gives(kem.publicKey(bytes(one.seed)), one.ek!))
        }))

      // Only noble lets the message be chosen; over the native supplier the verdict on the key is what is tested.
      test("encapsulation", () =>
        judge(casesOf<Case & Record<"m" | "ek" | "c" | "K", string>>(`mlkem_${bits}_encaps`), async (one) => {
          const seeded: Kem = crypto.name === "noble" ? nobleCrypto(() => bytes(one.m))[kemName(bits)] : kem
          const made = await attempt(seeded.encapsulate(bytes(one.ek)))
          if (one.result === "invalid" || made === undefined) return one.result === "invalid" && made === undefined
          return crypto.name !== "noble" || (hex(made.ciphertext) === one.c && hex(made.sharedSecret) === one.K)
        }))
    })
  })

  describe("the library beneath", () => {
    test("chacha20-poly1305", () =>
      judge(casesOf<AeadCase>("chacha20_poly1305"), (one) => {
        try {
          const cipher = () => chacha20poly1305(bytes(one.key), bytes(one.iv), bytes(one.aad))
          const opened = hex(cipher().decrypt(bytes(one.ct + one.tag)))
          const sealed = hex(cipher().encrypt(bytes(one.msg)))
          return one.result === "valid" && opened === one.msg && sealed === one.ct + one.tag
        } catch {
          return one.result === "invalid"
        }
      }))

    test.each([
      [768, ml_kem768],
      [1024, ml_kem1024],
    ] as const)("ml-kem-%i with expanded keys", (bits, kem) =>
      judge(casesOf<Case & Record<"dk" | "c" | "K", string>>(`mlkem_${bits}_semi_expanded_decaps`), (one) => {
        try {
          return hex(kem.decapsulate(bytes(one.c), bytes(one.dk))) === one.K && one.result === "valid"
        } catch {
          return one.result === "invalid"
        }
      }),
    )
  })
})
