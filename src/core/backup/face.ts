/** Backup and restore as the engine gives them: over its open storage, with errors for people. Docs: docs/backup.md. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Engine } from "../engine-values.ts"
import { SottoError } from "../errors.ts"
import { orSottoError } from "../failures.ts"
import type { Argon2, Argon2Parameters } from "../vault/argon2.ts"
import { restoreBackup, writeBackup } from "./backup.ts"
import { deriveWith, USUAL } from "./derive.ts"
import { BackupRefused, refusedAs } from "./problem.ts"
import { type Pull, pullOf } from "./pull.ts"
import type { Restored } from "./restore.ts"
import type { BackupSecrets } from "./secret.ts"

/** The file, portion by portion, of the profile that is open. */
export const backupOf = Effect.fnUntraced(function* (
  engine: Engine,
  argon2: Argon2,
  secrets: BackupSecrets,
  parameters: Argon2Parameters = USUAL,
): Effect.fn.Return<Pull<Uint8Array, SottoError>, SottoError> {
  const store = yield* engine.stored
  const { crypto } = engine
  const at = yield* Clock.currentTimeMillis
  const file = yield* writeBackup({
    crypto,
    store,
    secrets,
    at,
    derivation: { derive: deriveWith(argon2), parameters },
  })
  return orSottoError(file)
})

/** Restores a file into the profile that is open, which must be empty. */
export const restoreInto = Effect.fnUntraced(function* (
  engine: Engine,
  argon2: Argon2,
  file: AsyncIterable<Uint8Array>,
  secrets: BackupSecrets,
): Effect.fn.Return<Restored, SottoError> {
  const { next, stop } = pullOf(file, unreadable)
  return yield* engine
    .refill((store) =>
      restoreBackup({ crypto: engine.crypto, store, derive: deriveWith(argon2), secrets, file: next }).pipe(
        Effect.mapError((failure) => (failure instanceof BackupRefused ? refusedAs(failure) : failure)),
        orSottoError,
      ),
    )
    .pipe(Effect.ensuring(stop))
})

const unreadable = (cause: unknown): SottoError =>
  new SottoError("backupUnreadable", "The file could not be read to its end. Nothing was restored. Try again.", {
    retryable: true,
    cause,
  })
