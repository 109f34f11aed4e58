/**
 * What a person may know of the storage, and the one question the browser is asked about it: whether it will keep it. Asked
 * when there is something to keep, and never waited for: some browsers ask their user first, some never answer.
 * Docs: docs/storage.md, "Health".
 */
import * as Effect from "effect/Effect"
import { type Cell, cell, type Observable } from "../observable.ts"
import type { Storage } from "../store.ts"
import type { StorageHealth } from "./values.ts"

export interface Health {
  readonly health: Observable<StorageHealth>
  /** Looks again; the answer also goes into `health`. */
  readonly measure: Effect.Effect<StorageHealth>
  /** Asks the runtime to keep the storage when space runs low. True where there is nothing to ask for and nothing to fear. */
  readonly persist: Effect.Effect<boolean>
  /** The same, unless it was promised or asked for in this process; answers only where it was refused just now. */
  readonly persistOnce: Effect.Effect<boolean>
}

export const makeHealth = (storage: Storage): Health => {
  const { durable, kind } = storage
  const health: Cell<StorageHealth> = cell<StorageHealth>({ kind, durable })
  let asked = false
  const measure = Effect.map(storage.measure ?? Effect.succeed({}), (measured) => {
    health.set({ ...measured, kind, durable })
    return health.get()
  })
  const persist = Effect.flatMap(storage.persist ?? Effect.succeed(durable), (persisted) => {
    if (storage.persist !== undefined) health.set({ ...health.get(), persisted })
    return Effect.as(measure, persisted)
  })
  return {
    health,
    measure,
    persist,
    persistOnce: Effect.suspend(() => {
      if (asked || storage.persist === undefined || health.get().persisted === true) return Effect.succeed(true)
      asked = true
      return persist
    }),
  }
}
