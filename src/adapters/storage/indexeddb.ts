/**
 * Storage in IndexedDB, for browsers. One strict transaction a batch, with the compare-and-swap inside it; one writer by a
 * Web Lock, which the browser frees when the tab dies. Docs: core/store.ts; upheld by `spec/conformance/store`.
 *
 * What was erased is gone from view at once; when the browser overwrites it on the disk is not in our hands.
 */
import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from "idb"
import { boundsOf } from "../../core/host/listing.ts"
import { defineStorage, type PlainStore } from "../../core/storage-from-promises.ts"
import {
  type Batch,
  Conflict,
  Elsewhere,
  type HostId,
  type InstanceId,
  type Outward,
  type Range,
  type RecordId,
  type Row,
  type Saved,
  type Storage,
  Unavailable,
} from "../../core/store.ts"

/** Raised with every change of the schema; a database of a later version is refused as `newer`. */
const SCHEMA_VERSION = 1

/** IndexedDB counts in an unsigned long and throws at more. */
const MAX_COUNT = 0xffff_ffff

interface Schema extends DBSchema {
  /** The version of each host. */
  readonly hosts: { readonly key: HostId; readonly value: number }
  readonly rows: { readonly key: [HostId, InstanceId]; readonly value: Row }
  readonly records: { readonly key: [HostId, RecordId]; readonly value: Uint8Array }
  readonly outward: { readonly key: [HostId, string]; readonly value: Placed }
}

/** A command with its place in the order of the commits. */
interface Placed {
  readonly version: number
  readonly index: number
  readonly outward: Outward
}

const STORES = ["hosts", "rows", "records", "outward"] as const

type Database = IDBPDatabase<Schema>

/** The database `sotto/<name>` of this origin. */
export const indexeddb = (name: string): Storage => {
  const place = `sotto/${name}`
  return defineStorage({
    kind: "indexeddb",
    durable: true,
    open: async () => {
      const release = await lease(place)
      try {
        const db = await opened(place)
        return storeOver(db, release)
      } catch (error) {
        await release()
        throw error
      }
    },
  })
}

/** Removes the database with everything in it. Rejects with `Elsewhere` while a tab has it open. */
export const removeIndexeddb = async (name: string): Promise<void> => {
  const place = `sotto/${name}`
  const release = await lease(place)
  try {
    await deleteDB(place)
  } finally {
    await release()
  }
}

/** Takes the lock of the place and answers with what gives it up, which resolves once the next one can have it. */
const lease = async (place: string): Promise<() => Promise<void>> => {
  const { locks } = navigator
  if (locks === undefined) throw new Error("no Web Locks here: the page is not a secure context")
  const granted = Promise.withResolvers<boolean>()
  const held = Promise.withResolvers<void>()
  const ended = locks.request(place, { ifAvailable: true }, (lock) => {
    granted.resolve(lock !== null)
    return lock === null ? undefined : held.promise
  })
  ended.catch(granted.reject)
  if (!(await granted.promise)) throw new Elsewhere()
  return async () => {
    held.resolve()
    await ended
  }
}

const opened = (place: string): Promise<Database> =>
  new Promise((resolve, reject) => {
    openDB<Schema>(place, SCHEMA_VERSION, {
      upgrade: (db) => {
        for (const store of STORES) db.createObjectStore(store)
      },
      blocked: () => reject(new Unavailable({ reason: "blocked" })),
      // A later version of the app wants to change the schema: let it. What we try afterwards fails as it should.
      blocking: (_, __, event) => (event.target as IDBDatabase).close(),
    }).then(resolve, (error) => reject(failureOf(error)))
  })

const storeOver = (db: Database, release: () => Promise<void>): PlainStore => ({
  hosts: () => asking(() => db.getAllKeys("hosts")),
  load: (host) => asking(() => load(db, host)),
  read: (host, record) => asking(() => db.get("records", [host, record])),
  list: (host, range) => asking(() => list(db, host, range)),
  commit: (batch) => asking(() => commit(db, batch)),
  erase: (host) => asking(() => erase(db, host)),
  close: async () => {
    db.close()
    await release()
  },
})

