/** What the network of a simulation carries, does, and counts. Docs: simulator.md, "The network". */
import type { FrameKind } from "../../core/frame.ts"
import type { Transport } from "../../core/transport.ts"
import type { Process } from "./process.ts"

/** A frame under way. */
export interface Flying {
  readonly id: number
  readonly from: string
  readonly to: string
  readonly link: number
  readonly bytes: Uint8Array
  readonly sentAt: number
  readonly due: number
}

/** What may happen to a frame as it is sent. Chances from 0 to 1. */
export interface NetworkFaults {
  readonly loss?: number
  readonly duplicate?: number
  readonly reorder?: number
  readonly corrupt?: number
  /** The longest that a frame is late, in milliseconds. */
  readonly delay?: number
}

/** How many frames met which fate. */
export interface NetworkCounters {
  /** Handed to the network. */
  sent: number
  /** Never arrived. */
  lost: number
  /** Arrived twice. */
  duplicated: number
  /** Arrived after a later one. */
  reordered: number
  /** Arrived with other bytes. */
  corrupted: number
  /** Held back. */
  delayed: number
  /** Sent while the network was cut. */
  parted: number
}

export interface Network {
  readonly transport: (process: Process) => Transport
  readonly flying: () => ReadonlyArray<Flying>
  readonly drop: (id: number) => boolean
  readonly duplicate: (id: number) => boolean
  readonly corrupt: (id: number) => boolean
  readonly delay: (id: number, ms: number) => boolean
  /** Sends it back to who sent it. */
  readonly reflect: (id: number) => boolean
  /** Puts other bytes in its place; undefined leaves it alone. */
  readonly rewrite: (id: number, change: (bytes: Uint8Array) => Uint8Array | undefined) => boolean
  /** Sends a frame that went before, or the latest of a kind, over the newest link between the two. */
  readonly replay: (which: number | FrameKind) => boolean
  /** Sends damaged copies beside it. */
  readonly flood: (id: number, copies: number) => boolean
  /** Whether new links have somebody in the middle: their two ends then have different bindings. */
  intercepted: boolean
  /** Who is cut off from whom; `*` for everybody. */
  readonly part: (peer: string | "*") => void
  readonly join: () => void
  readonly parted: () => ReadonlyArray<string>
  /** Ends all links between processes. */
  readonly cut: () => void
  faults: NetworkFaults
  readonly counters: NetworkCounters
  readonly links: () => ReadonlyArray<{ readonly id: number; readonly between: readonly [string, string] }>
}
