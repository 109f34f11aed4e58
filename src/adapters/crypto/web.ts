/**
 * The Crypto port over WebCrypto, for browsers: 3 to 40 times as fast as JavaScript, constant-time as far as the browser's
 * library is. Chosen per operation: the runtime's own where it answers a probe as every supplier must (never by user agent)
 * and the input is worth a call; noble otherwise. Hashes, MACs and key derivation stay with noble, since the port wants them at
 * once and WebCrypto gives them later.
 *
 * noble ÷ WebCrypto, Chromium 156, medians, import of the key included (test/bench/suppliers.ts prints them again):
 *
 *   X25519 publicKey 4.8, agree 3.6           AES-GCM (seal, open) 64 B: 4, 3 – 1 KiB: 3, 6 – 4 KiB: 12, 24 – 64 KiB: 40, 42
 *   Ed25519 sign 3.0, verify 7.6              AES-CBC 64 B: 0.4, 0.5 – 512 B: 0.9, 0.6 – 1 KiB: 1.3, 1.6 – 4 KiB: 4.0, 3.5
 *   ML-KEM-768 publicKey 16, encapsulate 19, decapsulate 36 (1024: 20, 12, 41)
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { CryptoService, Kem } from "../../core/crypto/crypto.ts"
import { nobleCrypto } from "../../core/crypto/noble.ts"
import { systemRandom } from "./random.ts"
import * as probe from "./web-probe.ts"
import { ed25519, ML_KEM_768, ML_KEM_1024, mlKem, type ParameterSet, x25519 } from "./web-public-key.ts"
import { aes256Cbc, aes256Gcm } from "./web-symmetric.ts"

/** Below this, CBC is faster in JavaScript: the table above. */
const CBC_WORTH_BYTES = 1_024

/**
 * The supplier over `crypto.subtle`, or undefined where there is none: an old runtime, or a page from an insecure origin. Its
 * KEM encapsulations draw inside the browser, not through `random`: a run that must replay from a seed takes `nobleCrypto`.
 */
export const webCrypto = (): CryptoService | undefined => {
  const subtle = globalThis.crypto?.subtle
  if (subtle === undefined) return undefined
  const noble = nobleCrypto(systemRandom)
  const dh = x25519(subtle)
  const signature = ed25519(subtle)
  const gcm = aes256Gcm(subtle)
  const cbc = aes256Cbc(subtle)
  const cbcIsWorth = (_key: Uint8Array, _iv: Uint8Array, text: Uint8Array) => text.length >= CBC_WORTH_BYTES
  return {
    ...noble,
    name: "web",
    x25519: {
      publicKey: chosen(probe.x25519MakesKeys(dh), dh.publicKey, noble.x25519.publicKey),
      agree: chosen(probe.x25519Agrees(dh), dh.agree, noble.x25519.agree),
    },
    ed25519: {
      publicKey: chosen(probe.ed25519MakesKeys(signature), signature.publicKey, noble.ed25519.publicKey),
      sign: chosen(probe.ed25519Signs(signature), signature.sign, noble.ed25519.sign),
      verify: chosen(probe.ed25519Verifies(signature), signature.verify, noble.ed25519.verify),
    },
    mlKem768: kem(subtle, ML_KEM_768, probe.ML_KEM_768_ANSWERS, noble.mlKem768),
    mlKem1024: kem(subtle, ML_KEM_1024, probe.ML_KEM_1024_ANSWERS, noble.mlKem1024),
    aes256Gcm: {
      nonceBytes: gcm.nonceBytes,
      seal: chosen(probe.gcmSeals(gcm), gcm.seal, noble.aes256Gcm.seal),
      open: chosen(probe.gcmOpens(gcm), gcm.open, noble.aes256Gcm.open),
    },
    aes256Cbc: {
      encrypt: chosen(probe.cbcEncrypts(cbc), cbc.encrypt, noble.aes256Cbc.encrypt, cbcIsWorth),
      decrypt: chosen(probe.cbcDecrypts(cbc), cbc.decrypt, noble.aes256Cbc.decrypt, cbcIsWorth),
    },
  }
}

const kem = (subtle: SubtleCrypto, set: ParameterSet, answers: probe.KemAnswers, noble: Kem): Kem => {
  const web = mlKem(subtle, set)
  return {
    publicKeyBytes: set.publicKeyBytes,
    ciphertextBytes: set.ciphertextBytes,
    publicKey: chosen(probe.kemMakesKeys(answers)(web), web.publicKey, noble.publicKey),
    encapsulate: chosen(probe.kemEncapsulates(noble)(web), web.encapsulate, noble.encapsulate),
    decapsulate: chosen(probe.kemDecapsulates(answers)(web), web.decapsulate, noble.decapsulate),
  }
}

/**
 * The runtime's operation where the probe holds, noble's where not. The probe runs when the operation is first wanted, once; it
 * belongs to no caller, so that one who gives up does not decide for the others.
 */
const chosen = <I extends ReadonlyArray<Uint8Array>, A, E>(
  probed: probe.Probe,
  web: (...inputs: I) => Effect.Effect<A, E>,
  noble: (...inputs: I) => Effect.Effect<A, E>,
  worth: (...inputs: I) => boolean = () => true,
): ((...inputs: I) => Effect.Effect<A, E>) => {
  let fit: boolean | undefined
  let asking: Promise<unknown> | undefined
  const ask = () =>
    Effect.runPromiseExit(probed).then((exit) => {
      fit = Exit.isSuccess(exit) && exit.value
    })
  const operation = (...inputs: I): Effect.Effect<A, E> =>
    Effect.suspend(() => {
      if (fit === false || !worth(...inputs)) return noble(...inputs)
      if (fit) return web(...inputs)
      asking ??= ask()
      // Copies: the caller may change its arrays while the probe runs.
      const given = inputs.map((input) => input.slice()) as ReadonlyArray<Uint8Array> as I
      return Effect.andThen(
        Effect.promise(() => asking!),
        Effect.suspend(() => operation(...given)),
      )
    })
  return operation
}
