/**
 * Storage in IndexedDB, for browsers. One strict transaction a batch, with the lease's fencing number and the compare-and-swap
 * inside it; one writer by a Web Lock, which the browser frees when the tab dies. Docs: core/store.ts, docs/storage.md; upheld
 * by `spec/conformance/store`.
 *
 * What was erased is gone from view at once; when the browser overwrites it on the disk is not in our hands.
 */
import { deleteDB, type IDBPTransaction } from "idb"
import { boundsOf } from "../../core/host/listing.ts"
import { defineStorage, type PlainStore } from "../../core/storage-from-promises.ts"
import {
  type Batch,
  Conflict,
  type HostId,
  type Range,
  type RecordId,
  type Saved,
  type Storage,
  Unavailable,
} from "../../core/store.ts"
import { free, type Lock, lock } from "./browser/lock.ts"
import { forgetMade, rememberMade, wasMade } from "./browser/marker.ts"
import { measure, persist } from "./browser/room.ts"
import { compacted, writtenOut } from "./indexeddb/compacting.ts"
import { type Database, failureOf, openDatabase, type Schema } from "./indexeddb/database.ts"

/** IndexedDB counts in an unsigned long and throws at more. */
const MAX_COUNT = 0xffff_ffff

const STORES = ["hosts", "rows", "records", "outward"] as const
const WITH_LEASE = [...STORES, "lease"] as const

/** The database `sotto/<name>` of this origin. */
export const indexeddb = (name: string): Storage => {
  const place = `sotto/${name}`
  return defineStorage({
    kind: "indexeddb",
    durable: true,
    open: () => opened(place, false),
    takeOver: () => opened(place, true),
    freed: (signal) => free(place, signal),
    measure,
    persist,
    remove: () => removed(place),
  })
}

const removed = async (place: string): Promise<void> => {
  const held = await lock(place, false)
  try {
    // In this order: interrupted between the two, what is left is whole.
    forgetMade(place)
    await compacted(place, () => deleteDB(place))
  } finally {
    await held.release()
  }
}

const opened = async (place: string, robbing: boolean): Promise<PlainStore> => {
  const held = await lock(place, robbing)
  const loss = Promise.withResolvers<Unavailable>()
  const lost = (reason: "lost" | "newer" | "elsewhere") => loss.resolve(new Unavailable({ reason }))
  void held.robbed.then(() => lost("elsewhere"))
  let db: Database | undefined
  try {
    db = await openDatabase(place, { wasMade: wasMade(place), lost })
    rememberMade(place)
    // Whoever is robbed lives in the same browser, and has done it.
    if (!robbing) await writtenOut(place)
    return storeOver(db, await nextFence(db), held, loss.promise)
  } catch (error) {
    db?.close()
    await held.release()
    throw failureOf(error)
  }
}

/** Every lease has a number; from this commit on those before it are stale. */
const nextFence = async (db: Database): Promise<number> => {
  const tx = db.transaction("lease", "readwrite", { durability: "strict" })
  const fence = ((await tx.store.get("fence")) ?? 0) + 1
  await Promise.all([tx.store.put(fence, "fence"), tx.done])
  return fence
}

const storeOver = (db: Database, fence: number, held: Lock, lost: Promise<Unavailable>): PlainStore => {
  let loss: Unavailable | undefined
  void lost.then((why) => {
    loss = why
    db.close()
  })
  /** Why a request failed that came after a loss is the loss. */
  const asking = <A>(ask: () => Promise<A>): Promise<A> =>
    ask().catch((error) =>
      Promise.reject(error instanceof DOMException && loss !== undefined ? loss : failureOf(error)),
    )
  return {
    hosts: () => asking(async () => db.getAllKeys("hosts")),
    load: (host) => asking(() => load(db, host)),
    read: (host, record) => asking(async () => db.get("records", [host, record])),
    list: (host, range) => asking(() => list(db, host, range)),
    commit: (batch) => asking(() => commit(db, fence, batch)),
    erase: (host) => asking(() => erase(db, fence, host)),
    scrub: () => asking(() => compacted(db.name)),
    close: async () => {
      db.close()
      await held.release()
    },
    lost,
  }
}

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

/**
 * Everything is asked at once, and what does not hold aborts it: to wait for the check before the first change, and for every
 * change before the end, takes longer than the changes. Nothing but the transaction's own requests is awaited inside it.
 */
const commit = async (db: Database, fence: number, batch: Batch): Promise<void> => {
  const tx = db.transaction(WITH_LEASE, "readwrite", { durability: "strict" })
  const checked = Promise.all([tx.objectStore("lease").get("fence"), tx.objectStore("hosts").get(batch.host)])
  const done = Promise.all([checked, ...changesOf(tx, batch), tx.done])
  done.catch(() => undefined) // an aborted transaction refuses each of them; what is told is told below
  const [latest, found = 0] = await checked
  if (latest !== fence || found !== batch.expected) {
    tx.abort()
    await tx.done.catch(() => undefined)
    throw latest !== fence
      ? new Unavailable({ reason: "elsewhere" })
      : new Conflict({ expected: batch.expected, found })
  }
  tx.commit()
  await done
}

type Writing = IDBPTransaction<Schema, typeof WITH_LEASE, "readwrite">

const changesOf = (tx: Writing, batch: Batch): ReadonlyArray<Promise<unknown>> => {
  const { host } = batch
  const rows = tx.objectStore("rows")
  const records = tx.objectStore("records")
  const outward = tx.objectStore("outward")
  const version = batch.expected + 1
  try {
    const requests: Array<Promise<unknown>> = [tx.objectStore("hosts").put(version, host)]
    for (const [id, row] of batch.rows) requests.push(row ? rows.put(row, [host, id]) : rows.delete([host, id]))
    for (const [id, bytes] of batch.records)
      requests.push(bytes ? records.put(bytes, [host, id]) : records.delete([host, id]))
    batch.outward.forEach((command, index) => {
      requests.push(outward.put({ version, index, outward: command }, [host, command.id]))
    })
    for (const id of batch.confirmed) requests.push(outward.delete([host, id]))
    return requests
  } catch (error) {
    // What cannot be kept is kept in no part.
    tx.abort()
    return [Promise.reject(error)]
  }
}

const erase = async (db: Database, fence: number, host: HostId): Promise<void> => {
  const tx = db.transaction(WITH_LEASE, "readwrite", { durability: "strict" })
  if ((await tx.objectStore("lease").get("fence")) !== fence) {
    await tx.done
    throw new Unavailable({ reason: "elsewhere" })
  }
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
