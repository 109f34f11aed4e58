/**
 * A Crypto that watches itself: which keys and nonces encrypted what, which keys were used, and how much work was done. It
 * is how an invariant sees inside a layer that it knows nothing about. For tests only: it holds every key it sees.
 */
import * as Effect from "effect/Effect"
import { concat, toBase64url, utf8 } from "../../core/crypto/bytes.ts"
import type { Aead, CryptoService, DiffieHellman, Kem } from "../../core/crypto/crypto.ts"

/** One call that encrypted. Keys, nonces and digests in base64url. */
export interface Encryption {
  /** Which cipher. */
  readonly cipher: "aes256Gcm" | "xChaCha20Poly1305" | "aes256Cbc"
  /** The key, in hexadecimal digits. */
  readonly key: string
  /** The nonce, in hexadecimal digits. */
  readonly nonce: string
  /** SHA-256 of plaintext and associated data. */
  readonly digest: string
}

/** How often primitives were called: those with a public or private key, and all the others. */
export interface Work {
  /** Operations with public keys. */
  readonly publicKey: number
  /** Other operations. */
  readonly symmetric: number
}

/** What happened since the last `take`. */
export interface Watched {
  readonly work: Work
  readonly encryptions: ReadonlyArray<Encryption>
  /** Keys of ciphers, used to encrypt or to decrypt. */
  readonly cipherKeys: ReadonlyArray<Uint8Array>
  /** Keys of HMAC, and input key material and salts of HKDF. */
  readonly derivationKeys: ReadonlyArray<Uint8Array>
}

export interface Watch {
  readonly crypto: CryptoService
  readonly take: () => Watched
}

export const watch = (crypto: CryptoService): Watch => {
  let publicKey = 0
  let symmetric = 0
  let encryptions: Array<Encryption> = []
  let cipherKeys: Array<Uint8Array> = []
  let derivationKeys: Array<Uint8Array> = []

  const hard = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.suspend(() => {
      publicKey += 1
      return effect
    })
  const light =
    <Args extends ReadonlyArray<unknown>, A>(run: (...args: Args) => A) =>
    (...args: Args): A => {
      symmetric += 1
      return run(...args)
    }
  const keyed =
    <Args extends readonly [Uint8Array, ...ReadonlyArray<unknown>], A>(run: (...args: Args) => A) =>
    (...args: Args): A => {
      derivationKeys.push(args[0].slice())
      return light(run)(...args)
    }
  const derive =
    (run: CryptoService["hkdfSha256"]): CryptoService["hkdfSha256"] =>
    (ikm, salt, info, length) => {
      derivationKeys.push(ikm.slice(), salt.slice())
      return light(run)(ikm, salt, info, length)
    }
  const encrypted = (
    cipher: Encryption["cipher"],
    key: Uint8Array,
    nonce: Uint8Array,
    plaintext: Uint8Array,
    associated: Uint8Array = new Uint8Array(0),
  ): void => {
    cipherKeys.push(key.slice())
    const digest = crypto.sha256(concat(utf8(`${plaintext.length} `), plaintext, associated))
    encryptions.push({ cipher, key: toBase64url(key), nonce: toBase64url(nonce), digest: toBase64url(digest) })
  }

  const aead = (cipher: "aes256Gcm" | "xChaCha20Poly1305"): Aead => ({
    nonceBytes: crypto[cipher].nonceBytes,
    seal: (key, nonce, plaintext, associated) =>
      Effect.suspend(() => {
        encrypted(cipher, key, nonce, plaintext, associated)
        return light(crypto[cipher].seal)(key, nonce, plaintext, associated)
      }),
    open: (key, nonce, ciphertext, associated) =>
      Effect.suspend(() => {
        cipherKeys.push(key.slice())
        return light(crypto[cipher].open)(key, nonce, ciphertext, associated)
      }),
  })
  const kem = (supplier: Kem): Kem => ({
    ...supplier,
    publicKey: (seed) => hard(supplier.publicKey(seed)),
    encapsulate: (key) => hard(supplier.encapsulate(key)),
    decapsulate: (seed, ciphertext) => hard(supplier.decapsulate(seed, ciphertext)),
  })
  const x25519: DiffieHellman = {
    publicKey: (secret) => hard(crypto.x25519.publicKey(secret)),
    agree: (secret, peer) => hard(crypto.x25519.agree(secret, peer)),
  }

  return {
    take: () => {
      const watched = { work: { publicKey, symmetric }, encryptions, cipherKeys, derivationKeys }
      publicKey = 0
      symmetric = 0
      encryptions = []
      cipherKeys = []
      derivationKeys = []
      return watched
    },
    crypto: {
      name: `watched ${crypto.name}`,
      random: crypto.random,
      sha256: light(crypto.sha256),
      sha512: light(crypto.sha512),
      sha3_256: light(crypto.sha3_256),
      sha3_512: light(crypto.sha3_512),
      shake256: light(crypto.shake256),
      hmacSha256: keyed(crypto.hmacSha256),
      hmacSha512: keyed(crypto.hmacSha512),
      hkdfSha256: derive(crypto.hkdfSha256),
      hkdfSha512: derive(crypto.hkdfSha512),
      x25519,
      ed25519: {
        publicKey: (secret) => hard(crypto.ed25519.publicKey(secret)),
        sign: (secret, message) => hard(crypto.ed25519.sign(secret, message)),
        verify: (key, message, signature) => hard(crypto.ed25519.verify(key, message, signature)),
      },
      mlKem768: kem(crypto.mlKem768),
      mlKem1024: kem(crypto.mlKem1024),
      aes256Gcm: aead("aes256Gcm"),
      xChaCha20Poly1305: aead("xChaCha20Poly1305"),
      aes256Cbc: {
        encrypt: (key, iv, plaintext) =>
          Effect.suspend(() => {
            encrypted("aes256Cbc", key, iv, plaintext)
            return light(crypto.aes256Cbc.encrypt)(key, iv, plaintext)
          }),
        decrypt: (key, iv, ciphertext) =>
          Effect.suspend(() => {
            cipherKeys.push(key.slice())
            return light(crypto.aes256Cbc.decrypt)(key, iv, ciphertext)
          }),
      },
    },
  }
}
