/**
 * The Store port: what a host keeps, and the one way to change it. Every row, record and outward command of a host
 * changes in one atomic batch, or not at all. Docs: architecture.md, "Ports".
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { EventObject } from "xstate"
import type { Rest } from "./host/step.ts"

/** One contact's host; random, and without meaning outside this device. */
export type HostId = string
/** `machine/key`, such as `delivery/17`. */
export type InstanceId = `${string}/${string}`
/** Names bytes that belong to a host, such as `layer/mls` or `history/00000017`. Like all ids it is well-formed Unicode. */
export type RecordId = string

/**
 * Records of which there are only ever few, by the beginnings of their ids: `passing` are those that are written to be erased soon, for
 * they are on their way or wait for their turn; of a `window` the oldest goes when there is a new one. A store may keep such
 * records together. What it promises for a record it promises for these.
 */
export const FEW = { passing: ["frame/", "incoming/", "outgoing/"], window: ["seen/"] } as const
export type Few = keyof typeof FEW

/** Which of the few a record is, if it is one. */
export const fewOf = (id: RecordId): Few | undefined =>
  FEW.passing.some((start) => id.startsWith(start))
    ? "passing"
    : FEW.window.some((start) => id.startsWith(start))
      ? "window"
      : undefined

/** An `after` that has been armed. `due` is in milliseconds of the wall clock, so it survives a restart. */
export interface Timer {
  /** Unique in its instance. */
  readonly id: string
  /** When. */
  readonly due: number
  /** What was to pass when it was armed, in milliseconds: a wall clock that was set back makes nothing wait longer. */
  readonly delay?: number
  /** What happens to the machine then. */
  readonly event: EventObject
}

/** An instance at rest, with its timers: they live and die together. */
export interface Row extends Rest {
  /** What is due for it, and when. */
  readonly timers: ReadonlyArray<Timer>
}

/** A perform-command that is committed and not yet confirmed. Its id is unique for the life of the host. */
export interface Outward {
  /** Unique for the host's life. */
  readonly id: string
  /** The instance that asked for it. */
  readonly from: InstanceId
  /** The command. */
  readonly type: string
  /** JSON. */
  readonly params: unknown
}

/** Everything a host needs to go on after a crash. `outward` is in the order of its commits. */
export interface Saved {
  /** 0 for a host that was never committed. */
  readonly version: number
  /** Machine instances, by id. */
  readonly rows: ReadonlyMap<InstanceId, Row>
  /** Commands that are committed and not confirmed. */
  readonly outward: ReadonlyArray<Outward>
}

/** One atomic change. An undefined row or record is a removal. Contexts, timers and parameters are JSON. */
export interface Batch {
  /** Whose state it is. */
  readonly host: HostId
  /** The version this batch was computed on; after the commit the host is at `expected + 1`. */
  readonly expected: number
  /** Machine instances, by id. */
  readonly rows: ReadonlyMap<InstanceId, Row | undefined>
  /** Bytes, by id. */
  readonly records: ReadonlyMap<RecordId, Uint8Array | undefined>
  /** Commands to be performed, added to those that wait. */
  readonly outward: ReadonlyArray<Outward>
  /** Ids of outward commands that were performed. */
  readonly confirmed: ReadonlyArray<string>
}

/** Which records to list: those whose id starts with `prefix`, in ascending order of id (code units). */
export interface Range {
  /** What their ids begin with. */
  readonly prefix: string
  /** Only ids strictly greater than this one. */
  readonly after?: RecordId
  /** Only ids strictly less than this one. */
  readonly before?: RecordId
  /** At most this many; the last ones of the range when `fromEnd` is set, still in ascending order. */
  readonly limit: number
  /** The last ones, where there are more than asked for. */
  readonly fromEnd?: boolean
}

/** Somebody else committed first: this host no longer owns its state and must be loaded again. */
export class Conflict extends Data.TaggedError("Conflict")<{
  /** The version that the batch was computed on. */
  readonly expected: number
  /** The version that the host is at. */
  readonly found: number
}> {}

/**
 * Why a storage does not answer.
 *
 * - `full`: there is no more room.
 * - `blocked`: something else holds on to the place, such as a tab with an older version of the app.
 * - `denied`: the runtime gives this page no place to keep anything: blocked site data, some private windows.
 * - `newer`: a later version wrote it. Nothing in it was touched.
 * - `lost`: what was kept here is gone: evicted by the browser, or removed by somebody. Nothing was put in its place.
 * - `elsewhere`: the lease is over, because another tab or process took the place. Nothing of the batch was applied.
 * - `damaged`: what was sealed does not open: it was altered, or is not the latest.
 * - `broken`: anything else.
 */
