/** The invariants of storage hold, whoever takes a place from whom, and however it fails. */
import { assert, describe, it } from "vitest"
import { violations } from "../../src/spec/invariants/invariant.ts"
import { storageInvariants } from "../../src/spec/invariants/storage.ts"
import { contendInMemory, contendInSqlite, evictLog, failUnderWay } from "./storage-life.ts"

const holds = async (history: ReturnType<typeof contendInMemory>, seed: number | string) =>
  assert.deepEqual(violations(storageInvariants, await history), [], String(seed))

describe("the invariants of storage", () => {
  it("hold for writers in memory who take the place from each other", async () => {
    for (let seed = 1; seed <= 200; seed++) await holds(contendInMemory(seed), seed)
  })

  it("hold for writers of one SQLite file", async () => {
    for (let seed = 1; seed <= 6; seed++) await holds(contendInSqlite(seed), seed)
  })

  for (const reason of ["full", "lost", "newer", "broken"] as const) {
    it(`hold for a messenger whose storage is ${reason} under way`, () => holds(failUnderWay(reason), reason))
  }

  it("hold for a log that comes back empty", () => holds(evictLog(), "evicted"))
})
