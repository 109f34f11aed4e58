/**
 * Rejections: every supplier refuses the same inputs (invariant HS-3), or two peers on different runtimes could be brought to
 * disagree on whether a message is genuine.
 */
import * as Effect from "effect/Effect"
import type { Aead, CryptoService } from "../../core/crypto/crypto.ts"
import { type CryptoCheck, defects, filled, flipped, hex, holds, refuses, same } from "./crypto-check.ts"

/** u coordinates of small order on the curve and its twist, and their unreduced forms (cr.yp.to/ecdh.html, "validate"). */
const LOW_ORDER_U = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]

/** The eight points of small order of edwards25519, and every other way to write them. */
const SMALL_ORDER_POINTS = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].flatMap((point) => [hex(point), flipped(hex(point), 255)])

/** The order of the base point, little-endian. */
const L = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")

/** A public key with a component of small order: B·a + T₈. Whether the cofactor is cleared decides the two signatures below. */
const MIXED_KEY = hex("8488d6df6b0cd1b7c4fe52cb82a9d532eddd9930bc7685846d22878869a2f514")
const MIXED = {
  /** s·B = R + k·A exactly, because k is a multiple of 8. */
  exact: [
    "02",
    "a9a4b61b52db164253147e0c5bd20852d7ab4763e996d0117febccbc7a1abb567f692ef5732c9ff94b9b97a12b2b65b8b833368e1b38c4e4d6d480b0b0acad0d",
  ],
  /** Only 8·s·B = 8·R + 8·k·A. */
  cofactored: [
    "00",
    "6df1619a1ef5fc4e53a03ddb1c26f568978415612eae3a3072370898bcd4ba21453702c3baa2b6c7d819e5eb84452c90af3ac2d043335c186779a7ab1b04060e",
  ],
} as const

/** Genuine under AES-256-GCM with nonces of 8, 16 and 32 bytes, which SP 800-38D allows and the port does not. */
const OTHER_NONCES = [
  [8, "1eade4af3d65fd7447a18f106ddeb6d64e9cac6612f594bc"],
  [16, "e0415c55f0856df111cd3d24386857169be483809909ace5"],
  [32, "d15c469984b8583811392021f132b79876534ae1977fefe5"],
] as const

