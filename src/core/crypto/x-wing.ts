/**
 * X-Wing, the hybrid of X25519 and ML-KEM-768 (draft-connolly-cfrg-xwing-kem, §5), composed from the port's primitives so
 * that it is as fast as the runtime's own. One deviation, towards refusal: a low-order X25519 point fails, where the draft
 * would go on with a shared secret of zeros.
 */
import * as Effect from "effect/Effect"
import { concat } from "./bytes.ts"
import { type CryptoService, type Kem, Refused } from "./crypto.ts"
import { keptBy } from "./kept.ts"

/** §5.3: the six bytes of `\.//^\`. */
const LABEL = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c)

/** §5.2: the secret key is this seed; it is expanded at use. */
const SEED_BYTES = 32
const ML_KEM_SEED_BYTES = 64
const EXPANDED_BYTES = 96

export const ML_KEM_PUBLIC_KEY_BYTES = 1184
export const ML_KEM_CIPHERTEXT_BYTES = 1088
const X25519_BYTES = 32

export const X_WING_SEED_BYTES = SEED_BYTES
/** ML-KEM-768 encapsulation key ‖ X25519 public key. */
export const X_WING_PUBLIC_KEY_BYTES = ML_KEM_PUBLIC_KEY_BYTES + X25519_BYTES
/** ML-KEM-768 ciphertext ‖ X25519 ephemeral public key. */
export const X_WING_CIPHERTEXT_BYTES = ML_KEM_CIPHERTEXT_BYTES + X25519_BYTES

/**
 * The KEM over a supplier. Secret keys are 32-byte seeds, shared secrets 32 bytes. Encapsulation draws ML-KEM's message
 * and then the X25519 ephemeral; with a supplier that draws both from `random`, that is the draft's `eseed` in order.
 */
export const xWing = (crypto: CryptoService): Kem => {
  const known = made.get(crypto)
  if (known !== undefined) return known
  const kem = over(crypto)
  made.set(crypto, kem)
  return kem
}

const made = new WeakMap<CryptoService, Kem>()

/** Seeds whose expansion is kept at once: a key is made and used with one and the same. */
const MAX_KEPT = 256

const over = (crypto: CryptoService): Kem => {
  const expanded = keptBy(MAX_KEPT, (seed) => expand(crypto, seed))
  return {
    publicKeyBytes: X_WING_PUBLIC_KEY_BYTES,
    ciphertextBytes: X_WING_CIPHERTEXT_BYTES,

    publicKey: (seed) =>
      Effect.suspend(() => {
        const keys = expanded(seed)
        return Effect.zipWith(crypto.mlKem768.publicKey(keys.mlKem), crypto.x25519.publicKey(keys.x25519), concat)
      }),

    encapsulate: Effect.fnUntraced(function* (publicKey) {
      // Each part refuses a wrong length, so the whole does.
      const x25519Public = publicKey.slice(ML_KEM_PUBLIC_KEY_BYTES)
      const mlKem = yield* crypto.mlKem768.encapsulate(publicKey.slice(0, ML_KEM_PUBLIC_KEY_BYTES))
      const ephemeral = crypto.random(X25519_BYTES)
      const x25519Ciphertext = yield* crypto.x25519.publicKey(ephemeral)
      const x25519Secret = yield* crypto.x25519.agree(ephemeral, x25519Public)
      return {
        ciphertext: concat(mlKem.ciphertext, x25519Ciphertext),
        sharedSecret: combine(crypto, mlKem.sharedSecret, x25519Secret, x25519Ciphertext, x25519Public),
      }
    }),

    decapsulate: Effect.fnUntraced(function* (seed, ciphertext) {
      if (seed.length !== SEED_BYTES || ciphertext.length !== X_WING_CIPHERTEXT_BYTES) return yield* new Refused()
      const keys = expanded(seed)
      const x25519Ciphertext = ciphertext.slice(ML_KEM_CIPHERTEXT_BYTES)
      const x25519Secret = yield* crypto.x25519.agree(keys.x25519, x25519Ciphertext)
      const mlKemSecret = yield* crypto.mlKem768.decapsulate(keys.mlKem, ciphertext.slice(0, ML_KEM_CIPHERTEXT_BYTES))
      const x25519Public = yield* crypto.x25519.publicKey(keys.x25519)
      return combine(crypto, mlKemSecret, x25519Secret, x25519Ciphertext, x25519Public)
    }),
  }
}

interface Expanded {
  readonly mlKem: Uint8Array
  readonly x25519: Uint8Array
}

/** §5.2, expandDecapsulationKey. */
const expand = (crypto: CryptoService, seed: Uint8Array): Expanded => {
  if (seed.length !== SEED_BYTES) throw new RangeError(`an X-Wing seed has ${SEED_BYTES} bytes`)
  const both = crypto.shake256(seed, EXPANDED_BYTES)
  return { mlKem: both.slice(0, ML_KEM_SEED_BYTES), x25519: both.slice(ML_KEM_SEED_BYTES) }
}

/** §5.3, Combiner. */
const combine = (
  crypto: CryptoService,
  mlKemSecret: Uint8Array,
  x25519Secret: Uint8Array,
  x25519Ciphertext: Uint8Array,
  x25519Public: Uint8Array,
): Uint8Array => crypto.sha3_256(concat(mlKemSecret, x25519Secret, x25519Ciphertext, x25519Public, LABEL))
