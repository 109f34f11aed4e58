/**
 * The acceptance suite of the Store and Storage ports, for any implementation and any test runner:
 *
 *     for (const { name, run } of storeConformance) test(name, () => Effect.runPromise(run({ at: (place) => myStorage(place) })))
 *
 * Each test wants a world whose places were never used. Docs: architecture.md, "Ports"; invariants ST-3 and ST-4.
 */
import type { StoreCheck } from "./store-check.ts"
import { commitChecks } from "./store-commits.ts"
import { leaseChecks } from "./store-leases.ts"
import { listingChecks } from "./store-listing.ts"
import { modelCheck } from "./store-model.ts"
import { placeChecks } from "./store-places.ts"

export { Nonconforming } from "./crypto-check.ts"
export type { StoreCheck, StoreFailure, StoreWorld } from "./store-check.ts"

/** Every promise of the ports, one check each. They share nothing and may run in any order. */
export const storeConformance: ReadonlyArray<StoreCheck> = [
  ...commitChecks,
  ...listingChecks,
  ...placeChecks,
  ...leaseChecks,
  modelCheck,
]
