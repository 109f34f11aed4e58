/**
 * The acceptance suite of the Store and Storage ports, for any implementation and any test runner:
 *
 *     for (const { name, run } of storeConformance) test(name, () => Effect.runPromise(run({ at: (place) => myStorage(place) })))
 *
 * Each test wants a world whose places were never used. A world that also shows the disk under its places has torn writes tried
 * on it, and one that shows what lies beneath a sealed storage has that tampered with. Docs: architecture.md, "Ports";
 * docs/storage.md; invariants ST-1 and ST-3.
 */
import type { StoreCheck } from "./store-check.ts"
import { commitChecks } from "./store-commits.ts"
import { crashChecks } from "./store-crashes.ts"
import { leaseChecks } from "./store-leases.ts"
import { listingChecks } from "./store-listing.ts"
import { modelCheck } from "./store-model.ts"
import { placeChecks } from "./store-places.ts"
import { tamperingChecks } from "./store-tampering.ts"

export { Nonconforming } from "./crypto-check.ts"
export type { Disk, Image, StoreCheck, StoreFailure, StoreWorld } from "./store-check.ts"

/** Every promise of the ports, one check each. They share nothing and may run in any order. */
export const storeConformance: ReadonlyArray<StoreCheck> = [
  ...commitChecks,
  ...listingChecks,
  ...placeChecks,
  ...leaseChecks,
  ...crashChecks,
  ...tamperingChecks,
  modelCheck,
]
