/**
 * What `inspect` tells of: each step of a machine, and each event that led to none. Names and counters only, never bytes,
 * so all of it may be shown in a UI, a log or the docs. Docs: architecture.md, "Machines".
 */
import type { StateValue } from "xstate"

/** One step of a machine. */
export interface Transition {
  /** Which statechart. */
  readonly machine: string
  /** Which instance, such as `delivery/17`; for a ratchet inside a layer, such as `doubleRatchet/signal`. */
  readonly id: string
  /** What happened, by its type. */
  readonly event: string
  /** Where it stood. */
  readonly from: StateValue | undefined
  /** Where it stands. */
  readonly to: StateValue
  /** What it asked for, by name. */
  readonly commands: ReadonlyArray<string>
  /** What the machine remembers: ids and counters, as JSON. Never to be changed. */
  readonly context?: unknown
}

/** Why an event changed nothing: the instance is gone (or never was), or its state does not handle the event. */
export type Why = "noInstance" | "notHandled"

/** An event that changed nothing. */
export interface Ignored {
  readonly machine: string
  readonly id: string
  readonly event: string
  readonly ignored: Why
}

/** `"ignored" in notice` tells them apart. */
export type Notice = Transition | Ignored
