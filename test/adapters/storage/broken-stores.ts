/** Stores in memory that break one promise of the port each: what the acceptance suite must notice. */
import { Effect } from "effect"
import { type Shelves, storeOn } from "../../../src/adapters/storage/memory.ts"
import { Conflict, type Outward, type Storage, type StoreService, Unavailable } from "../../../src/core/store.ts"

export interface Broken {
  readonly breaks: string
  readonly store?: (store: StoreService, shelves: Shelves) => Partial<StoreService>
  readonly storage?: (storage: Storage, shelves: Shelves) => Partial<Storage>
}

const withOutward = (change: (outward: ReadonlyArray<Outward>) => ReadonlyArray<Outward>) => (store: StoreService) => ({
  load: (host: string) => Effect.map(store.load(host), (saved) => ({ ...saved, outward: change(saved.outward) })),
})

export const doubles: ReadonlyArray<Broken> = [
  {
    breaks: "a conflict changes nothing",
    store: (store, { hosts }) => ({
      commit: (batch) =>
        Effect.tapError(store.commit(batch), () =>
          Effect.sync(() => {
            for (const id of batch.confirmed) hosts.get(batch.host)?.outward.delete(id)
          }),
        ),
    }),
  },
  {
    breaks: "an outdated batch conflicts",
    store: (store, { hosts }) => ({
      commit: (batch) => store.commit({ ...batch, expected: hosts.get(batch.host)?.version ?? 0 }),
    }),
  },
  {
    breaks: "a batch that expects too much conflicts",
    store: (store, { hosts }) => ({
      commit: (batch) => {
        const version = hosts.get(batch.host)?.version ?? 0
        return store.commit({ ...batch, expected: Math.min(batch.expected, version) })
      },
    }),
  },
  {
    breaks: "a conflict says what was found",
    store: (store) => ({
      commit: (batch) =>
        Effect.mapError(store.commit(batch), (error) =>
          error._tag === "Conflict" ? new Conflict({ expected: error.expected, found: error.expected }) : error,
        ),
    }),
  },
  {
    breaks: "compare and swap are one act",
    store: (store, { hosts }) => ({
      commit: (batch) =>
        Effect.suspend(() => {
          const found = hosts.get(batch.host)?.version ?? 0
          if (found !== batch.expected) return new Conflict({ expected: batch.expected, found })
          const now = () => ({ ...batch, expected: hosts.get(batch.host)?.version ?? 0 })
          return Effect.andThen(
            Effect.yieldNow,
            Effect.suspend(() => store.commit(now())),
          )
        }),
    }),
  },
  {
    breaks: "a batch is seen whole",
    store: (store, { hosts }) => ({
      commit: (batch) =>
        Effect.suspend(() => {
          const [first] = batch.records
          if (hosts.get(batch.host)?.version === batch.expected && first?.[1])
            hosts.get(batch.host)?.records.set(first[0], first[1])
          return Effect.andThen(Effect.yieldNow, store.commit(batch))
        }),
    }),
  },
  {
    breaks: "removed rows go",
    store: (store) => ({
      commit: (batch) => store.commit({ ...batch, rows: new Map([...batch.rows].filter(([, row]) => row)) }),
    }),
  },
  {
    breaks: "removed records go",
    store: (store) => ({
      commit: (batch) => store.commit({ ...batch, records: new Map([...batch.records].filter(([, bytes]) => bytes)) }),
    }),
  },
  {
    breaks: "empty records are records",
    store: (store) => ({
      read: (host, id) => Effect.map(store.read(host, id), (bytes) => (bytes?.length === 0 ? undefined : bytes)),
    }),
  },
  {
    breaks: "timers are kept",
    store: (store) => ({
      commit: (batch) =>
        store.commit({
          ...batch,
          rows: new Map([...batch.rows].map(([id, row]) => [id, row && { ...row, timers: [] }])),
        }),
    }),
  },
  {
    breaks: "commands are in the order of their commits",
    store: withOutward((outward) => [...outward].sort((a, b) => (a.id < b.id ? -1 : 1))),
  },
  {
    breaks: "confirmed commands go",
    store: (store) => ({ commit: (batch) => store.commit({ ...batch, confirmed: [] }) }),
  },
  {
    breaks: "what goes in is copied",
    store: (store, { hosts }) => ({
      commit: (batch) =>
        Effect.tap(store.commit(batch), () =>
          Effect.sync(() => {
            for (const [id, bytes] of batch.records) if (bytes) hosts.get(batch.host)?.records.set(id, bytes)
          }),
        ),
    }),
  },
  {
    breaks: "what comes out is a copy",
    store: (_, { hosts }) => ({ read: (host, id) => Effect.sync(() => hosts.get(host)?.records.get(id)) }),
  },
  {
    breaks: "listings are in the order of code units",
    store: (store) => ({
      list: (host, range) =>
        Effect.map(store.list(host, range), (found) => [...found].sort(([a], [b]) => a.localeCompare(b, "en"))),
    }),
  },
  {
    breaks: "the end of a listing ascends",
    store: (store) => ({
      list: (host, range) =>
        Effect.map(store.list(host, range), (found) => (range.fromEnd ? [...found].reverse() : found)),
    }),
  },
  {
    breaks: "a listing from the end is one",
    store: (store) => ({ list: (host, range) => store.list(host, { ...range, fromEnd: false }) }),
  },
  {
    breaks: "after excludes",
    store: (store) => ({
      list: (host, { after, ...range }) =>
        store.list(host, after === undefined ? range : { ...range, after: after.slice(0, -1) }),
    }),
  },
  {
    breaks: "before excludes",
    store: (store) => ({
      list: (host, { before, ...range }) =>
        store.list(host, before === undefined ? range : { ...range, before: `${before}0` }),
    }),
  },
  {
    breaks: "hosts are listed in order",
    store: (store) => ({ hosts: Effect.map(store.hosts, (hosts) => [...hosts].reverse()) }),
  },
  {
    breaks: "only committed hosts are listed",
    store: (store) => ({
      hosts: Effect.map(store.hosts, (hosts) => (hosts.length === 0 ? ["nobody"] : hosts)),
    }),
  },
  {
    breaks: "an erased host is gone",
    store: (_, { hosts }) => ({ erase: (host) => Effect.sync(() => hosts.get(host)?.rows.clear()) }),
  },
  {
    breaks: "erasing spares the others",
    store: (_, { hosts }) => ({ erase: () => Effect.sync(() => hosts.clear()) }),
  },
  {
    breaks: "a place keeps what was committed",
    storage: (storage, shelves) => ({
      open: Effect.tap(storage.open, () => Effect.sync(() => shelves.hosts.clear())),
    }),
  },
  {
    breaks: "a place has one writer",
    storage: (storage, shelves) => ({
      open: Effect.tap(storage.open, () =>
        Effect.sync(() => {
          shelves.taken = false
        }),
      ),
    }),
  },
  {
    breaks: "a place is given up when its scope closes",
    storage: (storage, shelves) => ({
      open: Effect.andThen(
        Effect.addFinalizer(() =>
          Effect.sync(() => {
            shelves.taken = true
          }),
        ),
        storage.open,
      ),
    }),
  },
]

