/**
 * Storage in memory: gone with the process. For tests, demonstrations, and whoever wants no trace.
 * Docs: core/store.ts; upheld by `spec/conformance/store`.
 *
 * Rows and commands are kept as text, and bytes are copied both ways, so that nothing live leaks from one life of a host
 * into the next.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { boundsOf } from "../../core/host/listing.ts"
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
  type StoreService,
  Unavailable,
} from "../../core/store.ts"

/** One host, as a disk would hold it. */
export interface Shelf {
  /** Commits so far. */
  version: number
  /** Instances at rest, as JSON. */
  readonly rows: Map<InstanceId, string>
  /** Bytes by their id. */
  readonly records: Map<RecordId, Uint8Array>
  /** Commands that wait to be confirmed, as JSON. */
  readonly outward: Map<string, string>
}

/** The disk: pass the same one to reopen what was kept on it. */
export interface Shelves {
  /** By their id. */
  readonly hosts: Map<HostId, Shelf>
  /** Whether a writer has it open. */
  taken: boolean
  /** The highest lease that was given out. */
  fence: number
}

/** An empty disk. */
export const makeShelves = (): Shelves => ({ hosts: new Map(), taken: false, fence: 0 })

/** Who stands before the shelves: no part of the disk. */
interface Queue {
  /** Tells the holder of the lease that it was robbed. */
  rob: () => void
  /** Those who wait for it to become free. */
  readonly waiting: Set<() => void>
}

const queues = new WeakMap<Shelves, Queue>()

const queueOf = (shelves: Shelves): Queue => {
  const queue = queues.get(shelves) ?? { rob: () => undefined, waiting: new Set() }
  queues.set(shelves, queue)
  return queue
}

/** A place in memory. Without `shelves` nobody else can open the same one. */
export const memory = (shelves: Shelves = makeShelves()): Storage => ({
  kind: "memory",
  durable: false,
  open: opened(shelves, false),
  takeOver: opened(shelves, true),
  freed: Effect.callback<void>((resume) => {
    const wake = () => resume(Effect.void)
    if (!shelves.taken) return wake()
    const { waiting } = queueOf(shelves)
    waiting.add(wake)
    return Effect.sync(() => void waiting.delete(wake))
  }),
  remove: Effect.suspend(() => {
    if (shelves.taken) return new Elsewhere()
    return Effect.sync(() => shelves.hosts.clear())
  }),
})

const opened = (shelves: Shelves, robbing: boolean) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.suspend(() => {
        if (shelves.taken && !robbing) return Effect.fail(new Elsewhere())
        queueOf(shelves).rob()
        const lease = makeLease((shelves.fence += 1))
        shelves.taken = true
        queueOf(shelves).rob = lease.end
        return Effect.succeed(lease)
      }),
      ({ fence }) =>
        Effect.sync(() => {
          if (fence !== shelves.fence) return
          shelves.taken = false
          const queue = queueOf(shelves)
          queue.rob = () => undefined
          for (const wake of [...queue.waiting]) wake()
        }),
    ),
    (lease) => storeOn(shelves, lease),
  )

interface Lease {
  readonly fence: number
  readonly end: () => void
  readonly ended: Effect.Effect<Unavailable>
}

const makeLease = (fence: number): Lease => {
  const over = Deferred.makeUnsafe<Unavailable>()
  return {
    fence,
    end: () => void Deferred.doneUnsafe(over, Effect.succeed(takenOver())),
    ended: Deferred.await(over),
  }
}

const takenOver = () => new Unavailable({ reason: "elsewhere" })

/** The store over shelves that somebody else has opened, or that nobody else knows; then it needs no lease. */
export const storeOn = (shelves: Shelves, lease?: Lease): StoreService => {
  const { hosts } = shelves
  const isStale = () => lease !== undefined && lease.fence !== shelves.fence
  return {
    hosts: Effect.sync(() => [...hosts.keys()].sort()),
    load: (host) => Effect.sync(() => loaded(hosts.get(host))),
    read: (host, record) => Effect.sync(() => hosts.get(host)?.records.get(record)?.slice()),
    list: (host, range) => Effect.sync(() => listed(hosts.get(host), range)),
    commit: (batch) =>
      Effect.suspend((): Effect.Effect<void, Conflict | Unavailable> => {
        if (isStale()) return Effect.fail(takenOver())
        const found = hosts.get(batch.host)?.version ?? 0
        if (found !== batch.expected) return new Conflict({ expected: batch.expected, found })
        hosts.set(batch.host, applied(hosts.get(batch.host), batch))
        return Effect.void
      }),
    erase: (host) =>
      Effect.suspend(() => {
        if (isStale()) return Effect.fail(takenOver())
        hosts.delete(host)
        return Effect.void
      }),
    ...(lease && { lost: lease.ended }),
  }
}

