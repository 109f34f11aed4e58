/** What the panes show: a run of the simulator, or a recording of a live peer. */
import type { Choice } from "../../src/spec/simulation/choice.ts"
import type { Plaintexts } from "../../src/spec/simulation/opening.ts"
import type { Line } from "../../src/spec/simulation/record.ts"
import type { View } from "../../src/spec/simulation/view.ts"

export interface Setup {
  readonly seed: number
  readonly peers: ReadonlyArray<string>
  readonly crypto: "fast" | "real"
  /** Whose storage a vault seals. */
  readonly vaults?: ReadonlyArray<string>
}

/** What a scenario's run is made of. */
export const setupOf = ({ crypto = "fast", peers, seed, vaults }: Omit<Setup, "crypto"> & Partial<Setup>): Setup => ({
  ...{ seed, peers, crypto },
  ...(vaults !== undefined && { vaults }),
})

/** A frame as it went, or did not go, over the network. */
export interface SeenFrame {
  readonly id: number
  readonly from: string
  readonly to: string
  readonly kind: string
  readonly bytes: Uint8Array
  readonly sentLine: number
  /** Where it arrived; undefined while it is under way, and for ever where it does not arrive. */
  endLine: number | undefined
  /** The step after which it was gone without arriving. */
  lostAt: number | undefined
  plaintexts: Plaintexts
}

/** How things were after so many steps. */
export interface Moment {
  readonly view: View
  /** How many lines of the record there were. */
  readonly lines: number
  readonly enabled: ReadonlyArray<Choice>
  /** Invariants beside those of the view, and whether they hold so far. */
  readonly watched: View["invariants"]
}

export interface Shown {
  readonly setup: Setup
  /** One a step. */
  readonly choices: ReadonlyArray<Choice>
  readonly moments: ReadonlyArray<Moment>
  readonly frames: ReadonlyArray<SeenFrame>
  readonly lines: ReadonlyArray<Line>
  /** SHA-256 of the run after so many steps. */
  readonly hash?: (at: number) => string
  /** Invariants that no run can be asked, and why. */
  readonly elsewhere?: ReadonlyArray<{ readonly id: string; readonly says: string; readonly why: string }>
  /** Of a recording: what there is to say of it. */
  readonly recorded?: string
  /** Of a recording: everybody in it, the busiest first. */
  readonly contacts?: ReadonlyArray<number>
}