export const rejections: ReadonlyArray<CryptoCheck> = [
  {
    name: "X25519 refuses low-order points and wrong lengths",
    run: Effect.fnUntraced(function* ({ x25519 }) {
      const secret = filled(32, 11)
      for (const u of LOW_ORDER_U) {
        yield* refuses(`low order ${u}`, x25519.agree(secret, hex(u)))
        yield* refuses(`low order ${u}, high bit set`, x25519.agree(secret, flipped(hex(u), 255)))
      }
      const peer = yield* x25519.publicKey(filled(32, 12))
      for (const length of [0, 31, 33]) {
        yield* refuses(`a public key of ${length}`, x25519.agree(secret, filled(length, 13)))
        yield* refuses(`a secret key of ${length}`, x25519.agree(filled(length, 13), peer))
        yield* defects(`a secret key of ${length}`, () => x25519.publicKey(filled(length, 13)))
      }
      yield* same(
        "the high bit is no part of a public key",
        yield* x25519.agree(secret, flipped(peer, 255)),
        yield* x25519.agree(secret, peer),
      )
    }),
  },
  {
    name: "Ed25519 verifies nothing that was altered",
    run: Effect.fnUntraced(function* ({ ed25519 }) {
      const [seed, message] = [filled(32, 21), filled(50, 22)]
      const publicKey = yield* ed25519.publicKey(seed)
      const signature = yield* ed25519.sign(seed, message)
      for (const bit of [0, 7, 100, 255, 256, 300, 503, 504, 508, 509, 510, 511])
        yield* holds(`signature bit ${bit}`, !(yield* ed25519.verify(publicKey, message, flipped(signature, bit))))
      for (const bit of [0, 130, 254, 255])
        yield* holds(`key bit ${bit}`, !(yield* ed25519.verify(flipped(publicKey, bit), message, signature)))
      yield* holds("message", !(yield* ed25519.verify(publicKey, flipped(message, 399), signature)))
      yield* holds("shorter message", !(yield* ed25519.verify(publicKey, message.slice(1), signature)))
      for (const length of [0, 31, 33]) {
        yield* holds(`a key of ${length}`, !(yield* ed25519.verify(filled(length, 23), message, signature)))
        yield* defects(`a secret key of ${length}`, () => ed25519.publicKey(filled(length, 23)))
        yield* defects(`a secret key of ${length}`, () => ed25519.sign(filled(length, 23), message))
      }
      for (const length of [0, 32, 63, 65])
        yield* holds(`a signature of ${length}`, !(yield* ed25519.verify(publicKey, message, filled(length, 23))))
    }),
  },
  {
    name: "Ed25519 is strict: s < L, canonical R, no key of small order",
    run: Effect.fnUntraced(function* ({ ed25519 }) {
      const [seed, message] = [filled(32, 24), filled(50, 25)]
      const publicKey = yield* ed25519.publicKey(seed)
      const signature = yield* ed25519.sign(seed, message)
      yield* holds("s + L", !(yield* ed25519.verify(publicKey, message, plusL(signature))))
      // R = 0·B and s = 0 satisfy the equation for a key of order 1, and for 1 in 2, 4, 8 messages for the others.
      const zero = new Uint8Array(64)
      zero[0] = 1
      for (const point of SMALL_ORDER_POINTS)
        for (let i = 0; i < 9; i++)
          yield* holds(`small order ${point}`, !(yield* ed25519.verify(point, Uint8Array.of(i), zero)))
    }),
  },
  {
    name: "Ed25519 verifies without the cofactor",
    run: Effect.fnUntraced(function* ({ ed25519 }) {
      const verify = ([message, signature]: readonly [string, string]) =>
        ed25519.verify(MIXED_KEY, hex(message), hex(signature))
      yield* holds("the exact equation holds and was refused", yield* verify(MIXED.exact))
      yield* holds("only the cofactored equation holds, yet it was accepted", !(yield* verify(MIXED.cofactored)))
    }),
  },
  {
    name: "ML-KEM refuses unreduced public keys and wrong lengths",
    run: Effect.fnUntraced(function* ({ mlKem768, mlKem1024 }) {
      for (const kem of [mlKem768, mlKem1024]) {
        const seed = filled(64, 31)
        const publicKey = yield* kem.publicKey(seed)
        const { ciphertext } = yield* kem.encapsulate(publicKey)
        const last = kem.publicKeyBytes - 32 - 3
        for (const offset of [0, 3, last]) {
          for (const coefficients of [
            [0x01, 0x0d, 0x00], // 3329, 0: the first value that is not reduced
            [0x00, 0x10, 0xd0], // 0, 3329
            [0xff, 0xff, 0xff], // 4095, 4095
          ]) {
            const unreduced = publicKey.slice()
            unreduced.set(coefficients, offset)
            yield* refuses(`coefficients at ${offset}`, kem.encapsulate(unreduced))
          }
        }
        for (const change of [-1, 1]) {
          yield* refuses("public key length", kem.encapsulate(filled(kem.publicKeyBytes + change, 32)))
          yield* refuses("ciphertext length", kem.decapsulate(seed, filled(kem.ciphertextBytes + change, 32)))
          yield* refuses("seed length", kem.decapsulate(filled(64 + change, 32), ciphertext))
          yield* defects("seed length", () => kem.publicKey(filled(64 + change, 32)))
        }
        yield* refuses("no public key", kem.encapsulate(new Uint8Array(0)))
        yield* refuses("no ciphertext", kem.decapsulate(seed, new Uint8Array(0)))
      }
    }),
  },
  { name: "AES-256-GCM opens nothing that was altered", run: ({ aes256Gcm }) => aeadRejections(aes256Gcm, 12) },
  {
    name: "AES-256-GCM takes 96-bit nonces only, though others open elsewhere",
    run: Effect.fnUntraced(function* ({ aes256Gcm }) {
      for (const [length, sealed] of OTHER_NONCES)
        yield* refuses(
          `a nonce of ${length}`,
          aes256Gcm.open(filled(32, 51), filled(length, 56), hex(sealed), filled(20, 53)),
        )
    }),
  },
  {
    name: "XChaCha20-Poly1305 opens nothing that was altered",
    run: ({ xChaCha20Poly1305 }) => aeadRejections(xChaCha20Poly1305, 24),
  },
  {
    name: "AES-256-CBC refuses bad padding and broken blocks",
    run: Effect.fnUntraced(function* (crypto) {
      const [key, iv] = [filled(32, 41), filled(16, 42)]
      for (const length of [0, 1, 15, 17, 31])
        yield* refuses(`a ciphertext of ${length}`, crypto.aes256Cbc.decrypt(key, iv, filled(length, 43)))
      for (const padding of [[0], [17], [2, 1, 2], [0xff], [3, 4, 3]])
        yield* refuses(
          `padding … ${padding}`,
          crypto.aes256Cbc.decrypt(key, iv, yield* endingIn(crypto, key, iv, padding)),
        )
      const block = filled(16, 44)
      for (const length of [0, 16, 31, 33]) {
        yield* refuses(`a key of ${length}`, crypto.aes256Cbc.decrypt(filled(length, 45), iv, block))
        yield* defects(`a key of ${length}`, () => crypto.aes256Cbc.encrypt(filled(length, 45), iv, block))
      }
      for (const length of [0, 12, 15, 17]) {
        yield* refuses(`an IV of ${length}`, crypto.aes256Cbc.decrypt(key, filled(length, 45), block))
        yield* defects(`an IV of ${length}`, () => crypto.aes256Cbc.encrypt(key, filled(length, 45), block))
      }
    }),
  },
]

