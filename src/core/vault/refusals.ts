/** How a vault says no: unlock methods that fail, and sets of methods that would not do. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { waitAfter } from "../../machines/vault.ts"
import { SottoError } from "../errors.ts"
import { type Elsewhere, Unavailable } from "../store.ts"
import type { Unlock, UnlockFailed } from "./unlock.ts"

/** A key was tried and is not the vault's. */
export class WrongKey extends Data.TaggedError("WrongKey")<{
  /** Wrong tries in a row, this one included. */
  readonly wrong: number
}> {}

/** Nothing was tried: the wait after the last wrong try is not over. */
export class MustWait extends Data.TaggedError("MustWait")<{ readonly wrong: number; readonly wait: number }> {}

/** Why a storage did not open. `Elsewhere` and the vault's two are states to show; the rest are errors. */
export type NotOpened = SottoError | Elsewhere | WrongKey | MustWait

const seconds = (wait: number): string => `${Math.ceil(wait / 1_000)} s`

export const delayed = (wait: number): SottoError =>
  new SottoError("unlockDelayed", `There were too many wrong tries. There is no reset. Next try in ${seconds(wait)}.`, {
    retryable: true,
  })

export const orSottoRefusal = (error: SottoError | WrongKey | MustWait): SottoError => {
  if (error._tag === "SottoError") return error
  if (error._tag === "MustWait") return delayed(error.wait)
  const wait = waitAfter(error.wrong)
  const next = wait === 0 ? "Try again." : `There is no reset. Next try in ${seconds(wait)}.`
  return new SottoError("unlockRefused", `That didn't unlock this vault, and nothing was changed. ${next}`, {
    retryable: true,
  })
}

/** A method that yielded no key. */
export const refusedFor = <A>(effect: Effect.Effect<A, UnlockFailed>): Effect.Effect<A, SottoError> =>
  Effect.mapError(effect, ({ reason, says }) =>
    reason === "cancelled"
      ? new SottoError("unlockCancelled", says, { retryable: true })
      : reason === "unsupported"
        ? new SottoError("unlockNotSupported", says)
        : new SottoError("storageDamaged", says),
  )

/** Why a vault cannot be made with these; undefined if it can. */
export const methodsFault = (unlocks: ReadonlyArray<Unlock>): SottoError | undefined =>
  unlocks.some(({ sufficient }) => sufficient)
    ? undefined
    : new SottoError(
        "unlockMethod",
        "A passkey alone can be lost with its device, and nothing could replace it. Add a passphrase beside it.",
      )

/** For callers that know storages only. */
export const unavailableFor = (error: SottoError): Unavailable =>
  new Unavailable({
    reason: error.code === "storageNewer" ? "newer" : error.code === "storageDamaged" ? "damaged" : "blocked",
    cause: error,
  })
