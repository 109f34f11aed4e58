/**
 * What a runtime's WebCrypto must answer before an operation of it is used: known answers, and the points on which runtimes
 * differ and suppliers must not (Ed25519 without the cofactor, with canonical R and s < L; signatures that are the same
 * twice; X25519's masking). One probe an operation, about a millisecond, run when the operation is first wanted. The values
 * were computed with the reference, `core/crypto/noble.ts`, and the tests hold it to them too.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import * as Effect from "effect/Effect"
import { equal } from "../../core/crypto/bytes.ts"
import type { Aead, Cbc, DiffieHellman, Kem, Refused, Signature } from "../../core/crypto/crypto.ts"

/** Whether the operation answered as it must. A refusal or a defect on the way is a no. */
export type Probe = Effect.Effect<boolean, Refused>

const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

/** 0, 1, 2, …: the keys, nonces and texts of the probes. */
const counting = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i)
const KEY = counting(32)
const NONCE = counting(12)
const IV = counting(16)
const TEXT = counting(17)
const ASSOCIATED = counting(5)
const EMPTY = new Uint8Array(0)

const GCM = hex("4703d418c1e0c41c85489d80bde476629303b44de2b4e6a18ae501a0cc7d7fe6be")
const CBC = hex("f29000b62a499fd0a9f39a6add2e7780ae2c7b7cc6473eb497cabbd193c6174e")

export const gcmSeals = ({ seal }: Aead): Probe => is(seal(KEY, NONCE, TEXT, ASSOCIATED), GCM)

export const gcmOpens = ({ open }: Aead): Probe =>
  all(
    is(open(KEY, NONCE, GCM, ASSOCIATED), TEXT),
    refuses(open(KEY, NONCE, altered(GCM), ASSOCIATED)),
    refuses(open(KEY, NONCE, GCM, EMPTY)),
  )

export const cbcEncrypts = ({ encrypt }: Cbc): Probe => is(encrypt(KEY, IV, TEXT), CBC)

export const cbcDecrypts = ({ decrypt }: Cbc): Probe =>
  all(is(decrypt(KEY, IV, CBC), TEXT), refuses(decrypt(KEY, IV, CBC.slice(0, 16))), refuses(decrypt(KEY, IV, EMPTY)))

const X25519_PUBLIC = hex("8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f")
const X25519_SHARED = hex("df6baf6f6a43b9744fc5ef9dea1122782f9f696dc4a0d15c03c1787ee6d15e64")
/** The base point as p + 9 with the high bit set: RFC 7748 §5 masks the bit and reduces the rest. */
const UNREDUCED_BASE = hex(`f6${"ff".repeat(31)}`)

export const x25519MakesKeys = ({ publicKey }: DiffieHellman): Probe => is(publicKey(KEY), X25519_PUBLIC)

export const x25519Agrees = ({ agree }: DiffieHellman): Probe =>
  all(
    is(agree(KEY, X25519_PUBLIC), X25519_SHARED),
    is(agree(KEY, UNREDUCED_BASE), X25519_PUBLIC),
    refuses(agree(KEY, new Uint8Array(32))),
  )

const ED25519_PUBLIC = hex("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8")
const ED25519_SIGNATURE = hex(
  "9ca53579530654d5c3df77089ef45eda613e2fedf670e96bedac4639504e5845ef4b95d5793077233dd16817b2532e9c5525872a73a4ad74b759369a9e05c102",
)

export const ed25519MakesKeys = ({ publicKey }: Signature): Probe => is(publicKey(KEY), ED25519_PUBLIC)

/** Some libraries sign with a random nonce: sound, but not RFC 8032, and not the same as every other supplier. */
export const ed25519Signs = ({ sign }: Signature): Probe => is(sign(KEY, EMPTY), ED25519_SIGNATURE)

/** A public key B·a, and B·a + T₈, which has a component of order 8. */
const PLAIN_KEY = "33860fefae3838070cf5a6ee6ecb2a29ca2b9b25c96586ba7411f3ed405c3e0a"
const MIXED_KEY = "033e264639b6837839eefac0832d408746bf5def81e791fac9572e4719d3ae51"
const R = "ca6eb14c1927a93de5c1dd4692b9a14063350aa835746a2c7cf8ff3de20cffcd"

