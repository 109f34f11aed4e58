/**
 * Known answers: each primitive is the one that its standard describes. A few published vectors each, enough to tell any other
 * algorithm apart; the long lists (Wycheproof, ACVP) run in the project's own tests.
 */
import * as Effect from "effect/Effect"
import { concat, utf8 } from "../../core/crypto/bytes.ts"
import { type CryptoCheck, filled, hex, holds, same } from "./crypto-check.ts"

const ABC = utf8("abc")
const EMPTY = new Uint8Array(0)

/** RFC 4231, test cases 2 and 6. */
const JEFE = [utf8("Jefe"), utf8("what do ya want for nothing?")] as const
const LONG_KEY = [
  new Uint8Array(131).fill(0xaa),
  utf8("Test Using Larger Than Block-Size Key - Hash Key First"),
] as const

/** RFC 5869, test case 1. */
const HKDF = [new Uint8Array(22).fill(0x0b), hex("000102030405060708090a0b0c"), hex("f0f1f2f3f4f5f6f7f8f9")] as const

export const answers: ReadonlyArray<CryptoCheck> = [
  {
    name: "hashes are FIPS 180-4 and FIPS 202",
    run: Effect.fnUntraced(function* (crypto) {
      yield* same("SHA-256", crypto.sha256(ABC), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
      yield* same(
        "SHA-512",
        crypto.sha512(ABC),
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
      )
      yield* same("SHA3-256", crypto.sha3_256(ABC), "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532")
      yield* same(
        "SHA3-512",
        crypto.sha3_512(ABC),
        "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
      )
      yield* same("SHA-256 of nothing", crypto.sha256(EMPTY).slice(0, 8), "e3b0c44298fc1c14")
      yield* same("SHA-512 of nothing", crypto.sha512(EMPTY).slice(0, 8), "cf83e1357eefb8bd")
      yield* same("SHA3-256 of nothing", crypto.sha3_256(EMPTY).slice(0, 8), "a7ffc6f8bf1ed766")
      yield* same("SHA3-512 of nothing", crypto.sha3_512(EMPTY).slice(0, 8), "a69f73cca23a9ac5")
    }),
  },
  {
    name: "SHAKE256 gives as much as asked, a prefix of anything longer",
    run: Effect.fnUntraced(function* (crypto) {
      const long = crypto.shake256(ABC, 200)
      yield* same("SHAKE256", long.slice(0, 32), "483366601360a8771c6863080cc4114d8db44530f8f1e1ee4f94ea37e78b5739")
      for (const length of [1, 32, 135, 136, 137, 200])
        yield* same(`SHAKE256 of ${length}`, crypto.shake256(ABC, length), long.slice(0, length))
    }),
  },
  {
    name: "HMAC is RFC 2104, with keys of any length",
    run: Effect.fnUntraced(function* (crypto) {
      yield* same(
        "HMAC-SHA256",
        crypto.hmacSha256(...JEFE),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      )
      yield* same(
        "HMAC-SHA512",
        crypto.hmacSha512(...JEFE),
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
      )
      yield* same(
        "HMAC-SHA256 with a long key",
        crypto.hmacSha256(...LONG_KEY),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
      )
      yield* same("no key is a key of zeros", crypto.hmacSha256(EMPTY, ABC), crypto.hmacSha256(new Uint8Array(64), ABC))
      yield* same(
        "no key is a key of zeros",
        crypto.hmacSha512(EMPTY, ABC),
        crypto.hmacSha512(new Uint8Array(128), ABC),
      )
    }),
  },
  {
    name: "HKDF is RFC 5869, extract and expand, with info of any length",
    run: Effect.fnUntraced(function* (crypto) {
      yield* same(
        "HKDF-SHA256",
        crypto.hkdfSha256(...HKDF, 42),
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
      )
      for (const info of [EMPTY, filled(80, 1), filled(5000, 2)]) {
        const [ikm, salt] = [filled(64, 3), filled(32, 4)]
        const one256 = crypto.hmacSha256(crypto.hmacSha256(salt, ikm), concat(info, Uint8Array.of(1)))
        const one512 = crypto.hmacSha512(crypto.hmacSha512(salt, ikm), concat(info, Uint8Array.of(1)))
        yield* same(`HKDF-SHA256, info of ${info.length}`, crypto.hkdfSha256(ikm, salt, info, 32), one256)
        yield* same(`HKDF-SHA512, info of ${info.length}`, crypto.hkdfSha512(ikm, salt, info, 64), one512)
        yield* same("longer output continues shorter", crypto.hkdfSha512(ikm, salt, info, 200).slice(0, 64), one512)
      }
      yield* same(
        "no salt is a salt of zeros",
        crypto.hkdfSha256(ABC, EMPTY, EMPTY, 32),
        crypto.hkdfSha256(ABC, new Uint8Array(32), EMPTY, 32),
      )
    }),
  },
  {
    name: "X25519 is RFC 7748: clamped secrets, masked public keys",
    run: Effect.fnUntraced(function* ({ x25519 }) {
      const nine = new Uint8Array(32)
      nine[0] = 9
      yield* same(
        "public key",
        yield* x25519.publicKey(nine),
        "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079",
      )
      const vectors = [
        [
          "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
          "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
          "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
        ],
        [
          "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
          "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
          "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
        ],
      ] as const
      for (const [secret, u, shared] of vectors) yield* same("shared", yield* x25519.agree(hex(secret), hex(u)), shared)
    }),
  },
  {
    name: "Ed25519 is RFC 8032, deterministic",
    run: Effect.fnUntraced(function* ({ ed25519 }) {
      const vectors = [
        [
          "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
          "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
          "",
          "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ],
        [
          "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
          "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
          "af82",
          "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ],
      ] as const
      for (const [seed, publicKey, message, signature] of vectors) {
        yield* same("public key", yield* ed25519.publicKey(hex(seed)), publicKey)
        yield* same("signature", yield* ed25519.sign(hex(seed), hex(message)), signature)
        yield* holds("verifies", yield* ed25519.verify(hex(publicKey), hex(message), hex(signature)))
      }
    }),
  },
  {
    name: "ML-KEM is FIPS 203, its secret key the seed d ‖ z",
    run: Effect.fnUntraced(function* (crypto) {
      const seed = Uint8Array.from({ length: 64 }, (_, i) => i)
      const vectors = [
        [crypto.mlKem768, 1184, 1088, "0b7934c83125c788995e2ba6bd761e33046b3e40571be53e023309a29f398cc9"],
        [crypto.mlKem1024, 1568, 1568, "c7b8fa0aa471d5ae18922d6ccad5b31e1d84f92ae723abfd13747018740a8530"],
      ] as const
      for (const [kem, publicKeyBytes, ciphertextBytes, publicKeyHash] of vectors) {
        yield* holds("sizes", kem.publicKeyBytes === publicKeyBytes && kem.ciphertextBytes === ciphertextBytes)
        yield* same("SHA-256 of the public key", crypto.sha256(yield* kem.publicKey(seed)), publicKeyHash)
        const stray = filled(ciphertextBytes, 5)
        const rejection = crypto.shake256(concat(seed.slice(32), stray), 32)
        yield* same("implicit rejection (§6.3)", yield* kem.decapsulate(seed, stray), rejection)
      }
    }),
  },
  {
    name: "AES-256-GCM is NIST SP 800-38D",
    run: Effect.fnUntraced(function* ({ aes256Gcm }) {
      const input = [
        hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"),
        hex("cafebabefacedbaddecaf888"),
        hex(
          "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        ),
        hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
      ] as const
      yield* same(
        "ciphertext ‖ tag",
        yield* aes256Gcm.seal(...input),
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b",
      )
    }),
  },
  {
    name: "XChaCha20-Poly1305 is draft-irtf-cfrg-xchacha",
    run: Effect.fnUntraced(function* ({ xChaCha20Poly1305 }) {
      const input = [
        Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i),
        Uint8Array.from({ length: 24 }, (_, i) => 0x40 + i),
        utf8(
          "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
        ),
        hex("50515253c0c1c2c3c4c5c6c7"),
      ] as const
      yield* same(
        "ciphertext ‖ tag",
        yield* xChaCha20Poly1305.seal(...input),
        "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49",
      )
    }),
  },
  {
    name: "AES-256-CBC is NIST SP 800-38A with PKCS#7 padding",
    run: Effect.fnUntraced(function* ({ aes256Cbc }) {
      const key = hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
      const iv = Uint8Array.from({ length: 16 }, (_, i) => i)
      const plaintext = hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51")
      const ciphertext = yield* aes256Cbc.encrypt(key, iv, plaintext)
      yield* holds("a whole block of padding", ciphertext.length === 48)
      yield* same(
        "ciphertext",
        ciphertext.slice(0, 32),
        "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d",
      )
      yield* same("decrypted", yield* aes256Cbc.decrypt(key, iv, ciphertext), plaintext)
    }),
  },
]
