/**
 * What of a vault is readable by everybody: its id and the ways to unlock it, each with the vault's key wrapped under its own. A
 * MAC under the vault's key says, once it is unlocked, that nobody else wrote it. Docs: storage.md, "The header".
 */
import { codec, fixed, bytes as shortBytes, text, uint, type Value } from "../codec/codec.ts"
import { list, struct } from "../codec/composite.ts"
import { concat, equal, utf8 } from "../crypto/bytes.ts"
import type { CryptoService } from "../crypto/crypto.ts"
import { toHex } from "../hex.ts"
import { MAX_PARAMS, METHOD_KEY_BYTES } from "./unlock.ts"

/** The first byte of a header. A greater one is from a later release. */
export const HEADER_VERSION = 1
/** More ways in than anybody uses, and few enough to read before unlocking. */
export const MAX_METHODS = 16
export const KEY_BYTES = 32

const NONCE_BYTES = 12
const TAG_BYTES = 16
export const MAC_BYTES = 32
const MAX_TIME = 2 ** 48

const methodShape = struct({
  id: [1, fixed(8)],
  kind: [2, text(32)],
  label: [3, text(128)],
  addedAt: [4, uint(MAX_TIME)],
  params: [5, shortBytes(MAX_PARAMS)],
  /** Nonce, then the vault's key and a tag. */
  wrapped: [6, fixed(NONCE_BYTES + KEY_BYTES + TAG_BYTES)],
})
export type Method = Value<typeof methodShape>

const headerShape = struct({
  vault: [1, fixed(16)],
  /** Grows with every change of the methods; the catalogue holds the same number. */
  generation: [2, uint()],
  methods: [3, list(methodShape, MAX_METHODS)],
})
export type Header = Value<typeof headerShape>
const headerCodec = codec(headerShape, 64 * 1024)
/** For explaining the bytes of one. */
export const headerForm = headerCodec.form

/** The vault's keys, each for one thing. */
export interface VaultKeys {
  /** Wrapped by every method. */
  readonly root: Uint8Array
  readonly header: Uint8Array
  readonly catalogue: Uint8Array
}

export const keysOf = ({ hkdfSha256 }: CryptoService, vault: Uint8Array, root: Uint8Array): VaultKeys => ({
  root,
  header: hkdfSha256(root, vault, utf8("sotto/1 vault header"), KEY_BYTES),
  catalogue: hkdfSha256(root, vault, utf8("sotto/1 vault catalogue"), KEY_BYTES),
})

export const wipe = (...arrays: ReadonlyArray<Uint8Array>): void => {
  for (const array of arrays) array.fill(0)
}

const macOf = ({ hmacSha256 }: CryptoService, key: Uint8Array, body: Uint8Array) =>
  hmacSha256(key, concat(Uint8Array.of(HEADER_VERSION), body))

export const encodeHeader = (crypto: CryptoService, keys: VaultKeys, header: Header): Uint8Array => {
  const body = headerCodec.encode(header)
  return concat(Uint8Array.of(HEADER_VERSION), macOf(crypto, keys.header, body), body)
}

/** A header as it was read, not yet known to be genuine. */
export interface UnprovenHeader extends Header {
  readonly isGenuine: (crypto: CryptoService, keys: VaultKeys) => boolean
}

export const decodeHeader = (bytes: Uint8Array): UnprovenHeader | "newer" | "invalid" => {
  const version = bytes[0] ?? 0
  if (version > HEADER_VERSION) return "newer"
  const mac = bytes.slice(1, 1 + MAC_BYTES)
  const body = bytes.slice(1 + MAC_BYTES)
  const header = version === HEADER_VERSION ? headerCodec.decode(body) : undefined
  if (header === undefined) return "invalid"
  return { ...header, isGenuine: (crypto, keys) => equal(mac, macOf(crypto, keys.header, body)) }
}

export const idOf = ({ id }: Pick<Method, "id">): string => toHex(id)

/** The key that wraps: the method's own yield, bound to this vault. */
export const wrappingKey = ({ hkdfSha256 }: CryptoService, vault: Uint8Array, yielded: Uint8Array): Uint8Array => {
  if (yielded.length !== METHOD_KEY_BYTES) throw new RangeError("an unlock method yields 32 bytes")
  return hkdfSha256(yielded, vault, utf8("sotto/1 vault wrap"), KEY_BYTES)
}

/** What a wrapped key is bound to: a method's wrap is good for no other, nor for other parameters. */
export const wrapContext = (vault: Uint8Array, { id, kind, params }: Pick<Method, "id" | "kind" | "params">) =>
  concat(utf8("sotto/1 vault wrap"), vault, id, Uint8Array.of(utf8(kind).length), utf8(kind), params)

export const splitWrapped = (wrapped: Uint8Array): readonly [nonce: Uint8Array, ciphertext: Uint8Array] => [
  wrapped.subarray(0, NONCE_BYTES),
  wrapped.subarray(NONCE_BYTES),
]

export const freshNonce = ({ random }: CryptoService): Uint8Array => random(NONCE_BYTES)
