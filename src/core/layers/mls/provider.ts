/**
 * The cipher suite that ts-mls computes with, over our Crypto port: MLS_256_XWING_AES256GCM_SHA512_Ed25519. So no optional
 * peer of ts-mls is needed, and every random byte comes from the port.
 *
 * ts-mls speaks promises and exceptions, so this file does too; group.ts turns them back. What it still takes from the
 * runtime, whatever the provider: `crypto.getRandomValues` in `zeroOutUint8Array` (over bytes that it then clears, so no
 * result depends on it), `TextEncoder`, and `Buffer` or `btoa`.
 */
import * as Effect from "effect/Effect"
import type { CiphersuiteImpl } from "ts-mls/crypto/ciphersuite.js"
import type { PrivateKey, PublicKey } from "ts-mls/crypto/hpke.js"
import { equal } from "../../crypto/bytes.ts"
import { type CryptoService, type KeyPair, Refused } from "../../crypto/crypto.ts"
import { X_WING_PUBLIC_KEY_BYTES, X_WING_SEED_BYTES, xWing } from "../../crypto/x-wing.ts"
import { hpke, KEY_BYTES, NONCE_BYTES } from "./hpke.ts"
import { expand, extract, SECRET_BYTES } from "./kdf.ts"
import { SUITE } from "./suite.ts"

/** draft-connolly-cfrg-xwing-kem §7. */
const KEM_X_WING = 0x647a

const NOTHING = new Uint8Array()

/** A key in the shape that ts-mls passes around: to it the inside is opaque, to us it is the bytes. */
const wrap = <K>(bytes: Uint8Array): K => ({ bytes: bytes.slice() }) as unknown as K
const unwrap = (key: PublicKey | PrivateKey): Uint8Array => (key as unknown as { readonly bytes: Uint8Array }).bytes

const sized = (bytes: Uint8Array, length: number): Uint8Array => {
  if (bytes.length !== length) throw new Refused()
  return bytes
}

/** `made`: X-Wing pairs that are given out before any is generated, each of them once. */
export const suiteOver = (crypto: CryptoService, made: ReadonlyArray<KeyPair> = []): CiphersuiteImpl => {
  const waiting = [...made]
  const run = Effect.runPromise
  const kem = xWing(crypto)
  const xWingHpke = hpke(crypto, { ...kem, id: KEM_X_WING })

  const keyPair = async (seed: Uint8Array) => ({
    privateKey: wrap<PrivateKey>(seed),
    publicKey: wrap<PublicKey>(await run(kem.publicKey(seed))),
  })

  return {
    name: SUITE,
    rng: { randomBytes: crypto.random },
    hash: {
      digest: async (data) => crypto.sha512(data),
      mac: async (key, data) => crypto.hmacSha512(key, data),
      verifyMac: async (key, mac, data) => equal(mac, crypto.hmacSha512(key, data)),
    },
    kdf: {
      size: SECRET_BYTES,
      extract: async (salt, ikm) => extract(crypto, salt, ikm),
      expand: async (prk, info, length) => expand(crypto, prk, info, length),
    },
    signature: {
      sign: (seed, message) => run(crypto.ed25519.sign(seed, message)),
      verify: (publicKey, message, signature) => run(crypto.ed25519.verify(publicKey, message, signature)),
      keygen: async () => {
        const signKey = crypto.random(32)
        return { signKey, publicKey: await run(crypto.ed25519.publicKey(signKey)) }
      },
    },
    hpke: {
      keyLength: KEY_BYTES,
      nonceLength: NONCE_BYTES,
      seal: async (publicKey, plaintext, info, associated = NOTHING) => {
        const sealed = await run(xWingHpke.seal(unwrap(publicKey), info, plaintext, associated))
        return { enc: sealed.encapsulated, ct: sealed.ciphertext }
      },
      open: (privateKey, encapsulated, ciphertext, info, associated = NOTHING) =>
        run(xWingHpke.open(unwrap(privateKey), encapsulated, info, ciphertext, associated)),
      exportSecret: async (publicKey, context, length, info) => {
        const sent = await run(xWingHpke.sendExport(unwrap(publicKey), info, context, length))
        return { enc: sent.encapsulated, secret: sent.secret }
      },
      importSecret: (privateKey, context, encapsulated, length, info) =>
        run(xWingHpke.receiveExport(unwrap(privateKey), encapsulated, info, context, length)),
      importPrivateKey: async (bytes) => wrap<PrivateKey>(sized(bytes, X_WING_SEED_BYTES)),
      importPublicKey: async (bytes) => wrap<PublicKey>(sized(bytes, X_WING_PUBLIC_KEY_BYTES)),
      exportPrivateKey: async (key) => unwrap(key).slice(),
      exportPublicKey: async (key) => unwrap(key).slice(),
      encryptAead: (key, nonce, associated = NOTHING, plaintext) =>
        run(crypto.aes256Gcm.seal(key, nonce, plaintext, associated)),
      decryptAead: (key, nonce, associated = NOTHING, ciphertext) =>
        run(crypto.aes256Gcm.open(key, nonce, ciphertext, associated)),
      generateKeyPair: async () => {
        const pair = waiting.shift()
        if (pair === undefined) return keyPair(crypto.random(X_WING_SEED_BYTES))
        return { privateKey: wrap<PrivateKey>(pair.secretKey), publicKey: wrap<PublicKey>(pair.publicKey) }
      },
      // draft-connolly-cfrg-xwing-kem §5.2, DeriveKeyPair: the seed is SHAKE256 of the input.
      deriveKeyPair: (ikm) => keyPair(crypto.shake256(ikm, X_WING_SEED_BYTES)),
    },
  }
}
