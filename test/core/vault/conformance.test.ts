/** What is sealed keeps every promise of the Store port, over memory and over a file; in browsers: test/adapters/storage. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, describe, it } from "vitest"
import { makeShelves, memory, type Shelves } from "../../../src/adapters/storage/memory.ts"
import { sqlite } from "../../../src/adapters/storage/sqlite.ts"
import { rawKey } from "../../../src/adapters/unlock/raw-key.ts"
import { sealedStorage } from "../../../src/core/vault/vault.ts"
import { storeConformance } from "../../../src/spec/conformance/store.ts"
import { crypto, KEY, sealedMemory } from "./people.ts"

describe("a sealed storage", () => {
  for (const { name, run } of storeConformance) {
    it(name, () => {
      const places = new Map<string, Shelves>()
      const shelvesOf = (place: string) => {
        const shelves = places.get(place) ?? makeShelves()
        places.set(place, shelves)
        return shelves
      }
      const world = {
        at: (place: string) => sealedMemory(shelvesOf(place)),
        beneath: (place: string) => memory(shelvesOf(place)),
      }
      return Effect.runPromise(run(world))
    })
  }
})

describe("a sealed file", () => {
  const folder = mkdtempSync(join(tmpdir(), "sotto-sealed-"))
  afterAll(() => rmSync(folder, { recursive: true }))
  for (const [index, { name, run }] of storeConformance.entries()) {
    it(name, () => {
      const file = (place: string) => sqlite(join(folder, `${index} ${place.replace(/\W/g, "-")}`))
      const at = (place: string) => sealedStorage(file(place), { crypto, unlocks: [rawKey(KEY)] })
      // Tampered with is memory, above: the vault notices it alike, and a file waits for its disk each time.
      return Effect.runPromise(run({ at, runs: 6 }))
    })
  }
})
