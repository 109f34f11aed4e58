/**
 * A store written with promises, made into the Storage port: what a user needs to bring their own database, without
 * knowing Effect. Docs: core/store.ts; architecture.md, "Ports".
 */
import * as Effect from "effect/Effect"
import {
  type Batch,
  Conflict,
  Elsewhere,
  type HostId,
  type Range,
  type RecordId,
  type Saved,
  type Storage,
  type StorageMeasure,
  type StoreService,
  Unavailable,
} from "./store.ts"

/**
 * The Store port with promises. Each method keeps the promise that `StoreService` makes for it; one that cannot rejects
 * with `Unavailable`, and `commit` with `Conflict` if the host is not at `expected`. Anything else that is thrown counts as
 * `Unavailable`. Rows and commands are JSON. Nobody but the store keeps or changes the arrays and objects it is given.
 */
export interface PlainStore {
  /** Ids of all hosts with a version above 0, in ascending order. */
  readonly hosts: () => Promise<ReadonlyArray<HostId>>
  /** Everything that a host needs to go on; version 0 for one that was never committed. */
  readonly load: (host: HostId) => Promise<Saved>
  /** A committed record, as a copy. */
  readonly read: (host: HostId, record: RecordId) => Promise<Uint8Array | undefined>
  /** Committed records of a range, in ascending order of id. */
  readonly list: (host: HostId, range: Range) => Promise<ReadonlyArray<readonly [RecordId, Uint8Array]>>
  /** The whole batch or nothing; resolves once it is durable. */
  readonly commit: (batch: Batch) => Promise<void>
  /** Removes a host with everything in it. */
  readonly erase: (host: HostId) => Promise<void>
  /** Drops what was replaced or removed before from wherever it may still lie: see `StoreService.scrub`. */
  readonly scrub?: () => Promise<void>
  /** Gives the place up. Called once, and not while anything is being written. */
  readonly close: () => Promise<void>
  /** Resolves with `Unavailable` when the place was lost: see `StoreService.lost`. */
  readonly lost?: Promise<Unavailable>
}

/** A place that can be opened as a store by one writer at a time, with promises: see `Storage`. */
export interface PlainStorage {
  /** Names it for people and reports. */
  readonly kind: string
  /** Whether what was committed survives the end of the process. */
  readonly durable: boolean
  /** Rejects with `Elsewhere` while another writer has the place, and with `Unavailable`. */
  readonly open: () => Promise<PlainStore>
  /** As `open`, but takes the place from whoever has it; that one's store must commit nothing from then on. */
  readonly takeOver?: () => Promise<PlainStore>
  /** Resolves when the place may have become free, or when the signal says that nobody waits any more. */
  readonly freed?: (signal: AbortSignal) => Promise<void>
  /** How much room there is, as far as it can be told. */
  readonly measure?: () => Promise<StorageMeasure>
  /** Asks the runtime to keep the place when space runs low. */
  readonly persist?: () => Promise<boolean>
  /** Removes the place with everything in it. */
  readonly remove?: () => Promise<void>
}

/** Makes a Storage of it: `createMessenger({ storage: defineStorage({ … }) })`. */
export const defineStorage = (plain: PlainStorage): Storage => {
  const { durable, freed, kind, measure, open, persist, remove, takeOver } = plain
  return {
    kind,
    durable,
    open: opened(open),
    ...(takeOver && { takeOver: opened(takeOver) }),
    // What only informs must not fail: a storage that cannot tell says nothing.
    ...(freed && {
      freed: Effect.catch(
        Effect.tryPromise((signal) => freed(signal)),
        () => Effect.never,
      ),
    }),
    ...(measure && { measure: Effect.catch(Effect.tryPromise(measure), () => Effect.succeed({})) }),
    ...(persist && { persist: Effect.catch(Effect.tryPromise(persist), () => Effect.succeed(false)) }),
    ...(remove && { remove: Effect.tryPromise({ try: remove, catch: refusal }) }),
  }
}

const opened = (open: () => Promise<PlainStore>): Storage["open"] =>
  Effect.map(
    Effect.acquireRelease(Effect.tryPromise({ try: open, catch: refusal }), (store) =>
      Effect.ignore(Effect.tryPromise({ try: () => store.close(), catch: unavailable })),
    ),
    storeOver,
  )

/** A promise cannot be called off: what writes is waited for, or it would go on in a place that somebody else has by then. */
const storeOver = (store: PlainStore): StoreService => ({
  hosts: asking(() => store.hosts()),
  load: (host) => asking(() => store.load(host)),
  read: (host, record) =>
    Effect.map(
      asking(() => store.read(host, record)),
      (bytes) => bytes?.slice(),
    ),
  list: (host, range) =>
    Effect.map(
      asking(() => store.list(host, range)),
      (found) => found.map(([id, bytes]) => [id, bytes.slice()] as const),
    ),
  commit: (batch) =>
    Effect.uninterruptible(
      Effect.tryPromise({
        try: () => store.commit(copied(batch)),
        catch: (error) => (isConflict(error) ? error : unavailable(error)),
      }),
    ),
  erase: (host) => Effect.uninterruptible(asking(() => store.erase(host))),
  ...(store.scrub && { scrub: Effect.uninterruptible(asking(async () => store.scrub?.())) }),
  ...(store.lost && { lost: lossOf(store.lost) }),
})

const lossOf = (lost: Promise<Unavailable>): Effect.Effect<Unavailable> =>
  Effect.match(
    Effect.tryPromise(() => lost),
    { onSuccess: unavailable, onFailure: unavailable },
  )

const asking = <A>(ask: () => Promise<A>): Effect.Effect<A, Unavailable> =>
  Effect.tryPromise({ try: ask, catch: unavailable })

/** Tags, not classes: a user's bundle may hold its own copy of ours. */
const isTagged = (error: unknown, tag: string): boolean =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === tag

const isElsewhere = (error: unknown): error is Elsewhere => error instanceof Elsewhere || isTagged(error, "Elsewhere")
const isConflict = (error: unknown): error is Conflict => error instanceof Conflict || isTagged(error, "Conflict")
const isUnavailable = (error: unknown): error is Unavailable => isTagged(error, "Unavailable")

const refusal = (error: unknown): Elsewhere | Unavailable => (isElsewhere(error) ? error : unavailable(error))

const unavailable = (error: unknown): Unavailable =>
  isUnavailable(error) ? error : new Unavailable({ reason: "broken", cause: error })

/** What the store may keep: nothing in it is shared with a machine or a handler. */
const copied = (batch: Batch): Batch => ({
  ...batch,
  rows: new Map([...batch.rows].map(([id, row]) => [id, row && copiedJson(row)])),
  records: new Map([...batch.records].map(([id, bytes]) => [id, bytes?.slice()])),
  outward: copiedJson(batch.outward),
  confirmed: [...batch.confirmed],
})

const copiedJson = <A>(value: A): A => JSON.parse(JSON.stringify(value)) as A
