/**
 * The database behind storage in IndexedDB: its stores, how each version became the next, and opening it without ever making a
 * new one where one was lost. Docs: docs/storage.md, "Migrations" and "Loss".
 */
import {
  type Few,
  type HostId,
  type InstanceId,
  type Outward,
  type RecordId,
  type Row,
  Unavailable,
} from "../../../core/store.ts"
import type { Pack } from "./packs.ts"
import { answered } from "./requests.ts"

export interface Schema {
  /** The version of each host. */
  readonly hosts: { readonly key: HostId; readonly value: number }
  readonly records: { readonly key: [HostId, RecordId]; readonly value: Uint8Array }
  /** Rows and commands, and records that soon go again: see packs.ts. */
  readonly packs: { readonly key: [HostId, Shelf, place: number]; readonly value: Pack<Live> | Pack<Uint8Array> }
  /** Until schema 3. */
  readonly rows: { readonly key: [HostId, InstanceId]; readonly value: Row }
  /** Until schema 3. */
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

/** What is in a pack: rows and commands, each with a letter before its id, or records of one kind. */
export type Shelf = "live" | Few
export type Live = Row | Placed
export const rowName = (id: InstanceId): string => `r${id}`
export const commandName = (id: string): string => `o${id}`

/** An object store with its own keys and values. */
interface Typed<K, V> {
  get(key: K): IDBRequest<V | undefined>
  getAll(range?: IDBKeyRange, count?: number): IDBRequest<Array<V>>
  getAllKeys(range?: IDBKeyRange, count?: number): IDBRequest<Array<K>>
  put(value: V, key: K): IDBRequest
  delete(key: K | IDBKeyRange): IDBRequest<undefined>
}

export const storeIn = <N extends keyof Schema>(
  tx: IDBTransaction,
  name: N,
): Typed<Schema[N]["key"], Schema[N]["value"]> =>
  tx.objectStore(name) as unknown as Typed<Schema[N]["key"], Schema[N]["value"]>

/** Each makes the next schema of the one before, inside the transaction of the upgrade. Never changed, only added to. */
const MIGRATIONS: ReadonlyArray<(db: IDBDatabase, tx: IDBTransaction) => void | Promise<void>> = [
  (db) => {
    for (const store of ["hosts", "rows", "records", "outward"] as const) db.createObjectStore(store)
  },
  (db) => {
    db.createObjectStore("lease")
  },
  async (db, tx) => {
    db.createObjectStore("packs")
    let place = 0
    // Each in a pack of its own.
    for (const [store, letter] of [
      ["rows", "r"],
      ["outward", "o"],
    ] as const) {
      const [keys, values] = await Promise.all([
        answered(storeIn(tx, store).getAllKeys()),
        answered<Array<Live>>(storeIn(tx, store).getAll()),
      ])
      keys.forEach(([host, id], i) => {
        storeIn(tx, "packs").put(new Map([[letter + id, values[i]!]]), [host, "live", place++])
      })
      db.deleteObjectStore(store)
    }
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

export const openDatabase = (place: string, { lost, wasMade }: OpenOptions): Promise<IDBDatabase> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(place, SCHEMA_VERSION)
    request.onupgradeneeded = async ({ oldVersion }) => {
      const { result: db, transaction } = request
      const tx = transaction!
      if (oldVersion === 0 && wasMade) {
        reject(new Unavailable({ reason: "lost" }))
        tx.abort() // an aborted first upgrade leaves no database behind
        return
      }
      try {
        for (const migrate of MIGRATIONS.slice(oldVersion)) await migrate(db, tx)
      } catch (error) {
        reject(failureOf(error))
        tx.abort()
      }
    }
    request.onblocked = () => reject(new Unavailable({ reason: "blocked" }))
    answered(request).then(
      (db) => {
        db.onversionchange = ({ newVersion }) => {
          // Whoever wants to change or delete it may: what we try afterwards fails as it should.
          db.close()
          lost(newVersion === null ? "lost" : "newer")
        }
        // The browser closed it: its data was cleared, or found to be damaged.
        db.onclose = () => lost("lost")
        resolve(db)
      },
      (error) => reject(openingFailure(error)),
    )
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