/** What the signature is, the key, the message, R, s, and the verdict that all suppliers share. */
const VERDICTS: ReadonlyArray<readonly [string, string, string, string, string, boolean]> = [
  ["honest", PLAIN_KEY, "", R, "c75be374961b1473324a121f2b3bbde5b96be38721d9361e8fb93f0b045e4705", true],
  ["s + L", PLAIN_KEY, "", R, "b42fd9d1b07e26cb08e709c209359cfab96be38721d9361e8fb93f0b045e4715", false],
  [
    "R of small order, its encoding canonical",
    PLAIN_KEY,
    "",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e824b07622334709a7098c3ac8568a19b8f9782602e34a33d03880805130a00a",
    true,
  ],
  [
    "R unreduced",
    PLAIN_KEY,
    "",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "4d9b9f3dd9e4ee53ab9808446734c7deb030e6e5c09491eb6262979276913d0c",
    false,
  ],
  [
    "R with a sign where x = 0",
    PLAIN_KEY,
    "",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ed428498d973a02bc21e29ff6a3c338a50498d461857ec053613237072067800",
    false,
  ],
  [
    "R with a component of order 8",
    PLAIN_KEY,
    "",
    "bc9d69080981a38937ef0367498b7ab289d41c5824ed25fc36483796fe259288",
    "9d672cd282f668182e6da03969ea57ccecd4c7b48d721bc269a79281c403c506",
    false,
  ],
  [
    "a mixed key, the equation exact",
    MIXED_KEY,
    "0f",
    R,
    "9bcb360d0462fcb1d5b0672f49e89c82c2285bd1d3caf185017817476379900c",
    true,
  ],
  [
    "a mixed key, the equation only with the cofactor",
    MIXED_KEY,
    "00",
    R,
    "0e1f4f263510f47723f16eaeb987f0259fbb1033f635d82d2f616090c94db209",
    false,
  ],
]

export const ed25519Verifies = ({ verify }: Signature): Probe =>
  all(
    ...VERDICTS.map(([, key, message, r, s, verdict]) =>
      Effect.map(verify(hex(key), hex(message), hex(r + s)), (said) => said === verdict),
    ),
  )

/** Of the key pair with the seed 0, 1, 2, …: SHA-256 of the public key, and the secret of an all-zero ciphertext (§7.3). */
export interface KemAnswers {
  readonly publicKey: string
  readonly rejection: string
}

export const ML_KEM_768_ANSWERS: KemAnswers = {
  publicKey: "0b7934c83125c788995e2ba6bd761e33046b3e40571be53e023309a29f398cc9",
  rejection: "c8fbeddafdacef2ffeb8b354ea644f11b5c150f3e2c4a74ce38abba8f854ae16",
}

export const ML_KEM_1024_ANSWERS: KemAnswers = {
  publicKey: "c7b8fa0aa471d5ae18922d6ccad5b31e1d84f92ae723abfd13747018740a8530",
  rejection: "294cb5b6b0f37a047745a2a69991f66ac85936e1b077e717eaeb26bb0ba42c68",
}

const SEED = counting(64)

export const kemMakesKeys =
  (answers: KemAnswers) =>
  ({ publicKey }: Kem): Probe =>
    is(Effect.map(publicKey(SEED), sha256), hex(answers.publicKey))

export const kemDecapsulates =
  (answers: KemAnswers) =>
  ({ decapsulate, ciphertextBytes }: Kem): Probe =>
    is(decapsulate(SEED, new Uint8Array(ciphertextBytes)), hex(answers.rejection))

/** Its public key and its other half come from the reference: a runtime may have one operation and not another. */
export const kemEncapsulates =
  (reference: Kem) =>
  ({ encapsulate }: Kem): Probe =>
    Effect.gen(function* () {
      const { ciphertext, sharedSecret } = yield* encapsulate(yield* reference.publicKey(SEED))
      return equal(yield* reference.decapsulate(SEED, ciphertext), sharedSecret)
    })

function is<E>(operation: Effect.Effect<Uint8Array, E>, expected: Uint8Array): Effect.Effect<boolean, E> {
  return Effect.map(operation, (actual) => equal(actual, expected))
}

function refuses(operation: Effect.Effect<unknown, Refused>): Effect.Effect<boolean> {
  return Effect.match(operation, { onFailure: () => true, onSuccess: () => false })
}

function all(...facts: ReadonlyArray<Probe>): Probe {
  return Effect.map(Effect.all(facts), (held) => held.every((fact) => fact))
}

function altered(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice()
  copy[copy.length - 1]! ^= 1
  return copy
}
