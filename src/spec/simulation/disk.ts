/**
 * A disk of a simulation, and the Store over it: batches go through a journal, so that a commit that was interrupted is
 * rolled back or completed when the disk is opened again, as databases do. One process may write; whoever takes the place
 * over gets a higher fencing number, and the former writer's commits fail. Docs: core/store.ts, simulator.md, "Crashes".
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { about, RECORD } from "../../core/contact/records.ts"
import { cut, inRange } from "../../core/host/listing.ts"
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
  type StoreService,
  Unavailable,
} from "../../core/store.ts"

export interface Shelf {
  version: number
  readonly rows: Map<InstanceId, Row>
  readonly records: Map<RecordId, Uint8Array>
  readonly outward: Map<string, Outward>
}

/** What a disk holds. */
export type DiskImage = ReadonlyMap<HostId, Shelf>

export interface Disk {
  readonly hosts: ReadonlyMap<HostId, Shelf>
  /** Of whoever may write; undefined when nobody has it open. */
  readonly writer: () => number | undefined
  /** Completes when nobody has it open. */
  readonly freed: Effect.Effect<void>
  /**
   * The keys of all conversations are gone, as when a part of a disk cannot be read any more. Those of a pairing under way stay: without
   * them it ends with its invite, and its people have to begin anew.
   */
  readonly loseKeys: () => void
  /** The identity of every conversation is another one: each gets what `make` gives. */
  readonly replaceIdentity: (make: () => Uint8Array) => void
  /** A copy of all of it is put aside. */
  readonly copy: () => void
  readonly isCopied: () => boolean
  /** It is as it was when it was copied. False: it never was. */
  readonly putBack: () => boolean
  /** A copy of all that is on it, an unfinished journal rolled back or completed. */
  readonly image: () => DiskImage
  /** Opens it for a process. Fails while another one has it, unless it is taken over. Returns the Store and its release. */
  readonly open: (options: {
    readonly takeOver: boolean
    /** Has the process that opens it do something. */
    readonly soon: (act: () => void) => void
  }) => Effect.Effect<Opened, Elsewhere>
}

export interface Opened {
  readonly store: StoreService
  readonly release: () => void
  /** Begins a batch and gets no further: the journal holds a part of it. False if it would have been refused. */
  readonly tear: (batch: Batch, marked: boolean) => boolean
}

/** What is on a disk that there is not. */
export const NO_HOSTS: Disk["hosts"] = new Map()