export type UnavailableReason = "full" | "blocked" | "denied" | "newer" | "lost" | "elsewhere" | "damaged" | "broken"

/** The storage failed. Unless the reason says otherwise it is unknown until the next load whether a batch was applied. */
export class Unavailable extends Data.TaggedError("Unavailable")<{
  /** What happened. */
  readonly reason: UnavailableReason
  readonly cause?: unknown
}> {}

/** Another tab or process is the writer of this profile. */
export class Elsewhere extends Data.TaggedError("Elsewhere")<Record<never, never>> {}

/** What a host keeps and the one way to change it: an atomic compare-and-swap batch. */
export interface StoreService {
  /** Ids of all hosts with a version above 0, in ascending order. */
  readonly hosts: Effect.Effect<ReadonlyArray<HostId>, Unavailable>
  /** Everything that a host needs to go on; version 0 for one that was never committed. */
  readonly load: (host: HostId) => Effect.Effect<Saved, Unavailable>
  /** A committed record, as a copy that the caller may keep. */
  readonly read: (host: HostId, record: RecordId) => Effect.Effect<Uint8Array | undefined, Unavailable>
  /** Committed records of a range, as copies, in ascending order of id. */
  readonly list: (
    host: HostId,
    range: Range,
  ) => Effect.Effect<ReadonlyArray<readonly [RecordId, Uint8Array]>, Unavailable>
  /** Applies the whole batch or nothing, only if the host is still at `expected`; answers once it is durable. */
  readonly commit: (batch: Batch) => Effect.Effect<void, Conflict | Unavailable>
  /** Removes a host with everything in it. Removing one that does not exist changes nothing. */
  readonly erase: (host: HostId) => Effect.Effect<void, Unavailable>
  /** Drops what was replaced or removed before from wherever it may still lie, as far as the runtime lets us: it was unsealed. */
  readonly scrub?: Effect.Effect<void, Unavailable>
  /**
   * Completes when this store has lost its place, with the reason: `elsewhere` when it was taken over, `lost` or `newer` when
   * the place itself is gone or changed. Every commit fails from then on, whether or not anybody listens. A store that can
   * be taken over has it.
   */
  readonly lost?: Effect.Effect<Unavailable>
}

/**
 * Keeps hosts. `commit` is an atomic compare-and-swap; `read`, `list` and `load` see committed state only.
 * Upheld by `spec/conformance/store`.
 */
export class Store extends Context.Service<Store, StoreService>()("sotto/core/Store") {}

/** What a storage can say of its room, as far as the runtime tells. Bytes are those of the whole origin in a browser. */
export interface StorageMeasure {
  /** Whether the runtime promised to keep it when space runs low. Left out: it has no such promise to give. */
  readonly persisted?: boolean
  /** Bytes in use. */
  readonly usage?: number
  /** Bytes that there may be in all. */
  readonly quota?: number
}

/**
 * A place that can be opened as a Store by one writer at a time: what `createMessenger({ storage })` takes.
 * Closing the scope gives the place up. Encryption at rest is a function from a Storage to a Storage that seals record
 * bytes, and what rows and commands carry as text inside their `context` and `params`; it passes on all the rest.
 *
 * Whoever opens the place gets a lease, with a number one higher than any before it: the fencing number. It is compared
 * inside every transaction that writes, so a writer that was taken over and does not know it yet changes nothing.
 */
export interface Storage {
  /** Names it for people and reports. */
  readonly kind: string
  /** Whether what was committed survives the end of the process. */
  readonly durable: boolean
  /** The store, until the scope closes. Fails with `Elsewhere` while another writer has the place. */
  readonly open: Effect.Effect<StoreService, Elsewhere | Unavailable, Scope.Scope>
  /** As `open`, but takes the place from whoever has it. Fails with `Elsewhere` if that one is in the middle of a write and stays there. */
  readonly takeOver?: Effect.Effect<StoreService, Elsewhere | Unavailable, Scope.Scope>
  /** Completes when the place may have become free. Somebody else may be faster: `open` decides. */
  readonly freed?: Effect.Effect<void>
  /** How much room there is, as far as the runtime tells. */
  readonly measure?: Effect.Effect<StorageMeasure>
  /** Asks the runtime to keep the place when space runs low; it may ask its user. The answer is whether it will. */
  readonly persist?: Effect.Effect<boolean>
  /** Removes the place with everything in it, and with what remembers that it was there. Fails while somebody has it open. */
  readonly remove?: Effect.Effect<void, Elsewhere | Unavailable>
}
