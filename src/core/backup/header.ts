/**
 * How a backup begins: what it is, of which version, and the locks that its secret opens. Nothing in it is secret.
 * Docs: docs/backup.md, "The file".
 *
 *     "sotto-backup" ‖ version (2) ‖ length of the header (2) ‖ header ‖ SHA-256 of all before it (32)
 *
 * The checksum is for people: it tells a damaged file from a mistyped passphrase. It proves nothing.
 */
import { codec, fixed, refine, uint, type Value } from "../codec/codec.ts"
import { list, struct, union } from "../codec/composite.ts"
import { concat, equal, utf8 } from "../crypto/bytes.ts"
import type { CryptoService } from "../crypto/crypto.ts"
import type { BackupReason } from "./problem.ts"

export const BACKUP_VERSION = 1
const MAGIC = utf8("sotto-backup")
const VERSION_AT = MAGIC.length
const LENGTH_AT = VERSION_AT + 2
/** Magic, version and length. */
export const PREFACE_BYTES = LENGTH_AT + 2
const CHECKSUM_BYTES = 32
/** Two locks take about 330 bytes. */
export const MAX_HEADER_BYTES = 512

/** More would let a file from a stranger take a phone's memory, or minutes of its time, before it is refused. */
export const MAX_MEMORY_KIB = 512 * 1024
export const MAX_PASSES = 16
export const MAX_LANES = 4
/** Memory times passes: eight passes over 256 MiB. */
const MAX_WORK_KIB = 2 * 1024 * 1024

const lock = {
  salt: [1, fixed(32)],
  /** Says whether a secret is the right one without opening anything. */
  proof: [2, fixed(32)],
  /** The file's secret and a tag. */
  wrapped: [3, fixed(48)],
} as const

const locks = union("by", {
  passphrase: [
    1,
    struct({ ...lock, memory: [4, uint(MAX_MEMORY_KIB)], passes: [5, uint(MAX_PASSES)], lanes: [6, uint(MAX_LANES)] }),
  ],
  recoveryPhrase: [2, struct(lock)],
})
export type Lock = Value<typeof locks>

/** Argon2 wants a pass, a lane, and eight blocks a lane (RFC 9106 §3.1). */
const isBearable = (one: Lock): boolean =>
  one.by !== "passphrase" ||
  (one.passes >= 1 && one.lanes >= 1 && one.memory >= 8 * one.lanes && one.memory * one.passes <= MAX_WORK_KIB)

const header = codec(
  struct({
    salt: [1, fixed(32)],
    locks: [2, refine(list(refine(locks, isBearable), 2), (all) => all.length > 0)],
  }),
  MAX_HEADER_BYTES,
)
export type Header = Value<typeof header>

/** All that comes before the chunks. */
export const encodeBeginning = (crypto: CryptoService, value: Header): Uint8Array => {
  const encoded = header.encode(value)
  const bytes = concat(MAGIC, u16(BACKUP_VERSION), u16(encoded.length), encoded)
  return concat(bytes, crypto.sha256(bytes))
}

/** How many bytes follow the preface before the chunks begin, or why there are none. */
export const readPreface = (preface: Uint8Array): number | BackupReason => {
  const magic = preface.subarray(0, MAGIC.length)
  if (!equal(magic, MAGIC.subarray(0, magic.length)) || magic.length === 0) return "notABackup"
  if (preface.length < PREFACE_BYTES) return "truncated"
  const version = u16At(preface, VERSION_AT)
  if (version > BACKUP_VERSION) return "newer"
  const length = u16At(preface, LENGTH_AT)
  return version < BACKUP_VERSION || length === 0 || length > MAX_HEADER_BYTES ? "altered" : length + CHECKSUM_BYTES
}

/** The header in what follows the preface. */
export const readHeader = (crypto: CryptoService, preface: Uint8Array, rest: Uint8Array): Header | BackupReason => {
  const encoded = rest.subarray(0, rest.length - CHECKSUM_BYTES)
  const sum = crypto.sha256(concat(preface, encoded))
  if (!equal(sum, rest.subarray(rest.length - CHECKSUM_BYTES))) return "altered"
  return header.decode(encoded) ?? "altered"
}

const u16 = (value: number): Uint8Array => Uint8Array.of(value >>> 8, value & 0xff)
const u16At = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!
