/**
 * HL: what holds when there are two copies of one state, or one that is older than what the peer has. Checked over lives of copies
 * that run side by side, and over whole simulations, in which nobody has a copy. Docs: invariants.md, delivery.md, "Copies".
 */
import type { Invariant } from "./invariant.ts"

/** All that was seen of keys that were agreed anew. */
export interface HealingObservation {
  /** Copies of one side's state that were made and run, the original not counted. */
  readonly copies: number
  /** How often a user wanted new keys, restored a backup, or wanted a replaced copy back, or a state's keys were lost. */
  readonly asked: number
  /** How often keys were agreed anew, as the peer of the copies saw it. */
  readonly healings: number
  /** How often the peer was told that a copy is about. */
  readonly alarms: number
  /** Of the copies and the original: those that have stopped, and how many of these say so. */
  readonly stopped: number
  /** What users were told. */
  readonly told: number
  /** Those with which the peer has the same keys. */
  readonly going: number
  /** Whether all of them spoke with the peer since the last of it. */
  readonly atRest: boolean
}

/** HL: see invariants.md, "Healing". */
export const healingInvariants: ReadonlyArray<Invariant<HealingObservation>> = [
  {
    id: "HL-1",
    says: "Of several copies of one state one goes on; the others stop at their next word with the peer, and say so",
    holds: ({ atRest, copies, going, stopped, told }) =>
      told === stopped && (!atRest || (going === 1 && stopped === copies)),
  },
  {
    id: "HL-2",
    says: "Copies agree keys anew at most once for each, and once for each time that somebody asks for it",
    holds: ({ alarms, asked, copies, healings }) => healings <= copies + asked && alarms <= copies,
  },
  {
    id: "HL-3",
    says: "Who has no copy is never stopped",
    holds: ({ copies, stopped }) => copies > 0 || stopped === 0,
  },
]
