/**
 * Habits: what holds for every operation alike. Inputs are neither changed nor kept, outputs are plain arrays of their own,
 * views are read as what they show, and what one call sealed another opens, here and with the reference in JavaScript.
 */
import * as Effect from "effect/Effect"
import { concat, equal } from "../../core/crypto/bytes.ts"
import type { CryptoService, Refused } from "../../core/crypto/crypto.ts"
import { nobleCrypto } from "../../core/crypto/noble.ts"
import { type CryptoCheck, filled, flipped, holds, same } from "./crypto-check.ts"

type Outputs = ReadonlyArray<Uint8Array>

/** Every operation of the port on inputs that it accepts. */
interface Operation {
  readonly name: string
  readonly inputs: ReadonlyArray<Uint8Array>
  readonly run: (crypto: CryptoService, inputs: ReadonlyArray<Uint8Array>) => Effect.Effect<Outputs, Refused>
  /** Encapsulation differs each time. */
  readonly random?: true
}

/** Seeded, so that the inputs made with it are the same in every run. */
const reference = nobleCrypto((length) => filled(length, 61))
const seed = filled(64, 62)
const key = filled(32, 63)
const text = filled(77, 64)

const one = (output: Uint8Array): Outputs => [output]

const operations: Effect.Effect<ReadonlyArray<Operation>, Refused> = Effect.gen(function* () {
  const peer = yield* reference.x25519.publicKey(filled(32, 65))
  const publicKey = yield* reference.ed25519.publicKey(key)
  const signature = yield* reference.ed25519.sign(key, text)
  const cbc = yield* reference.aes256Cbc.encrypt(key, filled(16, 66), text)

  const synchronous = (
    name: string,
    count: number,
    run: (crypto: CryptoService, i: Outputs) => Uint8Array,
  ): Operation => ({
    name,
    inputs: [text, filled(32, 67), filled(19, 68)].slice(0, count),
    run: (crypto, inputs) => Effect.sync(() => [run(crypto, inputs)]),
  })

  const kems = yield* Effect.forEach(["mlKem768", "mlKem1024"] as const, (name) =>
    Effect.gen(function* () {
      const kemKey = yield* reference[name].publicKey(seed)
      const { ciphertext } = yield* reference[name].encapsulate(kemKey)
      return [
        { name: `${name}.publicKey`, inputs: [seed], run: (c, i) => Effect.map(c[name].publicKey(i[0]!), one) },
        {
          name: `${name}.encapsulate`,
          inputs: [kemKey],
          run: (c, i) => Effect.map(c[name].encapsulate(i[0]!), (made) => [made.ciphertext, made.sharedSecret]),
          random: true,
        },
        {
          name: `${name}.decapsulate`,
          inputs: [seed, ciphertext],
          run: (c, i) => Effect.map(c[name].decapsulate(i[0]!, i[1]!), one),
        },
      ] satisfies ReadonlyArray<Operation>
    }),
  )

  const aeads = yield* Effect.forEach(["aes256Gcm", "xChaCha20Poly1305"] as const, (name) =>
    Effect.gen(function* () {
      const nonce = filled(reference[name].nonceBytes, 69)
      const associated = filled(21, 70)
      const sealed = yield* reference[name].seal(key, nonce, text, associated)
      return [
        {
          name: `${name}.seal`,
          inputs: [key, nonce, text, associated],
          run: (c, i) => Effect.map(c[name].seal(i[0]!, i[1]!, i[2]!, i[3]!), one),
        },
        {
          name: `${name}.open`,
          inputs: [key, nonce, sealed, associated],
          run: (c, i) => Effect.map(c[name].open(i[0]!, i[1]!, i[2]!, i[3]!), one),
        },
      ] satisfies ReadonlyArray<Operation>
    }),
  )

  return [
    synchronous("sha256", 1, (c, i) => c.sha256(i[0]!)),
    synchronous("sha512", 1, (c, i) => c.sha512(i[0]!)),
    synchronous("sha3_256", 1, (c, i) => c.sha3_256(i[0]!)),
    synchronous("sha3_512", 1, (c, i) => c.sha3_512(i[0]!)),
    synchronous("shake256", 1, (c, i) => c.shake256(i[0]!, 99)),
    synchronous("hmacSha256", 2, (c, i) => c.hmacSha256(i[1]!, i[0]!)),
    synchronous("hmacSha512", 2, (c, i) => c.hmacSha512(i[1]!, i[0]!)),
    synchronous("hkdfSha256", 3, (c, i) => c.hkdfSha256(i[0]!, i[1]!, i[2]!, 80)),
    synchronous("hkdfSha512", 3, (c, i) => c.hkdfSha512(i[0]!, i[1]!, i[2]!, 80)),
    { name: "x25519.publicKey", inputs: [key], run: (c, i) => Effect.map(c.x25519.publicKey(i[0]!), one) },
    { name: "x25519.agree", inputs: [key, peer], run: (c, i) => Effect.map(c.x25519.agree(i[0]!, i[1]!), one) },
    { name: "ed25519.publicKey", inputs: [key], run: (c, i) => Effect.map(c.ed25519.publicKey(i[0]!), one) },
    { name: "ed25519.sign", inputs: [key, text], run: (c, i) => Effect.map(c.ed25519.sign(i[0]!, i[1]!), one) },
    {
      name: "ed25519.verify",
      inputs: [publicKey, text, signature],
      run: (c, i) => Effect.map(c.ed25519.verify(i[0]!, i[1]!, i[2]!), (genuine) => [Uint8Array.of(genuine ? 1 : 0)]),
    },
    {
      name: "aes256Cbc.encrypt",
      inputs: [key, filled(16, 66), text],
      run: (c, i) => Effect.map(c.aes256Cbc.encrypt(i[0]!, i[1]!, i[2]!), one),
    },
    {
      name: "aes256Cbc.decrypt",
      inputs: [key, filled(16, 66), cbc],
      run: (c, i) => Effect.map(c.aes256Cbc.decrypt(i[0]!, i[1]!, i[2]!), one),
    },
    ...kems.flat(),
    ...aeads.flat(),
  ]
})

