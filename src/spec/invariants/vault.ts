/**
 * Storage at rest: what somebody with the disk can change without being noticed, and what they can read. ST-3 and ST-4,
 * who may write and what becomes of a place that fails, are in storage.ts. Docs: storage.md, "The vault".
 */
import type { Invariant } from "./invariant.ts"

/** Something that was done to a closed storage, and what its owner found afterwards. */
export interface Tampering {
  /** What was done, such as `flip` or `staleRecord`. */
  readonly act: string
  /**
   * `noticed`: it was refused, wholly or where it was touched; `intact`: everything that was read is the latest that was written;
   * `deceived`: something was read that is not.
   */
  readonly outcome: "noticed" | "intact" | "deceived"
}

/** A secret of the locked storage that was found on its disk. */
export interface Leak {
  /** Which secret: a name, a text, an id, a key. Never the secret itself. */
  readonly what: string
  /** Where, such as a file's name and the encoding in which it was found. */
  readonly where: string
}

/** What was done to a sealed storage, and what was found in it. */
export interface VaultObservation {
  /** In order. */
  readonly tamperings: ReadonlyArray<Tampering>
  /** What was looked for, by name, and what of it was found, while locked. */
  readonly lookedFor: ReadonlyArray<string>
  /** None, if all is well. */
  readonly leaks: ReadonlyArray<Leak>
}

/** ST-1 and ST-2, over what was done to a sealed storage. */
export const vaultInvariants: ReadonlyArray<Invariant<VaultObservation>> = [
  {
    id: "ST-1",
    says: "Flipped, swapped, missing and stale records are noticed: nothing is read but the latest that was written",
    holds: ({ tamperings }) => tamperings.every(({ outcome }) => outcome !== "deceived"),
  },
  {
    id: "ST-2",
    says: "A locked store leaks no canary: no text, name, key, address or contact id is in any byte of it, in any encoding",
    holds: ({ leaks }) => leaks.length === 0,
  },
]
