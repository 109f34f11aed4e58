/**
 * The braid's own authentication: a key that every epoch's secret renews, under which headers and ciphertexts have MACs. Docs:
 * protocol.md, "Signal layer"; the ML-KEM Braid specification, §2.4 (Ratcheted Authenticator) and §2.2 (KDF_AUTH, KDF_OK).
 * Where the specification puts the root into the salt, Signal's wire has it before the key that is mixed in.
 */
import { concat, u64be, utf8 } from "../../crypto/bytes.ts"
import type { CryptoService } from "../../crypto/crypto.ts"

declare const brand: unique symbol
/** 32 bytes: what an epoch's agreement came to, equal on both sides. */
export type EpochSecret = Uint8Array & { readonly [brand]: "epoch secret" }

export interface Authenticator {
  /** 32 bytes each. */
  readonly root: Uint8Array
  readonly macKey: Uint8Array
}

/** PROTOCOL_INFO, fixed by Signal's wire; likewise the labels. */
const PROTOCOL = "Signal_PQCKA_V1_MLKEM768"
const UPDATE = utf8(`${PROTOCOL}:Authenticator Update`)
const HEADER = utf8(`${PROTOCOL}:ekheader`)
const CIPHERTEXT = utf8(`${PROTOCOL}:ciphertext`)
const SECRET = utf8(`${PROTOCOL}:SCKA Key`)

const NO_SALT = new Uint8Array(32)
export const BRAID_MAC_BYTES = 32

/** From the session's braid key, 32 bytes. */
export const startAuthenticator = (crypto: CryptoService, braidKey: Uint8Array): Authenticator =>
  updateAuthenticator(crypto, { root: new Uint8Array(32) }, 1, braidKey)

export const updateAuthenticator = (
  crypto: CryptoService,
  { root }: Pick<Authenticator, "root">,
  epoch: number,
  key: Uint8Array,
): Authenticator => {
  const derived = crypto.hkdfSha256(concat(root, key), NO_SALT, concat(UPDATE, u64be(epoch)), 64)
  return { root: derived.slice(0, 32), macKey: derived.slice(32) }
}

export const macOfHeader = (
  crypto: CryptoService,
  { macKey }: Authenticator,
  epoch: number,
  header: Uint8Array,
): Uint8Array => crypto.hmacSha256(macKey, concat(HEADER, u64be(epoch), header))

/** Over both parts, under the authenticator that the epoch's secret has renewed. */
export const macOfCiphertext = (
  crypto: CryptoService,
  { macKey }: Authenticator,
  epoch: number,
  first: Uint8Array,
  second: Uint8Array,
): Uint8Array => crypto.hmacSha256(macKey, concat(CIPHERTEXT, u64be(epoch), first, second))

/** KDF_OK: the epoch's secret from what ML-KEM agreed on. */
export const epochSecret = (crypto: CryptoService, shared: Uint8Array, epoch: number): EpochSecret =>
  crypto.hkdfSha256(shared, NO_SALT, concat(SECRET, u64be(epoch)), 32) as EpochSecret