/** `image`: what is on it in the beginning. */
export const makeDisk = (image: DiskImage = new Map()): Disk => {
  const hosts = copyOf(image)
  let journal: { readonly batch: Batch; readonly marked: boolean } | undefined
  let fence = 0
  let writer: number | undefined

  let copied: ReadonlyMap<HostId, Shelf> | undefined
  const waiting = new Set<() => void>()
  let dispossess = () => {}

  const recover = () => {
    // Without its mark the journal is a piece of a batch: nothing of it counts.
    if (journal?.marked === true) apply(hosts, journal.batch)
    journal = undefined
  }

  return {
    hosts,
    writer: () => writer,
    freed: Effect.suspend(() =>
      writer === undefined
        ? Effect.void
        : Effect.callback<void>((resume) => {
            const hear = () => resume(Effect.void)
            waiting.add(hear)
            return Effect.sync(() => void waiting.delete(hear))
          }),
    ),
    loseKeys: () => {
      for (const { records } of hosts.values()) {
        const known = records.get(RECORD.about)
        if (known !== undefined && about.decode(known)?.pairedAt === undefined) continue
        for (const record of [...records.keys()]) if (record.startsWith("layer/")) records.delete(record)
      }
    },
    replaceIdentity: (make) => {
      for (const { records } of hosts.values()) {
        if (records.has(RECORD.ownStatics)) records.set(RECORD.ownStatics, make())
      }
    },
    copy: () => {
      copied = copyOf(hosts)
    },
    isCopied: () => copied !== undefined,
    putBack: () => {
      if (copied === undefined) return false
      hosts.clear()
      for (const [id, shelf] of copyOf(copied)) hosts.set(id, shelf)
      return true
    },
    image: () => {
      const copy = copyOf(hosts)
      if (journal?.marked === true) apply(copy, journal.batch)
      return copy
    },
    open: ({ soon, takeOver }) =>
      Effect.suspend(() => {
        if (writer !== undefined && !takeOver) return new Elsewhere()
        const mine = ++fence
        writer = mine
        dispossess()
        const lost = Deferred.makeUnsafe<Unavailable>()
        dispossess = () =>
          soon(() => Deferred.doneUnsafe(lost, Effect.succeed(new Unavailable({ reason: "elsewhere" }))))
        recover()
        const fenced = <A, E>(act: () => Effect.Effect<A, E>) =>
          Effect.suspend(
            (): Effect.Effect<A, E | Unavailable> => (writer === mine ? act() : new Unavailable({ reason: "blocked" })),
          )
        const shelf = (host: HostId) => hosts.get(host)
        const store: StoreService = {
          hosts: fenced(() => Effect.succeed([...hosts.keys()].sort())),
          load: (host) => fenced(() => Effect.succeed(loaded(shelf(host)))),
          read: (host, record) => fenced(() => Effect.succeed(shelf(host)?.records.get(record)?.slice())),
          list: (host, range) => fenced(() => Effect.succeed(listed(shelf(host)?.records ?? NO_RECORDS, range))),
          commit: (batch) =>
            fenced((): Effect.Effect<void, Conflict> => {
              const found = shelf(batch.host)?.version ?? 0
              if (found !== batch.expected) return new Conflict({ expected: batch.expected, found })
              apply(hosts, batch)
              return Effect.void
            }),
          erase: (host) => fenced(() => Effect.sync(() => void hosts.delete(host))),
          lost: Deferred.await(lost),
        }
        return Effect.succeed({
          store,
          release: () => {
            if (writer !== mine) return
            writer = undefined
            dispossess = () => {}
            for (const hear of [...waiting]) {
              waiting.delete(hear)
              hear()
            }
          },
          tear: (batch, marked) => {
            if (writer !== mine || (shelf(batch.host)?.version ?? 0) !== batch.expected) return false
            journal = { batch, marked }
            return true
          },
        })
      }),
  }
}

const NO_RECORDS: Shelf["records"] = new Map()

const listed = (records: Shelf["records"], range: Range) => {
  const ids: Array<RecordId> = []
  for (const id of records.keys()) if (inRange(range, id)) ids.push(id)
  return cut(range, ids.sort()).map((id) => [id, records.get(id)!.slice()] as const)
}

const loaded = (shelf: Shelf | undefined): Saved =>
  // A copy: nothing live leaks from one life into the next.
  JSON.parse(
    JSON.stringify({
      version: shelf?.version ?? 0,
      rows: [...(shelf?.rows ?? [])],
      outward: [...(shelf?.outward.values() ?? [])],
    }),
    (key, value) => (key === "rows" ? new Map(value) : value),
  ) as Saved

/** Does what a batch says. */
export const apply = (hosts: Map<HostId, Shelf>, batch: Batch): void => {
  const shelf = hosts.get(batch.host) ?? { version: 0, rows: new Map(), records: new Map(), outward: new Map() }
  for (const [id, row] of batch.rows) setOrDelete(shelf.rows, id, row)
  for (const [id, bytes] of batch.records) setOrDelete(shelf.records, id, bytes?.slice())
  for (const command of batch.outward) shelf.outward.set(command.id, command)
  for (const id of batch.confirmed) shelf.outward.delete(id)
  shelf.version += 1
  hosts.set(batch.host, shelf)
}

/** Rows, commands and bytes are never changed in their place, so that copies may share them. */
const copyOf = (image: DiskImage): Map<HostId, Shelf> =>
  new Map(
    [...image].map(([host, { outward, records, rows, version }]) => [
      host,
      { version, rows: new Map(rows), records: new Map(records), outward: new Map(outward) },
    ]),
  )

const setOrDelete = <K, V>(map: Map<K, V>, key: K, value: V | undefined): void => {
  if (value === undefined) map.delete(key)
  else map.set(key, value)
}
