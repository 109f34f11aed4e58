/**
 * One encrypted file: a profile with its contacts, history, waiting messages and settings, and never a ratchet's state.
 * Written and read as a stream. Docs: docs/backup.md.
 */
import * as Effect from "effect/Effect"
import { concat } from "../crypto/bytes.ts"
import type { CryptoService } from "../crypto/crypto.ts"
import type { SottoError } from "../errors.ts"
import type { Conflict, StoreService, Unavailable } from "../store.ts"
import { openChunks, sealChunks } from "./chunks.ts"
import { collectItems, encodeItems } from "./collect.ts"
import type { DeriveKey } from "./derive.ts"
import { encodeBeginning, PREFACE_BYTES, readHeader, readPreface } from "./header.ts"
import { BackupRefused } from "./problem.ts"
import { byteSource, chained, once, type Pull } from "./pull.ts"
import { type Restored, restoreChunks } from "./restore.ts"
import { type BackupSecrets, chunkKey, type Derivation, makeLocks, openLocks } from "./secret.ts"
import { eraseHalfRestored } from "./stage.ts"

export interface BackupOptions {
  readonly crypto: CryptoService
  readonly store: StoreService
  readonly derivation: Derivation
  readonly secrets: BackupSecrets
  /** Milliseconds of the wall clock. */
  readonly at: number
}

/** The file, portion by portion. The secret is stretched before the first one. */
export const writeBackup = Effect.fnUntraced(function* (
  options: BackupOptions,
): Effect.fn.Return<Pull<Uint8Array, Unavailable>, SottoError> {
  const { at, crypto, derivation, secrets, store } = options
  const salt = crypto.random(32)
  const fileSecret = crypto.random(32)
  const locks = yield* makeLocks(crypto, derivation, secrets, salt, fileSecret)
  const beginning = encodeBeginning(crypto, { salt, locks })
  const key = chunkKey(crypto, fileSecret, salt)
  fileSecret.fill(0)
  const items = collectItems(store, at)
  const plain = Effect.map(items, (page) => page && encodeItems(page))
  const chunks = sealChunks({ crypto, key, context: crypto.sha256(beginning) }, plain)
  return chained(function* () {
    yield once<Uint8Array, Unavailable>(Effect.succeed(beginning))
    yield chunks
    key.fill(0)
  })
})

export interface RestoreOptions<E> {
  readonly crypto: CryptoService
  readonly store: StoreService
  readonly derive: DeriveKey
  readonly secrets: BackupSecrets
  readonly file: Pull<Uint8Array, E>
}

/**
 * Restores a whole file into a store that is clean, or nothing of it: what was staged is erased when anything fails, now or,
 * when the process dies, at the next `eraseHalfRestored`.
 */
export const restoreBackup = <E>({
  crypto,
  derive,
  file,
  secrets,
  store,
}: RestoreOptions<E>): Effect.Effect<Restored, E | BackupRefused | SottoError | Conflict | Unavailable> => {
  const source = byteSource(file)
  return Effect.gen(function* () {
    const preface = yield* source.take(PREFACE_BYTES)
    const length = readPreface(preface)
    if (typeof length === "string") return yield* new BackupRefused({ reason: length })
    const rest = yield* source.take(length)
    if (rest.length < length) return yield* new BackupRefused({ reason: "truncated" })
    const header = readHeader(crypto, preface, rest)
    if (typeof header === "string") return yield* new BackupRefused({ reason: header })
    const fileSecret = yield* openLocks(crypto, derive, secrets, header)
    const key = chunkKey(crypto, fileSecret, header.salt)
    const context = crypto.sha256(concat(preface, rest))
    return yield* restoreChunks(crypto, store, openChunks({ crypto, key, context }, source)).pipe(
      Effect.onError(() => Effect.ignore(eraseHalfRestored(store))),
      Effect.ensuring(Effect.sync(() => key.fill(0))),
    )
  })
}
