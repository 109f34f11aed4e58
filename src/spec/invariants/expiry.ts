/**
 * EX: what disappears is gone, whatever happens to the process and to the clock. Checked over every byte that a side keeps,
 * after lives that end in the middle of erasing. Docs: invariants.md, "Expiry".
 */
import type { Invariant } from "./invariant.ts"

/** One look at everything that a side keeps and shows. */
export interface Look {
  /** What was done before it, for a person. */
  readonly after: string
  /** Words whose time was over before the look, and that the process had a chance to erase. */
  readonly over: ReadonlyArray<string>
  /** Words found in any record, row, or command that is kept. */
  readonly kept: ReadonlyArray<string>
  /** Words found in what the conversation shows. */
  readonly shown: ReadonlyArray<string>
  /** Sealed frames that are kept for words whose time is over. */
  readonly frames: number
}

/** All looks at what two people keep. */
export interface ExpiryObservation {
  /** Of each disk its looks, in order; what was gone at one look must not be there at a later one. */
  readonly disks: ReadonlyArray<ReadonlyArray<Look>>
}

/** EX: see invariants.md, "Expiry". */
export const expiryInvariants: ReadonlyArray<Invariant<ExpiryObservation>> = [
  {
    id: "EX-1",
    says: "Expired content is nowhere, also after a crash in mid-deletion; a clock set back revives nothing",
    holds: ({ disks }) =>
      disks.every((looks) => {
        const gone = new Set<string>()
        return looks.every(({ frames, kept, over, shown }) => {
          for (const word of over) gone.add(word)
          return frames === 0 && kept.every((word) => !gone.has(word)) && shown.every((word) => !gone.has(word))
        })
      }),
  },
]