/** The same bytes in the middle of a larger buffer, at an odd offset. */
const asView = (bytes: Uint8Array): Uint8Array =>
  concat(filled(3, 71), bytes, filled(5, 72)).subarray(3, 3 + bytes.length)

export const habits: ReadonlyArray<CryptoCheck> = [
  {
    name: "inputs are not changed, also when they are refused",
    run: Effect.fnUntraced(function* (crypto) {
      for (const { name, inputs, run } of yield* operations) {
        const given = inputs.map((input) => input.slice())
        yield* run(crypto, given)
        yield* holds(
          `${name} changed an input`,
          given.every((input, i) => equal(input, inputs[i]!)),
        )
        const altered = inputs.map((input) => flipped(input, 8 * input.length - 1))
        const refused = altered.map((input) => input.slice())
        yield* Effect.exit(run(crypto, refused))
        yield* holds(
          `${name} changed an input`,
          refused.every((input, i) => equal(input, altered[i]!)),
        )
      }
    }),
  },
  {
    name: "inputs are not kept: an array with new content counts as new",
    run: Effect.fnUntraced(function* (crypto) {
      for (const { name, inputs, run, random } of yield* operations) {
        const reused = inputs.map((input) => flipped(input, 1))
        yield* Effect.exit(run(crypto, reused))
        reused.forEach((array, i) => {
          array.set(inputs[i]!)
        })
        const outputs = yield* run(crypto, reused)
        if (random) continue
        const copies = outputs.map((output) => output.slice())
        for (const array of reused) array.fill(0)
        const expected = yield* run(reference, inputs)
        yield* holds(
          `${name} remembered an array`,
          outputs.every((output, i) => equal(output, expected[i]!)),
        )
        yield* holds(
          `${name} returned its input`,
          outputs.every((output, i) => equal(output, copies[i]!)),
        )
      }
    }),
  },
  {
    name: "outputs are plain arrays that own their whole buffer",
    run: Effect.fnUntraced(function* (crypto) {
      for (const { name, inputs, run } of yield* operations) {
        for (const output of yield* run(crypto, inputs)) {
          yield* holds(`${name}: a subclass`, Object.getPrototypeOf(output) === Uint8Array.prototype)
          yield* holds(`${name}: a view`, output.byteLength === output.buffer.byteLength)
        }
      }
    }),
  },
  {
    name: "views are read as what they show, and agree with the reference",
    run: Effect.fnUntraced(function* (crypto) {
      for (const { name, inputs, run, random } of yield* operations) {
        const outputs = yield* run(crypto, inputs.map(asView))
        if (random) continue
        const expected = yield* run(reference, inputs)
        for (const [i, output] of outputs.entries()) yield* same(name, output, expected[i]!)
      }
    }),
  },
  {
    name: "randomness is fresh, of any length",
    run: Effect.fnUntraced(function* (crypto) {
      for (const length of [0, 1, 32, 65_536, 65_537, 200_000])
        yield* holds(`${length} bytes`, crypto.random(length).length === length)
      yield* holds("two draws are equal", !equal(crypto.random(32), crypto.random(32)))
      // 1,000 bytes with no more than 150 different values: below one in 10³⁰⁰ for a uniform source.
      yield* holds("far from uniform", new Set(crypto.random(1_000)).size > 150)
      const long = crypto.random(200_000)
      yield* holds("the end was never filled", new Set(long.slice(-1_000)).size > 150)
    }),
  },
  {
    name: "encapsulations are fresh, and both sides agree, also with the reference",
    run: Effect.fnUntraced(function* (crypto) {
      for (const name of ["mlKem768", "mlKem1024"] as const) {
        const publicKey = yield* crypto[name].publicKey(seed)
        const first = yield* crypto[name].encapsulate(publicKey)
        const second = yield* crypto[name].encapsulate(publicKey)
        yield* holds(`${name}: the same twice`, !equal(first.ciphertext, second.ciphertext))
        yield* holds(`${name}: the same secret twice`, !equal(first.sharedSecret, second.sharedSecret))
        yield* same(`${name}: own`, yield* crypto[name].decapsulate(seed, first.ciphertext), first.sharedSecret)
        yield* same(
          `${name}: to the reference`,
          yield* reference[name].decapsulate(seed, second.ciphertext),
          second.sharedSecret,
        )
        const theirs = yield* reference[name].encapsulate(publicKey)
        yield* same(
          `${name}: from the reference`,
          yield* crypto[name].decapsulate(seed, theirs.ciphertext),
          theirs.sharedSecret,
        )
        const stray = yield* crypto[name].decapsulate(seed, flipped(first.ciphertext, 77))
        yield* holds(`${name}: a stray ciphertext gave the secret`, !equal(stray, first.sharedSecret))
      }
    }),
  },
  {
    name: "what is sealed opens, from nothing to a megabyte",
    run: Effect.fnUntraced(function* (crypto) {
      for (const length of [0, 1, 15, 16, 17, 1_000, 65_536, 1_048_576]) {
        const plaintext = filled(length, 73)
        for (const aead of [crypto.aes256Gcm, crypto.xChaCha20Poly1305]) {
          const nonce = filled(aead.nonceBytes, 74)
          for (const associated of [new Uint8Array(0), filled(33, 75)]) {
            const sealed = yield* aead.seal(key, nonce, plaintext, associated)
            const opened = yield* aead.open(key, nonce, sealed, associated)
            yield* holds(`${length} bytes under an AEAD`, equal(opened, plaintext))
          }
        }
        const encrypted = yield* crypto.aes256Cbc.encrypt(key, filled(16, 76), plaintext)
        const decrypted = yield* crypto.aes256Cbc.decrypt(key, filled(16, 76), encrypted)
        yield* holds(`${length} bytes under CBC`, equal(decrypted, plaintext))
      }
    }),
  },
]