const load = async (db: Database, host: HostId): Promise<Saved> => {
  const tx = db.transaction(["hosts", "rows", "outward"])
  const within = allOf(host)
  const [version, ids, rows, outward] = await Promise.all([
    tx.objectStore("hosts").get(host),
    tx.objectStore("rows").getAllKeys(within),
    tx.objectStore("rows").getAll(within),
    tx.objectStore("outward").getAll(within),
    tx.done,
  ])
  outward.sort((a, b) => a.version - b.version || a.index - b.index)
  return {
    version: version ?? 0,
    rows: new Map(ids.map(([, id], index) => [id, rows[index]!])),
    outward: outward.map((placed) => placed.outward),
  }
}

const list = async (db: Database, host: HostId, range: Range): Promise<Array<[RecordId, Uint8Array]>> => {
  const { lower, open, upper } = boundsOf(range)
  // IDBKeyRange refuses to be empty.
  if (range.limit <= 0 || (upper !== undefined && lower >= upper)) return []
  const keys = IDBKeyRange.bound([host, lower], upper === undefined ? [host, []] : [host, upper], open, true)
  const store = db.transaction("records").store
  if (range.fromEnd !== true) {
    const count = Math.min(range.limit, MAX_COUNT)
    const [ids, found] = await Promise.all([store.getAllKeys(keys, count), store.getAll(keys, count)])
    return ids.map(([, id], index) => [id, found[index]!])
  }
  const entries: Array<[RecordId, Uint8Array]> = []
  let cursor = await store.openCursor(keys, "prev")
  while (cursor !== null && entries.length < range.limit) {
    entries.push([cursor.key[1], cursor.value])
    cursor = entries.length < range.limit ? await cursor.continue() : null
  }
  return entries.reverse()
}

/** Nothing but the transaction's own requests is awaited inside it, or it would end early. */
const commit = async (db: Database, batch: Batch): Promise<void> => {
  const { host } = batch
  const tx = db.transaction(STORES, "readwrite", { durability: "strict" })
  const hosts = tx.objectStore("hosts")
  const rows = tx.objectStore("rows")
  const records = tx.objectStore("records")
  const outward = tx.objectStore("outward")
  const found = (await hosts.get(host)) ?? 0
  if (found !== batch.expected) {
    await tx.done // nothing was asked to change
    throw new Conflict({ expected: batch.expected, found })
  }
  const version = batch.expected + 1
  const requests: Array<Promise<unknown>> = [hosts.put(version, host)]
  for (const [id, row] of batch.rows) requests.push(row ? rows.put(row, [host, id]) : rows.delete([host, id]))
  for (const [id, bytes] of batch.records)
    requests.push(bytes ? records.put(bytes, [host, id]) : records.delete([host, id]))
  batch.outward.forEach((command, index) => {
    requests.push(outward.put({ version, index, outward: command }, [host, command.id]))
  })
  for (const id of batch.confirmed) requests.push(outward.delete([host, id]))
  await Promise.all([...requests, tx.done])
}

const erase = async (db: Database, host: HostId): Promise<void> => {
  const tx = db.transaction(STORES, "readwrite", { durability: "strict" })
  const within = allOf(host)
  await Promise.all([
    tx.objectStore("hosts").delete(host),
    tx.objectStore("rows").delete(within),
    tx.objectStore("records").delete(within),
    tx.objectStore("outward").delete(within),
    tx.done,
  ])
}

/** All keys of a host: an array sorts after every string. */
const allOf = (host: HostId): IDBKeyRange => IDBKeyRange.bound([host], [host, []])

const asking = <A>(ask: () => Promise<A>): Promise<A> => ask().catch((error) => Promise.reject(failureOf(error)))

const failureOf = (error: unknown): unknown => {
  if (!(error instanceof DOMException)) return error
  if (error.name === "QuotaExceededError") return new Unavailable({ reason: "full", cause: error })
  if (error.name === "VersionError") return new Unavailable({ reason: "newer", cause: error })
  return new Unavailable({ reason: "broken", cause: error })
}
