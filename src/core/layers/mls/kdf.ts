/**
 * The key derivations of RFC 9420 §8 in HKDF-SHA512 (RFC 5869). Synchronous, as the port's hashes are: a message takes ten
 * of these, and a promise around each would cost more than the hash.
 */
import { concat, ofJoined, u32be, utf8 } from "../../crypto/bytes.ts"
import type { CryptoService } from "../../crypto/crypto.ts"
import { header, u16, vector } from "./tls.ts"

/** KDF.Nh of SHA-512: the length of every secret that is not a key or a nonce. */
export const SECRET_BYTES = 64

const NOTHING = new Uint8Array()
const FIRST = Uint8Array.of(1)

type Hash = Pick<CryptoService, "hmacSha512">

/** RFC 5869 §2.2. */
export const extract = (crypto: Hash, salt: Uint8Array, ikm: Uint8Array): Uint8Array => crypto.hmacSha512(salt, ikm)

/** RFC 5869 §2.3. */
export const expand = (crypto: Hash, prk: Uint8Array, info: Uint8Array, length: number): Uint8Array => {
  if (length > 255 * SECRET_BYTES) throw new RangeError("more than HKDF can expand")
  let block = ofJoined((input) => crypto.hmacSha512(prk, input), info, FIRST)
  if (length <= SECRET_BYTES) return length === SECRET_BYTES ? block : block.slice(0, length)
  const blocks = [block]
  for (let i = 2; blocks.length * SECRET_BYTES < length; i++) {
    block = crypto.hmacSha512(prk, concat(block, info, Uint8Array.of(i)))
    blocks.push(block)
  }
  return concat(...blocks).slice(0, length)
}

/** RFC 9420 §8, ExpandWithLabel. */
export const expandWithLabel = (
  crypto: Hash,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array => {
  const before = beginningOf(label, length, context.length)
  if (length > SECRET_BYTES) return expand(crypto, secret, concat(before, context), length)
  // One block of RFC 5869 §2.3, which is what nearly everything takes: its input is joined once.
  const block = ofJoined((input) => crypto.hmacSha512(secret, input), before, context, FIRST)
  return length === SECRET_BYTES ? block : block.slice(0, length)
}

interface Beginning {
  readonly length: number
  readonly context: number
  readonly bytes: Uint8Array
}

/** §8, KDFLabel up to the context, of the few there are. Ours only: neither label nor length comes from a peer. */
const beginnings = new Map<string, Array<Beginning>>()
const MAX_BEGINNINGS = 8
const beginningOf = (label: string, length: number, context: number): Uint8Array => {
  const known = beginnings.get(label) ?? []
  const same = known.find((one) => one.length === length && one.context === context)
  if (same !== undefined) return same.bytes
  const bytes = concat(u16(length), vector(utf8(`MLS 1.0 ${label}`)), header(context))
  if (known.length < MAX_BEGINNINGS) beginnings.set(label, [...known, { length, context, bytes }])
  return bytes
}

/** RFC 9420 §8, DeriveSecret. */
export const deriveSecret = (crypto: Hash, secret: Uint8Array, label: string): Uint8Array =>
  expandWithLabel(crypto, secret, label, NOTHING, SECRET_BYTES)

/** RFC 9420 §9.1, DeriveTreeSecret. */
export const deriveTreeSecret = (
  crypto: Hash,
  secret: Uint8Array,
  label: string,
  generation: number,
  length: number,
): Uint8Array => expandWithLabel(crypto, secret, label, u32be(generation), length)