export const leaseDoubles: ReadonlyArray<Broken> = [
  {
    breaks: "a stale lease commits nothing",
    store: (_, shelves) => ({ commit: storeOn(shelves).commit }),
  },
  {
    breaks: "a stale lease erases nothing",
    store: (_, shelves) => ({ erase: storeOn(shelves).erase }),
  },
  {
    breaks: "a stale batch says that the place is elsewhere",
    store: (store) => ({
      commit: (batch) =>
        Effect.mapError(store.commit(batch), (error) =>
          error._tag === "Unavailable" ? new Unavailable({ reason: "broken" }) : error,
        ),
    }),
  },
  {
    breaks: "a store that can be robbed tells of it",
    store: () => ({ lost: undefined as never }),
  },
  {
    breaks: "taking over takes from whoever has it",
    storage: (storage) => ({ takeOver: storage.open }),
  },
  {
    breaks: "a robbed writer that leaves gives nothing up",
    storage: (storage, shelves) => ({
      open: Effect.andThen(
        Effect.addFinalizer(() =>
          Effect.sync(() => {
            shelves.taken = false
          }),
        ),
        storage.open,
      ),
    }),
  },
  {
    breaks: "nobody is told that a place is free while somebody has it",
    storage: () => ({ freed: Effect.void }),
  },
  {
    breaks: "what was removed is gone",
    storage: (storage) => ({ remove: Effect.asVoid(Effect.scoped(storage.open)) }),
  },
  {
    breaks: "nothing is removed under a writer",
    storage: (_, { hosts }) => ({ remove: Effect.sync(() => hosts.clear()) }),
  },
]
