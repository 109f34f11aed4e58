/**
 * Kyber-1024 of round 3, which PQXDH speaks (signal.org/docs/specifications/pqxdh, §2.2), out of the ML-KEM-1024 of FIPS 203.
 * The two share keys and ciphertexts; they differ in the last step, where round 3 hashes the ciphertext in:
 *
 *   shared secret = SHAKE256(K ‖ SHA3-256(ciphertext)), and for a ciphertext that does not belong, z in the place of K
 *
 * Round 3 also hashes the sender's random message before use; ours comes from the supplier, uniform and never shown to anyone
 * but the receiver, so that step changes nothing that a peer could see.
 */
import * as Effect from "effect/Effect"
import { concat, equal } from "./bytes.ts"
import { type CryptoService, type Kem, Refused } from "./crypto.ts"

/** The type byte before every serialised key and ciphertext, public key signatures included. */
export const KYBER_1024_TYPE = 0x08

const SECRET_BYTES = 32

/**
 * The KEM over a supplier. Secret keys are the 64-byte seeds d ‖ z of FIPS 203; public keys and ciphertexts are in their wire
 * form of 1569 bytes, the type byte first. Another type byte or length is refused.
 */
export const kyber1024 = (crypto: CryptoService): Kem => {
  const derive = (key: Uint8Array, ciphertext: Uint8Array): Uint8Array =>
    crypto.shake256(concat(key, crypto.sha3_256(ciphertext)), SECRET_BYTES)

  return {
    publicKeyBytes: 1 + crypto.mlKem1024.publicKeyBytes,
    ciphertextBytes: 1 + crypto.mlKem1024.ciphertextBytes,

    publicKey: (seed) => Effect.map(crypto.mlKem1024.publicKey(seed), typed),

    encapsulate: Effect.fnUntraced(function* (publicKey) {
      const { ciphertext, sharedSecret } = yield* crypto.mlKem1024.encapsulate(yield* untyped(publicKey))
      return { ciphertext: typed(ciphertext), sharedSecret: derive(sharedSecret, ciphertext) }
    }),

    decapsulate: Effect.fnUntraced(function* (seed, typedCiphertext) {
      const ciphertext = yield* untyped(typedCiphertext)
      const key = yield* crypto.mlKem1024.decapsulate(seed, ciphertext)
      // FIPS 203 §6.3 rejects by returning J(z ‖ c); round 3 wants z itself there. Both are derived and compared whatever
      // the verdict, so that the work does not tell it.
      const z = seed.slice(SECRET_BYTES)
      const rejected = equal(key, crypto.shake256(concat(z, ciphertext), SECRET_BYTES))
      return derive(choose(rejected, z, key), ciphertext)
    }),
  }
}

const typed = (bytes: Uint8Array): Uint8Array => concat(Uint8Array.of(KYBER_1024_TYPE), bytes)

const untyped = (bytes: Uint8Array): Effect.Effect<Uint8Array, Refused> =>
  bytes[0] === KYBER_1024_TYPE ? Effect.succeed(bytes.slice(1)) : Effect.fail(new Refused())

/** Selection without a branch on the secret condition. */
const choose = (condition: boolean, yes: Uint8Array, no: Uint8Array): Uint8Array => {
  const mask = -Number(condition)
  return yes.map((byte, i) => (byte & mask) | (no[i]! & ~mask))
}
