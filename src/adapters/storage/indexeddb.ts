/**
 * Storage in IndexedDB, for browsers. One strict transaction a batch, with the lease's fencing number and the compare-and-swap
 * inside it; one writer by a Web Lock, which the browser frees when the tab dies. Docs: core/store.ts, docs/storage.md; upheld
 * by `spec/conformance/store`.
 *
 * What was erased is gone from view at once; when the browser overwrites it on the disk is not in our hands.
 */
import { deleteDB, type IDBPTransaction } from "idb"
import { boundsOf, merged } from "../../core/host/listing.ts"
import { defineStorage, type PlainStore } from "../../core/storage-from-promises.ts"
import {
  type Batch,
  Conflict,
  fewOf,
  type HostId,
  type Range,
  type RecordId,
  type Storage,
  Unavailable,
} from "../../core/store.ts"
import { free, type Lock, lock } from "./browser/lock.ts"
import { forgetMade, rememberMade, wasMade } from "./browser/marker.ts"
import { measure, persist } from "./browser/room.ts"
import { compacted, writtenOut } from "./indexeddb/compacting.ts"
import { type Database, failureOf, openDatabase, type Schema } from "./indexeddb/database.ts"
import { Keeping, mayBePacked, type Writes, writesOf } from "./indexeddb/keeping.ts"

/** IndexedDB counts in an unsigned long and throws at more. */
const MAX_COUNT = 0xffff_ffff

const STORES = ["hosts", "packs", "records"] as const
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
  const keeping = new Keeping(db)
  void lost.then((why) => {
    loss = why
    keeping.end()
    db.close()
  })
  /** Why a request failed that came after a loss is the loss. */
  const asking = <A>(ask: () => Promise<A>): Promise<A> =>
    ask().catch((error) =>
      Promise.reject(error instanceof DOMException && loss !== undefined ? loss : failureOf(error)),
    )
  return {
    hosts: () => asking(async () => db.getAllKeys("hosts")),
    load: (host) => asking(() => keeping.inTurn(host, async () => (await keeping.read(host)).saved)),
    read: (host, record) =>
      asking(() =>
        fewOf(record) === undefined
          ? db.get("records", [host, record])
          : keeping.inTurn(host, () => readFew(db, keeping, host, record)),
      ),
    list: (host, range) => asking(() => keeping.inTurn(host, () => list(db, keeping, host, range))),
    commit: (batch) => asking(() => keeping.inTurn(batch.host, () => commit(db, fence, keeping, batch))),
    erase: (host) => asking(() => keeping.inTurn(host, () => erase(db, fence, keeping, host))),
    scrub: () => asking(() => compacted(db.name)),
    close: async () => {
      keeping.end()
      db.close()
      await held.release()
    },
    lost,
  }
}

const readFew = async (
  db: Database,
  keeping: Keeping,
  host: HostId,
  record: RecordId,
): Promise<Uint8Array | undefined> => {
  const { few, outside } = await keeping.of(host)
  return outside.has(record) ? db.get("records", [host, record]) : few[fewOf(record)!].get(record)
}

/** The records of the range, those in packs among them. */
const list = async (
  db: Database,
  keeping: Keeping,
  host: HostId,
  range: Range,
): Promise<ReadonlyArray<readonly [RecordId, Uint8Array]>> => {
  const apart = await listApart(db, host, range)
  if (!mayBePacked(range.prefix)) return apart
  const { few } = await keeping.of(host)
  return merged(range, apart, new Map([...few.passing.entries(), ...few.window.entries()]))
}

const listApart = async (db: Database, host: HostId, range: Range): Promise<Array<[RecordId, Uint8Array]>> => {
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
const commit = async (db: Database, fence: number, keeping: Keeping, batch: Batch): Promise<void> => {
  const writes = writesOf(await keeping.of(batch.host), batch)
  const tx = db.transaction(WITH_LEASE, "readwrite", { durability: "strict" })
  const checked = Promise.all([tx.objectStore("lease").get("fence"), tx.objectStore("hosts").get(batch.host)])
  const done = Promise.all([checked, ...changesOf(tx, batch, writes), tx.done])
  done.catch(() => undefined) // an aborted transaction refuses each of them; what is told is told below
  // What comes of it is not known before it answers.
  keeping.forget(batch.host)
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
  keeping.remember(batch.host, writes.after)
}

type Writing = IDBPTransaction<Schema, typeof WITH_LEASE, "readwrite">

const changesOf = (tx: Writing, { expected, host }: Batch, writes: Writes): ReadonlyArray<Promise<unknown>> => {
  const packs = tx.objectStore("packs")
  const records = tx.objectStore("records")
  try {
    const requests: Array<Promise<unknown>> = [tx.objectStore("hosts").put(expected + 1, host)]
    for (const [key, pack] of writes.packs) requests.push(pack ? packs.put(pack, key) : packs.delete(key))
    for (const [id, bytes] of writes.records)
      requests.push(bytes ? records.put(bytes, [host, id]) : records.delete([host, id]))
    return requests
  } catch (error) {
    // What cannot be kept is kept in no part.
    tx.abort()
    return [Promise.reject(error)]
  }
}

const erase = async (db: Database, fence: number, keeping: Keeping, host: HostId): Promise<void> => {
  const tx = db.transaction(WITH_LEASE, "readwrite", { durability: "strict" })
  if ((await tx.objectStore("lease").get("fence")) !== fence) {
    await tx.done
    throw new Unavailable({ reason: "elsewhere" })
  }
  keeping.forget(host)
  const within = allOf(host)
  await Promise.all([
    tx.objectStore("hosts").delete(host),
    tx.objectStore("packs").delete(within),
    tx.objectStore("records").delete(within),
    tx.done,
  ])
}

/** All keys of a host: an array sorts after every string. */
const allOf = (host: HostId): IDBKeyRange => IDBKeyRange.bound([host], [host, []])
