/**
 * The secrets that open a backup: a passphrase by way of Argon2id, or 24 words by way of HKDF, for 256 random bits need no
 * slowing down. Either wraps the file's own secret. Docs: docs/backup.md, "Locks".
 */
import * as Effect from "effect/Effect"
import { equal, utf8 } from "../crypto/bytes.ts"
import type { CryptoService } from "../crypto/crypto.ts"
import { SottoError } from "../errors.ts"
import { PROFILE } from "../ids.ts"
import type { Argon2Parameters } from "../vault/argon2.ts"
import type { DeriveKey } from "./derive.ts"
import type { Header, Lock } from "./header.ts"
import { entropyOf } from "./phrase.ts"
import { BackupRefused } from "./problem.ts"

/** What a user gives: a passphrase of their own, or the 24 words that Sotto made. With both, either opens the file. */
export interface BackupSecrets {
  /** What a person remembers: goes through Argon2id. */
  readonly passphrase?: string
  /** 24 words of `generateRecoveryPhrase`. */
  readonly recoveryPhrase?: string
}

export interface Derivation {
  readonly derive: DeriveKey
  /** For new files; a file that is read says its own. */
  readonly parameters: Argon2Parameters
}

/** A key is used for one file, so its nonce may always be the same. */
const NONCE = new Uint8Array(12)

/** Locks the file's secret with everything that was given. */
export const makeLocks = Effect.fnUntraced(function* (
  crypto: CryptoService,
  derivation: Derivation,
  secrets: BackupSecrets,
  fileSalt: Uint8Array,
  fileSecret: Uint8Array,
): Effect.fn.Return<ReadonlyArray<Lock>, SottoError> {
  const { parameters } = derivation
  const locks: Array<Lock> = []
  const locked = Effect.fnUntraced(function* (by: Lock["by"], salt: Uint8Array, secret: Uint8Array) {
    const { key, proof } = splitKey(crypto, by, salt, secret)
    const wrapped = yield* crypto.aes256Gcm.seal(key, NONCE, fileSecret, fileSalt)
    wipe(key, secret)
    return { salt, proof, wrapped }
  })
  if (secrets.passphrase !== undefined) {
    if (secrets.passphrase === "") return yield* emptyPassphrase
    const salt = crypto.random(32)
    const derived = yield* derivation.derive(secrets.passphrase, salt, parameters)
    const { lanes, memory, passes } = parameters
    locks.push({ by: "passphrase", ...(yield* locked("passphrase", salt, derived)), memory, passes, lanes })
  }
  if (secrets.recoveryPhrase !== undefined) {
    const entropy = entropyOf(secrets.recoveryPhrase)
    if (entropy === undefined) return yield* phraseInvalid
    locks.push({ by: "recoveryPhrase", ...(yield* locked("recoveryPhrase", crypto.random(32), entropy)) })
  }
  if (locks.length === 0) return yield* nothingGiven
  return locks
})

/** The file's secret, by whichever lock the given secret opens. */
export const openLocks = Effect.fnUntraced(function* (
  crypto: CryptoService,
  derive: DeriveKey,
  secrets: BackupSecrets,
  { locks, salt: fileSalt }: Header,
): Effect.fn.Return<Uint8Array, BackupRefused | SottoError> {
  if (secrets.passphrase === undefined && secrets.recoveryPhrase === undefined) return yield* nothingGiven
  for (const lock of locks) {
    let secret: Uint8Array | undefined
    if (lock.by === "passphrase" && secrets.passphrase !== undefined) {
      secret = yield* derive(secrets.passphrase, lock.salt, lock)
    } else if (lock.by === "recoveryPhrase" && secrets.recoveryPhrase !== undefined) {
      secret = entropyOf(secrets.recoveryPhrase)
    }
    if (secret === undefined) continue
    const { key, proof } = splitKey(crypto, lock.by, lock.salt, secret)
    wipe(secret)
    if (!equal(proof, lock.proof)) continue
    const opened = yield* Effect.option(crypto.aes256Gcm.open(key, NONCE, lock.wrapped, fileSalt))
    wipe(key)
    // The secret is right and what it wraps is not: that is damage.
    if (opened._tag === "None") return yield* new BackupRefused({ reason: "altered" })
    return opened.value
  }
  return yield* new BackupRefused({ reason: "wrongSecret" })
})

/** The key of the chunks. */
export const chunkKey = (crypto: CryptoService, fileSecret: Uint8Array, fileSalt: Uint8Array): Uint8Array =>
  crypto.hkdfSha256(fileSecret, fileSalt, utf8(`${PROFILE} backup chunks`), 32)

/** A wrapping key, and a proof of it: AES-GCM alone would let one file open under two passphrases. */
const splitKey = (crypto: CryptoService, by: Lock["by"], salt: Uint8Array, secret: Uint8Array) => {
  const both = crypto.hkdfSha256(secret, salt, utf8(`${PROFILE} backup ${by}`), 64)
  return { key: both.slice(0, 32), proof: both.slice(32) }
}

const wipe = (...all: ReadonlyArray<Uint8Array>): void => {
  for (const bytes of all) bytes.fill(0)
}

const emptyPassphrase = new SottoError("optionInvalid", "A backup needs a passphrase that is not empty.")
const phraseInvalid = new SottoError(
  "recoveryPhraseInvalid",
  "These are not the 24 words of a recovery phrase. Check the spelling and the order.",
)
const nothingGiven = new SottoError("optionInvalid", "Give a passphrase or a recovery phrase.")
