/**
 * Storage in memory: gone with the process. For tests, demonstrations, and whoever wants no trace.
 * Docs: core/store.ts; upheld by `spec/conformance/store`.
 *
 * Rows and commands are kept as text, and bytes are copied both ways, so that nothing live leaks from one life of a host
 * into the next.
 */
import * as Effect from "effect/Effect"
import { byId, cut, inRange } from "../../core/host/listing.ts"
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
} from "../../core/store.ts"

/** One host, as a disk would hold it. */
export interface Shelf {
  version: number
  readonly rows: Map<InstanceId, string>
  readonly records: Map<RecordId, Uint8Array>
  readonly outward: Map<string, string>
}

/** The disk: pass the same one to reopen what was kept on it. */
export interface Shelves {
  readonly hosts: Map<HostId, Shelf>
  /** Whether a writer has it open. */
  taken: boolean
}

export const makeShelves = (): Shelves => ({ hosts: new Map(), taken: false })

/** A place in memory. Without `shelves` nobody else can open the same one. */
export const memory = (shelves: Shelves = makeShelves()): Storage => ({
  kind: "memory",
  durable: false,
  open: Effect.map(
    Effect.acquireRelease(
      Effect.suspend(() => {
        if (shelves.taken) return new Elsewhere()
        shelves.taken = true
        return Effect.void
      }),
      () => Effect.sync(() => void (shelves.taken = false)),
    ),
    () => storeOn(shelves),
  ),
})

/** The store over shelves that somebody else has opened, or that nobody else knows. */
export const storeOn = ({ hosts }: Shelves): StoreService => ({
  hosts: Effect.sync(() => [...hosts.keys()].sort()),
  load: (host) => Effect.sync(() => loaded(hosts.get(host))),
  read: (host, record) => Effect.sync(() => hosts.get(host)?.records.get(record)?.slice()),
  list: (host, range) => Effect.sync(() => listed(hosts.get(host), range)),
  commit: (batch) =>
    Effect.suspend(() => {
      const found = hosts.get(batch.host)?.version ?? 0
      if (found !== batch.expected) return new Conflict({ expected: batch.expected, found })
      hosts.set(batch.host, applied(hosts.get(batch.host), batch))
      return Effect.void
    }),
  erase: (host) => Effect.sync(() => void hosts.delete(host)),
})

const loaded = (shelf: Shelf | undefined): Saved => ({
  version: shelf?.version ?? 0,
  rows: new Map([...(shelf?.rows ?? [])].map(([id, text]) => [id, JSON.parse(text) as Row])),
  outward: [...(shelf?.outward.values() ?? [])].map((text) => JSON.parse(text) as Outward),
})

const listed = (shelf: Shelf | undefined, range: Range): ReadonlyArray<readonly [RecordId, Uint8Array]> =>
  cut(range, [...(shelf?.records ?? [])].filter(([id]) => inRange(range, id)).sort(byId)).map(
    ([id, bytes]) => [id, bytes.slice()] as const,
  )

/** What a batch says, as text and copies: everything that may throw happens here, before the shelf is touched. */
const applied = (before: Shelf | undefined, batch: Batch): Shelf => {
  const rows = [...batch.rows].map(([id, row]) => [id, row && JSON.stringify(row)] as const)
  const outward = batch.outward.map((command) => [command.id, JSON.stringify(command)] as const)
  const shelf = before ?? { version: 0, rows: new Map(), records: new Map(), outward: new Map() }
  for (const [id, text] of rows) setOrDelete(shelf.rows, id, text)
  for (const [id, bytes] of batch.records) setOrDelete(shelf.records, id, bytes?.slice())
  for (const [id, text] of outward) shelf.outward.set(id, text)
  for (const id of batch.confirmed) shelf.outward.delete(id)
  shelf.version += 1
  return shelf
}

const setOrDelete = <K, V>(map: Map<K, V>, key: K, value: V | undefined): void => {
  if (value === undefined) map.delete(key)
  else map.set(key, value)
}
