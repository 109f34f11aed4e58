/**
 * The database behind storage in IndexedDB: its stores, how each version became the next, and opening it without ever making a
 * new one where one was lost. Docs: docs/storage.md, "Migrations" and "Loss".
 */
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB, type StoreNames } from "idb"
import {
  type Few,
  type HostId,
  type InstanceId,
  type Outward,
  type RecordId,
  type Row,
  Unavailable,
} from "../../../core/store.ts"
import { type Pack, Packs } from "./packs.ts"

export interface Schema extends DBSchema {
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

export type Database = IDBPDatabase<Schema>
type Upgrade = IDBPTransaction<Schema, ArrayLike<StoreNames<Schema>>, "versionchange">

/** Each makes the next schema of the one before, inside the transaction of the upgrade. Never changed, only added to. */
const MIGRATIONS: ReadonlyArray<(db: Database, tx: Upgrade) => void | Promise<void>> = [
  (db) => {
    for (const store of ["hosts", "rows", "records", "outward"] as const) db.createObjectStore(store)
  },
  (db) => {
    db.createObjectStore("lease")
  },
  async (db, tx) => {
    const packs = db.createObjectStore("packs")
    const [rows, outward] = [tx.objectStore("rows"), tx.objectStore("outward")]
    const found = await Promise.all([rows.getAllKeys(), rows.getAll(), outward.getAllKeys(), outward.getAll()])
    const [rowKeys, kept, commandKeys, waiting] = found
    const hosts = new Map<HostId, Array<readonly [string, Live]>>()
    const add = (host: HostId, name: string, live: Live) =>
      void hosts.set(host, [...(hosts.get(host) ?? []), [name, live]])
    rowKeys.forEach(([host, id], i) => void add(host, rowName(id), kept[i]!))
    commandKeys.forEach(([host, id], i) => void add(host, commandName(id), waiting[i]!))
    for (const [host, entries] of hosts)
      for (const [place, pack] of new Packs<Live>(new Map()).changed(entries).writes)
        if (pack !== undefined) await packs.put(pack, [host, "live", place])
    db.deleteObjectStore("rows")
    db.deleteObjectStore("outward")
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
      upgrade: async (db, from, _, tx) => {
        if (from === 0 && wasMade) {
          reject(new Unavailable({ reason: "lost" }))
          tx.done.catch(() => undefined)
          tx.abort() // an aborted first upgrade leaves no database behind
          return
        }
        for (const migrate of MIGRATIONS.slice(from)) await migrate(db, tx)
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
