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

/** An `after` that has been armed. `due` is in milliseconds of the wall clock, so it survives a restart. */
export interface Timer {
  readonly id: string
  readonly due: number
  readonly event: EventObject
}

/** An instance at rest, with its timers: they live and die together. */
export interface Row extends Rest {
  readonly timers: ReadonlyArray<Timer>
}

/** A perform-command that is committed and not yet confirmed. Its id is unique for the life of the host. */
export interface Outward {
  readonly id: string
  readonly from: InstanceId
  readonly type: string
  readonly params: unknown
}

/** Everything a host needs to go on after a crash. `outward` is in the order of its commits. */
export interface Saved {
  /** 0 for a host that was never committed. */
  readonly version: number
  readonly rows: ReadonlyMap<InstanceId, Row>
  readonly outward: ReadonlyArray<Outward>
}

/** One atomic change. An undefined row or record is a removal. Contexts, timers and parameters are JSON. */
export interface Batch {
  readonly host: HostId
  /** The version this batch was computed on; after the commit the host is at `expected + 1`. */
  readonly expected: number
  readonly rows: ReadonlyMap<InstanceId, Row | undefined>
  readonly records: ReadonlyMap<RecordId, Uint8Array | undefined>
  readonly outward: ReadonlyArray<Outward>
  /** Ids of outward commands that were performed. */
  readonly confirmed: ReadonlyArray<string>
}

/** Which records to list: those whose id starts with `prefix`, in ascending order of id (code units). */
export interface Range {
  readonly prefix: string
  /** Only ids strictly greater than this one. */
  readonly after?: RecordId
  /** Only ids strictly less than this one. */
  readonly before?: RecordId
  /** At most this many; the last ones of the range when `fromEnd` is set, still in ascending order. */
  readonly limit: number
  readonly fromEnd?: boolean
}

/** Somebody else committed first: this host no longer owns its state and must be loaded again. */
export class Conflict extends Data.TaggedError("Conflict")<{ readonly expected: number; readonly found: number }> {}

/** The storage failed. Whether a batch was applied is unknown until the next load. */
export class Unavailable extends Data.TaggedError("Unavailable")<{
  readonly reason: "full" | "blocked" | "newer" | "broken"
  readonly cause?: unknown
}> {}

/** Another tab or process is the writer of this profile. */
export class Elsewhere extends Data.TaggedError("Elsewhere")<Record<never, never>> {}

export interface StoreService {
  /** Ids of all hosts with a version above 0, in ascending order. */
  readonly hosts: Effect.Effect<ReadonlyArray<HostId>, Unavailable>
  readonly load: (host: HostId) => Effect.Effect<Saved, Unavailable>
  /** A committed record, as a copy that the caller may keep. */
  readonly read: (host: HostId, record: RecordId) => Effect.Effect<Uint8Array | undefined, Unavailable>
  readonly list: (
    host: HostId,
    range: Range,
  ) => Effect.Effect<ReadonlyArray<readonly [RecordId, Uint8Array]>, Unavailable>
  /** Applies the whole batch or nothing, only if the host is still at `expected`; answers once it is durable. */
  readonly commit: (batch: Batch) => Effect.Effect<void, Conflict | Unavailable>
  /** Removes a host with everything in it. Removing one that does not exist changes nothing. */
  readonly erase: (host: HostId) => Effect.Effect<void, Unavailable>
}

/**
 * Keeps hosts. `commit` is an atomic compare-and-swap; `read`, `list` and `load` see committed state only.
 * Upheld by `spec/conformance/store`.
 */
export class Store extends Context.Service<Store, StoreService>()("sotto/core/Store") {}

/**
 * A place that can be opened as a Store by one writer at a time: what `createMessenger({ storage })` takes.
 * Closing the scope gives the place up. Encryption at rest is a function from a Storage to a Storage that seals record
 * bytes, and what rows and commands carry as text inside their `context` and `params`.
 */
export interface Storage {
  readonly kind: string
  /** Whether what was committed survives the end of the process. */
  readonly durable: boolean
  readonly open: Effect.Effect<StoreService, Elsewhere | Unavailable, Scope.Scope>
}
