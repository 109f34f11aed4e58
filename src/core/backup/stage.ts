/**
 * Restoring, in the store: everything is written under a mark, and counts only when the mark is taken away, in the one
 * commit that also writes the profile. A mark that is found when a storage is opened belongs to a restore that was cut
 * short, and all that it wrote is erased: whole or not at all. Docs: docs/backup.md, "Restoring".
 */
import * as Effect from "effect/Effect"
import { PROFILE_HOST, PROFILE_RECORD } from "../messenger/own-profile.ts"
import type { Batch, Conflict, HostId, InstanceId, RecordId, Row, StoreService, Unavailable } from "../store.ts"

const MARK = "restoring"

type Failure = Conflict | Unavailable
type Records = ReadonlyMap<RecordId, Uint8Array | undefined>
type Rows = ReadonlyMap<InstanceId, Row>

const NO_ROWS: Rows = new Map()

/** Erases what a restore wrote that never came to its end. To be called before anything else reads the store. */
export const eraseHalfRestored = Effect.fnUntraced(function* (store: StoreService): Effect.fn.Return<void, Failure> {
  if ((yield* store.read(PROFILE_HOST, MARK)) === undefined) return
  for (const id of yield* store.hosts) if (id !== PROFILE_HOST) yield* store.erase(id)
  // The mark goes last: cut short again, this is done again.
  yield* commit(store, PROFILE_HOST, new Map([[MARK, undefined]]))
})

/** Whether a restore may write here: nobody is known, and nobody is invited. */
export const isClean = (store: StoreService): Effect.Effect<boolean, Unavailable> =>
  Effect.map(store.hosts, (hosts) => hosts.every((id) => id === PROFILE_HOST))

/** From here on everything that is written is erased again unless `finish` is reached. */
export const beginStage = (store: StoreService): Effect.Effect<void, Failure> =>
  commit(store, PROFILE_HOST, new Map([[MARK, new Uint8Array(1)]]))

export const writeStaged = (
  store: StoreService,
  host: HostId,
  records: Records,
  rows: Rows = NO_ROWS,
): Effect.Effect<void, Failure> => commit(store, host, records, rows)

/** Makes all of it count, at once. */
export const finishStage = (store: StoreService, profile: Uint8Array): Effect.Effect<void, Failure> =>
  commit(
    store,
    PROFILE_HOST,
    new Map([
      [MARK, undefined],
      [PROFILE_RECORD, profile],
    ]),
  )

const commit = Effect.fnUntraced(function* (
  store: StoreService,
  host: HostId,
  records: Records,
  rows: Rows = NO_ROWS,
): Effect.fn.Return<void, Failure> {
  const { version } = yield* store.load(host)
  const batch: Batch = { host, expected: version, rows, records, outward: [], confirmed: [] }
  yield* store.commit(batch)
})
