/** What a simulation may do to its processes: where they reach outside, and how they may die there. Docs: simulator.md. */

/** What a process does to the world. A crash falls before it or after it, and a commit can also be torn. */
export type Boundary = "open" | "hosts" | "load" | "read" | "list" | "commit" | "erase" | "listen" | "dial" | "transmit"

/**
 * How a process dies at a boundary. `lost`: before what it was about to do; `committed`: after it, and before it hears so;
 * `torn`: in the middle: a journal without its mark, half a frame; `marked`: the journal is whole and was not yet applied.
 */
export type Fate = "lost" | "committed" | "torn" | "marked"
/**
 * The ways to die at a boundary that differ. Only what is written or sent can be left in the middle. Of what only reads nothing
 * is left outside the process, and the process is gone: before, after and in the middle are one and the same world, and one
 * death stands for all of them (boundaries.test.ts shows that they run alike).
 */
export const fatesAt = (boundary: Boundary): ReadonlyArray<Fate> =>
  READS.includes(boundary)
    ? ["lost"]
    : boundary === "commit"
      ? ["lost", "committed", "torn", "marked"]
      : boundary === "transmit"
        ? ["lost", "committed", "torn"]
        : ["lost", "committed"]
/** Boundaries at which nothing outside the process changes. */
export const READS: ReadonlyArray<Boundary> = ["hosts", "load", "read", "list"]
/** All ways to die at a boundary. */
export const FATES: ReadonlyArray<Fate> = ["lost", "committed", "torn", "marked"]

/** A crash at a chosen place: the process of this peer dies at its `at`th boundary from the arming on, counted from 0. */
export interface CrashAt {
  /** Whose process. */
  readonly peer: string
  /** How many boundaries it passes before. */
  readonly at: number
  /** How it dies. */
  readonly fate: Fate
}

/** Chances from 0 to 1, for each frame, boundary or start. All are 0 unless said. */
export interface SimulationFaults {
  /** That a frame never comes. */
  readonly loss?: number
  /** That it comes twice. */
  readonly duplicate?: number
  /** That it is held back past others. */
  readonly reorder?: number
  /** That a bit of it is flipped. */
  readonly corrupt?: number
  /** The longest that a frame is late, in milliseconds. */
  readonly delay?: number
  /** That a process dies at a boundary. */
  readonly crash?: number
  /** That a crash in a commit leaves a torn one. */
  readonly torn?: number
  /** The longest that a commit takes, in milliseconds. */
  readonly slowCommits?: number
}
