/**
 * How the engine's profile is filled from a backup: while nobody is in it and nothing else happens in it. What the restore
 * writes, and how it is undone, is in stage.ts. Docs: docs/backup.md, "Restoring".
 */
import * as Effect from "effect/Effect"
import { SottoError } from "../errors.ts"
import { orSottoError } from "../failures.ts"
import { type StoreService, Unavailable } from "../store.ts"
import { eraseHalfRestored, isClean } from "./stage.ts"

export interface Refilling {
  /** Fails as `busy` while a backup is being restored. */
  readonly allowed: Effect.Effect<void, SottoError>
  /** Around everything that brings a contact or an invite into being: it is no part of the backup. */
  readonly pairing: <A>(effect: Effect.Effect<A, SottoError>) => Effect.Effect<A, SottoError>
  /** Runs `write`, which stages; nothing of it is left where it fails. Afterwards the profile is shown. */
  readonly refill: <A>(write: (store: StoreService) => Effect.Effect<A, SottoError>) => Effect.Effect<A, SottoError>
}

export const makeRefilling = <Place extends { readonly store: StoreService }>(engine: {
  readonly ready: Effect.Effect<Place, SottoError>
  /** Shows what the store holds. */
  readonly show: (place: Place) => Effect.Effect<void, SottoError>
  /** The storage cannot be used any more. */
  readonly lost: (place: Place, why: Unavailable) => Effect.Effect<void>
}): Refilling => {
  let refilling = false
  let pairings = 0

  return {
    allowed: Effect.suspend(() => (refilling ? busy : Effect.void)),

    pairing: (effect) =>
      Effect.acquireUseRelease(
        Effect.sync(() => void (pairings += 1)),
        () => effect,
        () => Effect.sync(() => void (pairings -= 1)),
      ),

    refill: Effect.fnUntraced(function* (write) {
      const place = yield* engine.ready
      if (pairings > 0 || !(yield* orSottoError(isClean(place.store)))) return yield* notEmpty
      // What cannot be erased now is erased when the storage is opened again; until then nobody may write to it.
      const undo = Effect.catch(eraseHalfRestored(place.store), () =>
        engine.lost(place, new Unavailable({ reason: "broken" })),
      )
      refilling = true
      const written = yield* write(place.store).pipe(
        Effect.onError(() => undo),
        Effect.ensuring(Effect.sync(() => void (refilling = false))),
      )
      yield* Effect.onError(engine.show(place), () => engine.lost(place, new Unavailable({ reason: "broken" })))
      return written
    }),
  }
}

const busy = new SottoError("busy", "A backup is being restored. Wait until it is done.", { retryable: true })
const notEmpty = new SottoError(
  "profileNotEmpty",
  "A backup is restored into an empty profile only. Erase this one first, or restore in another.",
)
