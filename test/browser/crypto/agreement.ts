/**
 * A supplier and noble give the same results and the same refusals for any inputs. Runs in Node and, bundled, in a page; a
 * failure carries fast-check's seed.
 */
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { systemRandom } from "../../../src/adapters/crypto/random.ts"
import type { CryptoService, Refused } from "../../../src/core/crypto/crypto.ts"
import { nobleCrypto } from "../../../src/core/crypto/noble.ts"
import { xWing } from "../../../src/core/crypto/x-wing.ts"

export const noble = nobleCrypto(systemRandom)

/** Mostly the length that fits, sometimes another. */
const about = (length: number) =>
  fc.oneof(
    { weight: 9, arbitrary: fc.uint8Array({ minLength: length, maxLength: length }) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 2 * length }) },
  )
/** On both sides of the size from which WebCrypto is asked. */
const text = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.uint8Array({ minLength: 1_000, maxLength: 1_100, size: "max" }),
)

/** The result, `refused`, or `defect`: what a caller can tell apart. */
const outcome = (operation: () => Effect.Effect<unknown, Refused>): Promise<unknown> =>
  Effect.runPromise(
    Effect.suspend(operation).pipe(
      Effect.map((value) => (value instanceof Uint8Array ? value.join() : value)),
      Effect.catchTag("Refused", () => Effect.succeed("refused")),
      Effect.catchDefect(() => Effect.succeed("defect")),
    ),
  )

type Operation = (crypto: CryptoService) => Effect.Effect<unknown, Refused>

const agree = async (other: CryptoService, what: string, operation: Operation): Promise<void> => {
  const [ours, theirs] = [await outcome(() => operation(other)), await outcome(() => operation(noble))]
  if (ours !== theirs) throw new Error(`${what}: ${other.name} gives ${ours}, noble ${theirs}`)
}

const flip = (bytes: Uint8Array, bit: number): Uint8Array =>
  bytes.map((byte, i) => (i === (bit >> 3) % bytes.length ? byte ^ (1 << (bit & 7)) : byte))

/** The properties by name; each throws on the first inputs on which the suppliers differ. */
export const agreement: Readonly<Record<string, (other: CryptoService, runs: number) => Promise<void>>> = {
  X25519: (other, numRuns) =>
    fc.assert(
      fc.asyncProperty(about(32), about(32), async (secretKey, publicKey) => {
        await agree(other, "publicKey", ({ x25519 }) => x25519.publicKey(secretKey))
        await agree(other, "agree", ({ x25519 }) => x25519.agree(secretKey, publicKey))
      }),
      { numRuns },
    ),

  Ed25519: (other, numRuns) =>
    fc.assert(
      fc.asyncProperty(about(32), text, about(64), fc.nat({ max: 511 }), async (seed, message, stray, bit) => {
        await agree(other, "publicKey", ({ ed25519 }) => ed25519.publicKey(seed))
        await agree(other, "sign", ({ ed25519 }) => ed25519.sign(seed, message))
        await agree(other, "a stray signature", ({ ed25519 }) => ed25519.verify(seed, message, stray))
        if (seed.length !== 32) return
        const publicKey = await Effect.runPromise(noble.ed25519.publicKey(seed))
        const signature = await Effect.runPromise(noble.ed25519.sign(seed, message))
        for (const given of [signature, flip(signature, bit)])
          await agree(other, "verify", ({ ed25519 }) => ed25519.verify(publicKey, message, given))
      }),
      { numRuns },
    ),

  "AES-256-GCM": (other, numRuns) =>
    fc.assert(
      fc.asyncProperty(about(32), about(12), text, text, fc.nat(), async (key, nonce, plain, associated, bit) => {
        await agree(other, "seal", ({ aes256Gcm }) => aes256Gcm.seal(key, nonce, plain, associated))
        await agree(other, "open of noise", ({ aes256Gcm }) => aes256Gcm.open(key, nonce, plain, associated))
        if (key.length !== 32 || nonce.length !== 12) return
        const sealed = await Effect.runPromise(noble.aes256Gcm.seal(key, nonce, plain, associated))
        for (const given of [sealed, flip(sealed, bit), sealed.slice(1)])
          await agree(other, "open", ({ aes256Gcm }) => aes256Gcm.open(key, nonce, given, associated))
      }),
      { numRuns },
    ),

  "AES-256-CBC": (other, numRuns) =>
    fc.assert(
      fc.asyncProperty(about(32), about(16), text, fc.nat(), async (key, iv, plain, bit) => {
        await agree(other, "encrypt", ({ aes256Cbc }) => aes256Cbc.encrypt(key, iv, plain))
        await agree(other, "decrypt of noise", ({ aes256Cbc }) => aes256Cbc.decrypt(key, iv, plain))
        if (key.length !== 32 || iv.length !== 16) return
        const encrypted = await Effect.runPromise(noble.aes256Cbc.encrypt(key, iv, plain))
        // Turning a bit of the block before the last alters the padding: valid again now and then, and both must say so.
        for (const given of [
          encrypted,
          flip(encrypted, 8 * (encrypted.length - 32) + (bit % 256)),
          flip(encrypted, bit),
        ])
          await agree(other, "decrypt", ({ aes256Cbc }) => aes256Cbc.decrypt(key, iv, given))
      }),
      { numRuns },
    ),

  "ML-KEM-768": (other, numRuns) => kem(other, "mlKem768", numRuns),
  "ML-KEM-1024": (other, numRuns) => kem(other, "mlKem1024", numRuns),

  "X-Wing": (other, numRuns) =>
    fc.assert(
      fc.asyncProperty(about(32), about(1_120), async (seed, stray) => {
        await agree(other, "publicKey", (crypto) => xWing(crypto).publicKey(seed))
        await agree(other, "decapsulate", (crypto) => xWing(crypto).decapsulate(seed, stray))
        if (seed.length !== 32) return
        const publicKey = await Effect.runPromise(xWing(noble).publicKey(seed))
        const { ciphertext, sharedSecret } = await Effect.runPromise(xWing(other).encapsulate(publicKey))
        const opened = await Effect.runPromise(xWing(noble).decapsulate(seed, ciphertext))
        if (opened.join() !== sharedSecret.join()) throw new Error("noble decapsulates another secret")
      }),
      { numRuns },
    ),
}

const kem = (other: CryptoService, name: "mlKem768" | "mlKem1024", numRuns: number): Promise<void> =>
  fc.assert(
    fc.asyncProperty(
      about(64),
      about(noble[name].ciphertextBytes),
      about(noble[name].publicKeyBytes),
      async (seed, stray, peer) => {
        await agree(other, "publicKey", (crypto) => crypto[name].publicKey(seed))
        await agree(other, "decapsulate", (crypto) => crypto[name].decapsulate(seed, stray))
        await agree(other, "encapsulate to noise", (crypto) => Effect.as(crypto[name].encapsulate(peer), "accepted"))
        if (seed.length !== 64) return
        const publicKey = await Effect.runPromise(noble[name].publicKey(seed))
        const { ciphertext, sharedSecret } = await Effect.runPromise(other[name].encapsulate(publicKey))
        const opened = await Effect.runPromise(noble[name].decapsulate(seed, ciphertext))
        if (opened.join() !== sharedSecret.join()) throw new Error("noble decapsulates another secret")
        await agree(other, "decapsulate its own", (crypto) => crypto[name].decapsulate(seed, ciphertext))
      },
    ),
    { numRuns },
  )
