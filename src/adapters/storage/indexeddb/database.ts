/**
 * The database behind storage in IndexedDB: its stores, how each version became the next, and opening it without ever making a
 * new one where one was lost. Docs: docs/storage.md, "Migrations" and "Loss".
 */
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB, type StoreNames } from "idb"
import {
  type HostId,
  type InstanceId,
  type Outward,
  type RecordId,
  type Row,
  Unavailable,
} from "../../../core/store.ts"

export interface Schema extends DBSchema {
  /** The version of each host. */
  readonly hosts: { readonly key: HostId; readonly value: number }
  readonly rows: { readonly key: [HostId, InstanceId]; readonly value: Row }
  readonly records: { readonly key: [HostId, RecordId]; readonly value: Uint8Array }
  readonly outward: { readonly key: [HostId, string]; readonly value: Placed }
  /** `fence`: the highest lease that was given out. */
  readonly lease: { readonly key: "fence"; readonly value: number }
}

/** A command with its place in the order of the commits. */
export interface Placed {
  readonly version: number
  readonly index: number
  readonly outward: Outward
}

export type Database = IDBPDatabase<Schema>
type Upgrade = IDBPTransaction<Schema, ArrayLike<StoreNames<Schema>>, "versionchange">

/** Each makes the next schema of the one before, inside the transaction of the upgrade. Never changed, only added to. */
const MIGRATIONS: ReadonlyArray<(db: Database, tx: Upgrade) => void> = [
  (db) => {
    for (const store of ["hosts", "rows", "records", "outward"] as const) db.createObjectStore(store)
  },
  (db) => {
    db.createObjectStore("lease")
  },
]

/** A database of a later version is refused as `newer`, untouched. */
const SCHEMA_VERSION = MIGRATIONS.length

export interface OpenOptions {
  /** Whether a database was made here before; then none is made in its place. */
  readonly wasMade: boolean
  /** The database is not to be used any more: it was deleted, or a later version of the app wants to change it. */
  readonly lost: (reason: "lost" | "newer") => void
}

export const openDatabase = (place: string, { lost, wasMade }: OpenOptions): Promise<Database> =>
  new Promise((resolve, reject) => {
    openDB<Schema>(place, SCHEMA_VERSION, {
      upgrade: (db, from, _, tx) => {
        if (from === 0 && wasMade) {
          reject(new Unavailable({ reason: "lost" }))
          tx.done.catch(() => undefined)
          tx.abort() // an aborted first upgrade leaves no database behind
          return
        }
        for (const migrate of MIGRATIONS.slice(from)) migrate(db, tx)
      },
      blocked: () => reject(new Unavailable({ reason: "blocked" })),
      blocking: (_, to, event) => {
        // Whoever wants to change or delete it may: what we try afterwards fails as it should.
        ;(event.target as IDBDatabase).close()
        lost(to === null ? "lost" : "newer")
      },
      // The browser closed it: its data was cleared, or found to be damaged.
      terminated: () => lost("lost"),
    }).then(resolve, (error) => reject(openingFailure(error)))
  })

/** Some browsers say InvalidStateError in private windows, SecurityError where site data is blocked. */
const openingFailure = (error: unknown): unknown =>
  error instanceof DOMException && (error.name === "SecurityError" || error.name === "InvalidStateError")
    ? new Unavailable({ reason: "denied", cause: error })
    : failureOf(error)

export const failureOf = (error: unknown): unknown => {
  if (!(error instanceof DOMException)) return error
  if (error.name === "QuotaExceededError") return new Unavailable({ reason: "full", cause: error })
  if (error.name === "VersionError") return new Unavailable({ reason: "newer", cause: error })
  return new Unavailable({ reason: "broken", cause: error })
}