const loaded = (shelf: Shelf | undefined): Saved => ({
  version: shelf?.version ?? 0,
  rows: new Map([...(shelf?.rows ?? [])].map(([id, text]) => [id, JSON.parse(text) as Row])),
  outward: [...(shelf?.outward.values() ?? [])].map((text) => JSON.parse(text) as Outward),
})

const listed = (shelf: Shelf | undefined, range: Range): ReadonlyArray<readonly [RecordId, Uint8Array]> => {
  if (shelf === undefined || range.limit <= 0) return []
  const ids = sortedIds(shelf.records)
  const { lower, open, upper } = boundsOf(range)
  const first = placeOf(ids, lower, open)
  const end = upper === undefined ? ids.length : placeOf(ids, upper, false)
  const from = range.fromEnd === true ? Math.max(first, end - range.limit) : first
  return ids.slice(from, Math.min(end, from + range.limit)).map((id) => [id, shelf.records.get(id)!.slice()] as const)
}

/** The ids of a shelf's records in order, as they were at the last look, and those that came or went since. */
interface Order {
  ids: Array<RecordId>
  readonly changed: Set<RecordId>
}

/** So that a long history is not sorted for every look at its end, nor put in order while nobody looks. */
const orders = new WeakMap<Shelf["records"], Order>()
/** So many changes are put in their places one by one; more, and all is sorted again. */
const FEW_CHANGES = 128

const sortedIds = (records: Shelf["records"]): Array<RecordId> => {
  const order = orders.get(records)
  if (order !== undefined && order.changed.size <= FEW_CHANGES) {
    for (const id of order.changed) place(order.ids, id, records.has(id))
    order.changed.clear()
    // Whoever holds the shelves may have put something on them.
    if (order.ids.length === records.size) return order.ids
  }
  const ids = [...records.keys()].sort()
  orders.set(records, { ids, changed: new Set() })
  return ids
}

/** The place of the first id that is not before `id`; with `after`, of the first one after it. */
const placeOf = (ids: ReadonlyArray<RecordId>, id: RecordId, after: boolean): number => {
  let [low, high] = [0, ids.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ids[middle]! < id || (after && ids[middle] === id)) low = middle + 1
    else high = middle
  }
  return low
}

const place = (ids: Array<RecordId>, id: RecordId, stays: boolean): void => {
  const at = placeOf(ids, id, false)
  if ((ids[at] === id) === stays) return
  if (stays) ids.splice(at, 0, id)
  else ids.splice(at, 1)
}

/** Notes, for the next look at the order, that a record comes or goes. */
const reorder = (records: Shelf["records"], id: RecordId, stays: boolean): void => {
  if (records.has(id) === stays) return
  const order = orders.get(records)
  if (order === undefined) return
  order.changed.add(id)
  if (order.changed.size > FEW_CHANGES) orders.delete(records)
}

/** What a batch says, as text and copies: everything that may throw happens here, before the shelf is touched. */
const applied = (before: Shelf | undefined, batch: Batch): Shelf => {
  const rows = [...batch.rows].map(([id, row]) => [id, row && JSON.stringify(row)] as const)
  const outward = batch.outward.map((command) => [command.id, JSON.stringify(command)] as const)
  const shelf = before ?? { version: 0, rows: new Map(), records: new Map(), outward: new Map() }
  for (const [id, text] of rows) setOrDelete(shelf.rows, id, text)
  for (const [id, bytes] of batch.records) {
    reorder(shelf.records, id, bytes !== undefined)
    setOrDelete(shelf.records, id, bytes?.slice())
  }
  for (const [id, text] of outward) shelf.outward.set(id, text)
  for (const id of batch.confirmed) shelf.outward.delete(id)
  shelf.version += 1
  return shelf
}

const setOrDelete = <K, V>(map: Map<K, V>, key: K, value: V | undefined): void => {
  if (value === undefined) map.delete(key)
  else map.set(key, value)
}
