/**
 * SM: what holds for processes that die, storages that change hands and networks that lie, whatever the run. Checked by the
 * simulator over whole systems (see simulation/simulate.ts). Docs: invariants.md.
 */
import type { Invariant } from "./invariant.ts"

/** What was seen of processes, disks and keys. */
export interface SimulationObservation {
  /** How often one key and nonce encrypted two different things, of what became durable. */
  readonly reused: number
  /** Sealed frames that left, and whether a commit had made each durable before. */
  readonly departed: ReadonlyArray<{ readonly kept: boolean }>
  /** Commits by a process that had lost the storage to another. */
  readonly stale: number
  /** Whether everybody was open, connected and idle in the end; undefined while the run goes on. */
  readonly reopened: boolean | undefined
  /** Whether the same seed gave the same run again; undefined where it was not tried. */
  readonly same: boolean | undefined
}

/** SM: what holds for whole systems. */
export const simulationInvariants: ReadonlyArray<Invariant<SimulationObservation>> = [
  {
    id: "SM-1",
    says: "A key and a nonce encrypt one plaintext, across contacts, tabs, crashes and restarts",
    holds: ({ reused }) => reused === 0,
  },
  {
    id: "SM-2",
    says: "Nothing sealed leaves before it is durable",
    holds: ({ departed }) => departed.every(({ kept }) => kept),
  },
  {
    id: "SM-3",
    says: "A process that lost its place commits nothing",
    holds: ({ stale }) => stale === 0,
  },
  {
    id: "SM-4",
    says: "Whatever died comes back, and everything comes to rest",
    holds: ({ reopened }) => reopened !== false,
  },
  {
    id: "SM-5",
    says: "One seed replays one run exactly",
    holds: ({ same }) => same !== false,
  },
]
