/**
 * Storage in IndexedDB, for browsers. One strict transaction a batch, with the lease's fencing number and the compare-and-swap
 * inside it; one writer by a Web Lock, which the browser frees when the tab dies. Docs: core/store.ts, docs/storage.md; upheld
 * by `spec/conformance/store`.
 *
 * What was erased is gone from view at once; when the browser overwrites it on the disk is not in our hands.
 */
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
import { failureOf, openDatabase, storeIn } from "./indexeddb/database.ts"
import { Keeping, mayBePacked, type Writes, writesOf } from "./indexeddb/keeping.ts"
import { answered, deleted, finished } from "./indexeddb/requests.ts"

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
    await compacted(place, () => deleted(place))
  } finally {
    await held.release()
  }
}

const opened = async (place: string, robbing: boolean): Promise<PlainStore> => {
  const held = await lock(place, robbing)
  const loss = Promise.withResolvers<Unavailable>()
  const lost = (reason: "lost" | "newer" | "elsewhere") => loss.resolve(new Unavailable({ reason }))
  void held.robbed.then(() => lost("elsewhere"))
  let db: IDBDatabase | undefined
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
const nextFence = async (db: IDBDatabase): Promise<number> => {
  const tx = db.transaction("lease", "readwrite", { durability: "strict" })
  const done = finished(tx)
  const lease = storeIn(tx, "lease")
  const fence = ((await answered(lease.get("fence"))) ?? 0) + 1
  lease.put(fence, "fence")
  await done
  return fence
}

const storeOver = (db: IDBDatabase, fence: number, held: Lock, lost: Promise<Unavailable>): PlainStore => {
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
    hosts: () => asking(() => answered(storeIn(db.transaction("hosts"), "hosts").getAllKeys())),
    load: (host) => asking(() => keeping.inTurn(host, async () => (await keeping.read(host)).saved)),
    read: (host, record) =>
      asking(() =>
        fewOf(record) === undefined
          ? readApart(db, host, record)
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

const readApart = async (db: IDBDatabase, host: HostId, record: RecordId): Promise<Uint8Array | undefined> =>
  answered(storeIn(db.transaction("records"), "records").get([host, record]))

const readFew = async (
  db: IDBDatabase,
  keeping: Keeping,
  host: HostId,
  record: RecordId,
): Promise<Uint8Array | undefined> => {
  const { few, outside } = await keeping.of(host)
  return outside.has(record) ? readApart(db, host, record) : few[fewOf(record)!].get(record)
}

/** The records of the range, those in packs among them. */
const list = async (
  db: IDBDatabase,
  keeping: Keeping,
  host: HostId,
  range: Range,
): Promise<ReadonlyArray<readonly [RecordId, Uint8Array]>> => {
  const apart = await listApart(db, host, range)
  if (!mayBePacked(range.prefix)) return apart
  const { few } = await keeping.of(host)
  return merged(range, apart, new Map([...few.passing.entries(), ...few.window.entries()]))
}

const listApart = async (db: IDBDatabase, host: HostId, range: Range): Promise<Array<[RecordId, Uint8Array]>> => {
  const { lower, open, upper } = boundsOf(range)
  // IDBKeyRange refuses to be empty.
  if (range.limit <= 0 || (upper !== undefined && lower >= upper)) return []
  const keys = IDBKeyRange.bound([host, lower], upper === undefined ? [host, []] : [host, upper], open, true)
  const tx = db.transaction("records")
  if (range.fromEnd !== true) {
    const count = Math.min(range.limit, MAX_COUNT)
    const store = storeIn(tx, "records")
    const [ids, found] = await Promise.all([
      answered(store.getAllKeys(keys, count)),
      answered(store.getAll(keys, count)),
    ])
    return ids.map(([, id], index) => [id, found[index]!])
  }
  const entries: Array<[RecordId, Uint8Array]> = []
  const request = tx.objectStore("records").openCursor(keys, "prev")
  for (let cursor = await answered(request); cursor !== null; cursor = await answered(request)) {
    entries.push([(cursor.key as [HostId, RecordId])[1], cursor.value])
    if (entries.length === range.limit) break
    cursor.continue()
  }
  return entries.reverse()
}

/**
 * Everything is asked at once, and what does not hold aborts it: to wait for the check before the first change, and for every
 * change before the end, takes longer than the changes. Nothing but the transaction's own requests is awaited inside it.
 */
const commit = async (db: IDBDatabase, fence: number, keeping: Keeping, batch: Batch): Promise<void> => {
  const writes = writesOf(await keeping.of(batch.host), batch)
  const tx = db.transaction(WITH_LEASE, "readwrite", { durability: "strict" })
  const done = finished(tx)
  done.catch(() => undefined) // what is told of an aborted transaction is told below
  const asked = Promise.all([
    answered(storeIn(tx, "lease").get("fence")),
    answered(storeIn(tx, "hosts").get(batch.host)),
  ])
  asked.catch(() => undefined)
  change(tx, batch, writes)
  // What comes of it is not known before it answers.
  keeping.forget(batch.host)
  const [latest, found = 0] = await asked
  if (latest !== fence || found !== batch.expected) {
    tx.abort()
    await done.catch(() => undefined)
    throw latest !== fence
      ? new Unavailable({ reason: "elsewhere" })
      : new Conflict({ expected: batch.expected, found })
  }
  tx.commit()
  await done
  keeping.remember(batch.host, writes.after)
}

const change = (tx: IDBTransaction, { expected, host }: Batch, writes: Writes): void => {
  const packs = storeIn(tx, "packs")
  const records = storeIn(tx, "records")
  try {
    storeIn(tx, "hosts").put(expected + 1, host)
    for (const [key, pack] of writes.packs) pack ? packs.put(pack, key) : packs.delete(key)
    for (const [id, bytes] of writes.records) bytes ? records.put(bytes, [host, id]) : records.delete([host, id])
  } catch (error) {
    // What cannot be kept is kept in no part.
    tx.abort()
    throw error
  }
}

const erase = async (db: IDBDatabase, fence: number, keeping: Keeping, host: HostId): Promise<void> => {
  const tx = db.transaction(WITH_LEASE, "readwrite", { durability: "strict" })
  const done = finished(tx)
  done.catch(() => undefined)
  if ((await answered(storeIn(tx, "lease").get("fence"))) !== fence) {
    tx.abort()
    throw new Unavailable({ reason: "elsewhere" })
  }
  keeping.forget(host)
  const within = allOf(host)
  storeIn(tx, "hosts").delete(host)
  storeIn(tx, "packs").delete(within)
  storeIn(tx, "records").delete(within)
  await done
}

/** All keys of a host: an array sorts after every string. */
const allOf = (host: HostId): IDBKeyRange => IDBKeyRange.bound([host], [host, []])
