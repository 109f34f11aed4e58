/**
 * ST-3 and ST-4: who may write to a place, and what happens when the place fails. Checked over histories of leases, writes and
 * losses on real stores, and on whole messengers whose storage fails. Docs: docs/storage.md, "One writer" and "When a storage
 * fails".
 */
import type { Invariant } from "./invariant.ts"

/** Something that happened to one place, in order. */
export type StorageHappening =
  /** A lease was granted: somebody has opened the place, and found its host at this version. */
  | { readonly is: "opened"; readonly lease: number; readonly found: number }
  /** A write under a lease, to make this version, was answered. */
  | { readonly is: "written"; readonly lease: number; readonly version: number; readonly applied: boolean }
  /** The place failed under a lease: full, gone, damaged. */
  | { readonly is: "failed"; readonly lease: number }
  /** Whoever held the lease was told so, and why. */
  | { readonly is: "told"; readonly lease: number }
  /** Whoever held the lease has stopped: nothing of it is used any more. */
  | { readonly is: "stopped"; readonly lease: number }
  /** Opening was refused, with a reason. */
  | { readonly is: "refused" }
  /** A person had the place removed. */
  | { readonly is: "removed" }

/** Everything that happened to one place. */
export type StorageHistory = ReadonlyArray<StorageHappening>

/** The versions that were answered as durable, at each point of the history; from nothing after a removal. */
const durableBefore = (history: StorageHistory, index: number): number =>
  history.slice(0, index).reduce((version, happening) => {
    if (happening.is === "removed") return 0
    return happening.is === "written" && happening.applied ? happening.version : version
  }, 0)

/** ST-3 and ST-4, over what happened to one place. */
export const storageInvariants: ReadonlyArray<Invariant<StorageHistory>> = [
  {
    id: "ST-3",
    says: "A stale lease never commits: only the last one granted does, one version after the other, none lost and none twice",
    holds: (history) => {
      let last = 0
      return history.every((happening, index) => {
        if (happening.is === "opened") {
          const isNext = happening.lease > last
          last = happening.lease
          return isNext
        }
        if (happening.is !== "written" || !happening.applied) return true
        return happening.lease === last && happening.version === durableBefore(history, index) + 1
      })
    },
  },
  {
    id: "ST-4",
    says: "A storage that fails or is lost is told and stops its writer; it is opened as it was or refused, never begun anew in silence",
    holds: (history) =>
      history.every((happening, index) => {
        if (happening.is === "opened") return happening.found >= durableBefore(history, index)
        if (happening.is !== "failed") return true
        const after = history.slice(index + 1)
        const of = (what: "told" | "stopped") => after.some((one) => one.is === what && one.lease === happening.lease)
        const goesOn = after.some((one) => one.is === "written" && one.applied && one.lease === happening.lease)
        return of("told") && of("stopped") && !goesOn
      }),
  },
]