const aeadRejections = Effect.fnUntraced(function* (aead: Aead, nonceBytes: number) {
  const [key, nonce, associated] = [filled(32, 51), filled(nonceBytes, 52), filled(20, 53)]
  yield* holds("nonce size", aead.nonceBytes === nonceBytes)
  for (const length of [0, 1, 16, 33]) {
    const plaintext = filled(length, 54)
    const sealed = yield* aead.seal(key, nonce, plaintext, associated)
    yield* holds("16 bytes of tag", sealed.length === length + 16)
    for (let bit = 0; bit < 8 * sealed.length; bit += 5)
      yield* refuses(`ciphertext bit ${bit}`, aead.open(key, nonce, flipped(sealed, bit), associated))
    for (let bit = 0; bit < 8 * nonceBytes; bit += 7)
      yield* refuses(`nonce bit ${bit}`, aead.open(key, flipped(nonce, bit), sealed, associated))
    for (let bit = 0; bit < 256; bit += 17)
      yield* refuses(`key bit ${bit}`, aead.open(flipped(key, bit), nonce, sealed, associated))
    yield* refuses("associated data", aead.open(key, nonce, sealed, flipped(associated, 9)))
    yield* refuses("no associated data", aead.open(key, nonce, sealed, new Uint8Array(0)))
    yield* refuses("shifted border", aead.open(key, nonce, sealed, associated.slice(1)))
    for (let kept = 0; kept < sealed.length; kept += 3)
      yield* refuses(`cut to ${kept}`, aead.open(key, nonce, sealed.slice(0, kept), associated))
  }
  const sealed = yield* aead.seal(key, nonce, filled(8, 55), associated)
  for (const length of [0, 8, 11, 12, 13, 16, 23, 24, 25, 32]) {
    if (length === nonceBytes) continue
    yield* refuses(`a nonce of ${length}`, aead.open(key, filled(length, 56), sealed, associated))
    yield* defects(`a nonce of ${length}`, () => aead.seal(key, filled(length, 56), filled(8, 55), associated))
  }
  for (const length of [0, 16, 24, 31, 33]) {
    yield* refuses(`a key of ${length}`, aead.open(filled(length, 57), nonce, sealed, associated))
    yield* defects(`a key of ${length}`, () => aead.seal(filled(length, 57), nonce, filled(8, 55), associated))
  }
})

/** The same signature with s + L in place of s; fits, because s + L < 2²⁵⁴. */
const plusL = (signature: Uint8Array): Uint8Array => {
  const malleated = signature.slice()
  let carry = 0
  for (let i = 0; i < 32; i++) {
    carry += malleated[32 + i]! + L[i]!
    malleated[32 + i] = carry & 0xff
    carry >>= 8
  }
  return malleated
}

/** Two blocks of ciphertext that decrypt to something ending in these bytes: CBC lets the first block choose the second. */
const endingIn = Effect.fnUntraced(function* (
  { aes256Cbc }: CryptoService,
  key: Uint8Array,
  iv: Uint8Array,
  ending: ReadonlyArray<number>,
) {
  const plaintext = filled(32, 46)
  const ciphertext = (yield* aes256Cbc.encrypt(key, iv, plaintext)).slice(0, 32)
  ending.forEach((wanted, i) => {
    const at = 16 - ending.length + i
    ciphertext[at]! ^= plaintext[16 + at]! ^ wanted
  })
  return ciphertext
})
