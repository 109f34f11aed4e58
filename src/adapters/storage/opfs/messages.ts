/** What the page and the worker say to each other. Arrays are the receiver's own: messages are copied. */
import type { Batch, HostId, Range, RecordId, Saved, UnavailableReason } from "../../../core/store.ts"

export type Call =
  | { readonly do: "open"; readonly name: string; readonly robbing: boolean; readonly wasMade: boolean }
  | { readonly do: "hosts" }
  | { readonly do: "load"; readonly host: HostId }
  | { readonly do: "read"; readonly host: HostId; readonly record: RecordId }
  | { readonly do: "list"; readonly host: HostId; readonly range: Range }
  | { readonly do: "commit"; readonly batch: Batch }
  | { readonly do: "erase"; readonly host: HostId }
  | { readonly do: "scrub" }
  | { readonly do: "close" }

export interface Answers {
  readonly open: undefined
  readonly hosts: ReadonlyArray<HostId>
  readonly load: Saved
  readonly read: Uint8Array | undefined
  readonly list: ReadonlyArray<readonly [RecordId, Uint8Array]>
  readonly commit: undefined
  readonly erase: undefined
  readonly scrub: undefined
  readonly close: undefined
}

/** Errors as data: a message keeps no class. */
export type Failure =
  | { readonly tag: "Unavailable"; readonly reason: UnavailableReason; readonly why: string }
  | { readonly tag: "Conflict"; readonly expected: number; readonly found: number }
  | { readonly tag: "Elsewhere" }

export interface Request {
  readonly id: number
  readonly call: Call
}

export type Reply =
  | { readonly id: number; readonly value: Answers[keyof Answers] }
  | { readonly id: number; readonly failure: Failure }
  /** Said once, unasked. */
  | { readonly lost: UnavailableReason }

/** Asks the worker, or whoever serves a log. */
export type Ask = <C extends Call>(call: C) => Promise<Answers[C["do"]]>

/** What a store is asked, as calls. */
export const callsBy = (ask: Ask) => ({
  hosts: () => ask({ do: "hosts" }),
  load: (host: HostId) => ask({ do: "load", host }),
  read: (host: HostId, record: RecordId) => ask({ do: "read", host, record }),
  list: (host: HostId, range: Range) => ask({ do: "list", host, range }),
  commit: (batch: Batch) => ask({ do: "commit", batch }),
  erase: (host: HostId) => ask({ do: "erase", host }),
  scrub: () => ask({ do: "scrub" }),
})

/** The lock of a place, and the name under which it is remembered. */
export const lockOf = (name: string): string => `sotto/opfs/${name}`
