/**
 * The suppliers agree: the same inputs give the same outputs and the same refusals, whatever the inputs are. `FUZZ=10` runs ten
 * times as many cases.
 */
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Refused } from "../../../src/core/crypto/crypto.ts"
import { xWing } from "../../../src/core/crypto/x-wing.ts"
import { native, noble } from "./suppliers.ts"

const FUZZ = Number(process.env["FUZZ"] ?? 1)
const runs = (count: number) => ({ numRuns: Math.ceil(count * FUZZ) })

const fixed = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
/** Mostly the length that fits, sometimes another. */
const about = (length: number) =>
  fc.oneof({ weight: 9, arbitrary: fixed(length) }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 2 * length }) })
const any = fc.uint8Array({ maxLength: 300 })

/** The result, `refused`, or `defect`: what a caller can tell apart. */
const outcome = (operation: () => Effect.Effect<unknown, Refused>): Promise<unknown> =>
  Effect.runPromise(
    Effect.suspend(operation).pipe(
      Effect.catchTag("Refused", () => Effect.succeed("refused")),
      Effect.catchDefect(() => Effect.succeed("defect")),
    ),
  )

describe.skipIf(native === undefined)("noble and the runtime's own", () => {
  const other = native ?? noble
  const agree = async (operation: (crypto: typeof noble) => Effect.Effect<unknown, Refused>) =>
    expect(await outcome(() => operation(other))).toEqual(await outcome(() => operation(noble)))

  test("hashes and MACs", () => {
    fc.assert(
      fc.property(any, any, fc.integer({ min: 1, max: 300 }), (data, key, length) => {
        for (const name of ["sha256", "sha512", "sha3_256", "sha3_512"] as const)
          expect(other[name](data)).toEqual(noble[name](data))
        expect(other.shake256(data, length)).toEqual(noble.shake256(data, length))
        for (const name of ["hmacSha256", "hmacSha512"] as const)
          expect(other[name](key, data)).toEqual(noble[name](key, data))
      }),
      runs(200),
    )
  })

  test("a MAC of what is no array throws, and leaves nothing to the next", () => {
    for (const name of ["hmacSha256", "hmacSha512"] as const) {
      const [key, data] = [new Uint8Array(32).fill(1), new Uint8Array(20).fill(2)]
      const right = other[name](key, data)
      expect(() => noble[name](key, "text" as unknown as Uint8Array)).toThrow()
      expect(noble[name](key, data)).toEqual(right)
    }
  })

  test("key derivation", () => {
    const info = fc.oneof(any, fc.uint8Array({ minLength: 1_020, maxLength: 1_030 }))
    fc.assert(
      fc.property(any, any, info, fc.integer({ min: 1, max: 255 * 32 }), (ikm, salt, label, length) => {
        for (const name of ["hkdfSha256", "hkdfSha512"] as const)
          expect(other[name](ikm, salt, label, length)).toEqual(noble[name](ikm, salt, label, length))
      }),
      runs(100),
    )
    for (const crypto of [noble, other]) {
      expect(() => crypto.hkdfSha256(new Uint8Array(32), new Uint8Array(32), new Uint8Array(0), 255 * 32 + 1)).toThrow()
      expect(() => crypto.hkdfSha512(new Uint8Array(32), new Uint8Array(32), new Uint8Array(0), 255 * 64 + 1)).toThrow()
    }
  })

  test("X25519", () =>
    fc.assert(
      fc.asyncProperty(about(32), about(32), async (secretKey, publicKey) => {
        await agree(({ x25519 }) => x25519.publicKey(secretKey))
        await agree(({ x25519 }) => x25519.agree(secretKey, publicKey))
      }),
      runs(100),
    ))

  test("Ed25519", () =>
    fc.assert(
      fc.asyncProperty(about(32), any, about(64), fc.nat({ max: 511 }), async (seed, message, stray, bit) => {
        await agree(({ ed25519 }) => ed25519.publicKey(seed))
        await agree(({ ed25519 }) => ed25519.sign(seed, message))
        await agree(({ ed25519 }) => ed25519.verify(seed, message, stray))
        if (seed.length !== 32) return
        const publicKey = await Effect.runPromise(noble.ed25519.publicKey(seed))
        const signature = await Effect.runPromise(noble.ed25519.sign(seed, message))
        await agree(({ ed25519 }) => ed25519.verify(publicKey, message, signature))
        signature[bit >> 3]! ^= 1 << (bit & 7)
        await agree(({ ed25519 }) => ed25519.verify(publicKey, message, signature))
      }),
      runs(60),
    ))

  test("AEADs seal alike and open each other's", () =>
    fc.assert(
      fc.asyncProperty(about(32), about(24), about(12), any, any, fc.nat(), async (key, long, short, text, ad, at) => {
        for (const [name, nonce] of [
          ["xChaCha20Poly1305", long],
          ["aes256Gcm", short],
        ] as const) {
          await agree((crypto) => crypto[name].seal(key, nonce, text, ad))
          await agree((crypto) => crypto[name].open(key, nonce, text, ad))
          const sealed = await outcome(() => other[name].seal(key, nonce, text, ad))
          if (!(sealed instanceof Uint8Array)) continue
          await agree((crypto) => crypto[name].open(key, nonce, sealed, ad))
          expect(await outcome(() => noble[name].open(key, nonce, sealed, ad))).toEqual(text)
          sealed[at % sealed.length]! ^= 1
          await agree((crypto) => crypto[name].open(key, nonce, sealed, ad))
        }
      }),
      runs(150),
    ))

  test("CBC", () =>
    fc.assert(
      fc.asyncProperty(about(32), about(16), any, async (key, iv, data) => {
        await agree(({ aes256Cbc }) => aes256Cbc.encrypt(key, iv, data))
        await agree(({ aes256Cbc }) => aes256Cbc.decrypt(key, iv, data))
        // One block of noise has valid padding once in 256 times: short ciphertexts make that happen.
        await agree(({ aes256Cbc }) => aes256Cbc.decrypt(key, iv, data.slice(0, 16)))
      }),
      runs(500),
    ))

  test.each(["mlKem768", "mlKem1024"] as const)("%s", (name) =>
    fc.assert(
      fc.asyncProperty(
        about(64),
        about(noble[name].ciphertextBytes),
        about(noble[name].publicKeyBytes),
        async (seed, stray, peer) => {
          await agree((crypto) => crypto[name].publicKey(seed))
          await agree((crypto) => crypto[name].decapsulate(seed, stray))
          const verdict = (crypto: typeof noble) => Effect.as(crypto[name].encapsulate(peer), "accepted")
          await agree(verdict)
          if (seed.length !== 64) return
          const publicKey = await Effect.runPromise(other[name].publicKey(seed))
          for (const [from, to] of [
            [noble, other],
            [other, noble],
          ] as const) {
            const { ciphertext, sharedSecret } = await Effect.runPromise(from[name].encapsulate(publicKey))
            expect(await outcome(() => to[name].decapsulate(seed, ciphertext))).toEqual(sharedSecret)
          }
        },
      ),
      runs(25),
    ),
  )

  test("X-Wing", () =>
    fc.assert(
      fc.asyncProperty(about(32), about(1120), async (seed, stray) => {
        await agree((crypto) => xWing(crypto).publicKey(seed))
        await agree((crypto) => xWing(crypto).decapsulate(seed, stray))
        if (seed.length !== 32) return
        const publicKey = await Effect.runPromise(xWing(other).publicKey(seed))
        for (const [from, to] of [
          [noble, other],
          [other, noble],
        ] as const) {
          const { ciphertext, sharedSecret } = await Effect.runPromise(xWing(from).encapsulate(publicKey))
          expect(await outcome(() => xWing(to).decapsulate(seed, ciphertext))).toEqual(sharedSecret)
        }
      }),
      runs(15),
    ))
})
