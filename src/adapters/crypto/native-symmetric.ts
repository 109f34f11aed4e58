/**
 * Hashes, MACs, key derivation and ciphers over `node:crypto`. Three things about that interface shape this file:
 *
 * - a raw key costs 10–15 µs a call in Node 24, the same key as a KeyObject 1: every key is wrapped, for one call only, so
 *   nothing is kept and a caller may wipe its array at once;
 * - a hash in one call takes 1 µs, an Hmac object 4–5: so a MAC of little is two hashes (RFC 2104);
 * - results are Buffers, whose `slice` is a view: everything handed out is copied into an array of its own.
 */
import { hchacha } from "@noble/ciphers/chacha.js"
import * as Effect from "effect/Effect"
import { concat } from "../../core/crypto/bytes.ts"
import type { Aead, Cbc, CryptoService, Digest } from "../../core/crypto/crypto.ts"
import { lengthIs, refusing } from "../../core/crypto/refusing.ts"

export type NodeCrypto = typeof import("node:crypto")

const KEY_BYTES = 32
const TAG_BYTES = 16
const BLOCK_BYTES = 16

/** Node refuses a longer `info` in `hkdfSync`. */
const MAX_INFO_BYTES = 1024

export const digest =
  (node: NodeCrypto, algorithm: string): Digest =>
  (data) =>
    own(node.hash(algorithm, data, "buffer"))

export const shake256 =
  (node: NodeCrypto): CryptoService["shake256"] =>
  (data, length) =>
    new Uint8Array(node.createHash("shake256", { outputLength: length }).update(data).digest())

/** Up to this many bytes two hashes are faster than an Hmac object; beyond, what they copy costs as much. */
const SHORT_BYTES = 8_192
/** What a ratchet or a derivation hashes is no longer. */
const SEEN_BYTES = 256

/** RFC 2104 §2. `block` is the hash's block length in bytes. */
export const hmac = (node: NodeCrypto, algorithm: "sha256" | "sha512"): CryptoService["hmacSha256"] => {
  const [block, output] = algorithm === "sha256" ? [64, 32] : [128, 64]
  // Two hashes that follow each other without a pause: one pad of each kind serves all, and holds nothing afterwards.
  const inner = new Uint8Array(block + SHORT_BYTES)
  const outer = new Uint8Array(block + output)
  // Views of its beginning, by length: most inputs have one of few.
  const beginnings: Array<Uint8Array | undefined> = []
  const beginning = (length: number): Uint8Array =>
    length > block + SEEN_BYTES ? inner.subarray(0, length) : (beginnings[length] ??= inner.subarray(0, length))
  return (key, data) => {
    if (data.length > SHORT_BYTES || key.length > block)
      return new Uint8Array(node.createHmac(algorithm, node.createSecretKey(key)).update(data).digest())
    inner.fill(0x36, key.length, block)
    outer.fill(0x5c, key.length, block)
    for (let i = 0; i < key.length; i++) {
      inner[i] = key[i]! ^ 0x36
      outer[i] = key[i]! ^ 0x5c
    }
    inner.set(data, block)
    outer.set(node.hash(algorithm, beginning(block + data.length), "buffer"), block)
    const mac = own(node.hash(algorithm, outer, "buffer"))
    inner.fill(0, 0, block + data.length)
    outer.fill(0)
    return mac
  }
}

/** `longInfo` takes what Node's own function does not. */
export const hkdf =
  (node: NodeCrypto, algorithm: string, longInfo: CryptoService["hkdfSha256"]): CryptoService["hkdfSha256"] =>
  (ikm, salt, info, length) =>
    info.length > MAX_INFO_BYTES
      ? longInfo(ikm, salt, info, length)
      : new Uint8Array(node.hkdfSync(algorithm, node.createSecretKey(ikm), salt, info, length))

export const aes256Gcm = (node: NodeCrypto): Aead => ({
  nonceBytes: 12,
  seal: (key, nonce, plaintext, associated) =>
    Effect.sync(() => {
      lengthIs(key, KEY_BYTES, "key")
      lengthIs(nonce, 12, "nonce")
      return sealWith(node, "aes-256-gcm", key, nonce, plaintext, associated)
    }),
  open: (key, nonce, ciphertext, associated) =>
    refusing(() => {
      lengthIs(key, KEY_BYTES, "key")
      lengthIs(nonce, 12, "nonce")
      return openWith(node, "aes-256-gcm", key, nonce, ciphertext, associated)
    }),
})

/** XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha §2.3): the runtime's ChaCha20-Poly1305 under a key hashed with half the nonce. */
export const xChaCha20Poly1305 = (node: NodeCrypto): Aead => ({
  nonceBytes: 24,
  seal: (key, nonce, plaintext, associated) =>
    Effect.sync(() => {
      const [subkey, rest] = halfNonce(key, nonce)
      return sealWith(node, "chacha20-poly1305", subkey, rest, plaintext, associated)
    }),
  open: (key, nonce, ciphertext, associated) =>
    refusing(() => {
      const [subkey, rest] = halfNonce(key, nonce)
      return openWith(node, "chacha20-poly1305", subkey, rest, ciphertext, associated)
    }),
})

export const aes256Cbc = (node: NodeCrypto): Cbc => ({
  encrypt: (key, iv, plaintext) =>
    Effect.sync(() => {
      lengthIs(key, KEY_BYTES, "key")
      lengthIs(iv, BLOCK_BYTES, "iv")
      const cipher = node.createCipheriv("aes-256-cbc", node.createSecretKey(key), iv)
      return concat(cipher.update(plaintext), cipher.final())
    }),
  decrypt: (key, iv, ciphertext) =>
    refusing(() => {
      lengthIs(key, KEY_BYTES, "key")
      lengthIs(iv, BLOCK_BYTES, "iv")
      const decipher = node.createDecipheriv("aes-256-cbc", node.createSecretKey(key), iv)
      return concat(decipher.update(ciphertext), decipher.final())
    }),
})

type Algorithm = "aes-256-gcm" | "chacha20-poly1305"

/** Node's declarations give the two algorithms different overloads of one and the same interface. */
const gcm = (algorithm: Algorithm): "aes-256-gcm" => algorithm as "aes-256-gcm"

const sealWith = (
  node: NodeCrypto,
  algorithm: Algorithm,
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  associated: Uint8Array,
): Uint8Array => {
  const cipher = node.createCipheriv(gcm(algorithm), node.createSecretKey(key), nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(associated)
  return concat(cipher.update(plaintext), cipher.final(), cipher.getAuthTag())
}

const openWith = (
  node: NodeCrypto,
  algorithm: Algorithm,
  key: Uint8Array,
  nonce: Uint8Array,
  ciphertext: Uint8Array,
  associated: Uint8Array,
): Uint8Array => {
  if (ciphertext.length < TAG_BYTES) throw new RangeError("shorter than a tag")
  const end = ciphertext.length - TAG_BYTES
  const decipher = node.createDecipheriv(gcm(algorithm), node.createSecretKey(key), nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(associated)
  decipher.setAuthTag(ciphertext.subarray(end))
  const plaintext = decipher.update(ciphertext.subarray(0, end))
  // Throws on a wrong tag: nothing decrypted leaves before it. Both are stream ciphers, so nothing is left for it to return.
  const rest = decipher.final()
  return rest.length === 0 ? own(plaintext) : concat(plaintext, rest)
}

/** What a Buffer holds, without a copy where nothing else is in its memory. */
const own = ({ buffer, byteLength, byteOffset }: Buffer): Uint8Array =>
  byteLength === buffer.byteLength ? new Uint8Array(buffer) : new Uint8Array(buffer, byteOffset, byteLength).slice()

/** ChaCha20's constant, "expand 32-byte k". */
const SIGMA = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574)

/** The one-message key, and the rest of the nonce behind four zero bytes. */
const halfNonce = (key: Uint8Array, nonce: Uint8Array): readonly [Uint8Array, Uint8Array] => {
  lengthIs(key, KEY_BYTES, "key")
  lengthIs(nonce, 24, "nonce")
  const subkey = new Uint32Array(8)
  hchacha(SIGMA, words(key), words(nonce.subarray(0, 16)), subkey)
  const rest = new Uint8Array(12)
  rest.set(nonce.subarray(16), 4)
  return [fromWords(subkey), rest]
}

const words = (bytes: Uint8Array): Uint32Array => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const numbers = new Uint32Array(bytes.length / 4)
  for (let i = 0; i < numbers.length; i++) numbers[i] = view.getUint32(4 * i, true)
  return numbers
}

const fromWords = (numbers: Uint32Array): Uint8Array => {
  const bytes = new Uint8Array(4 * numbers.length)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < numbers.length; i++) view.setUint32(4 * i, numbers[i]!, true)
  return bytes
}
