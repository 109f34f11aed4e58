/** One step of a machine, as `inspect` tells it. Docs: architecture.md, "Machines". */
import type { StateValue } from "xstate"

/** Names and counters only, never bytes: it may be shown in a UI, a log or the docs. */
export interface Transition {
  readonly machine: string
  /** Which instance, such as `delivery/17`; for a ratchet inside a layer, such as `doubleRatchet/signal`. */
  readonly id: string
  readonly event: string
  readonly from: StateValue | undefined
  readonly to: StateValue
  readonly commands: ReadonlyArray<string>
}
