/** Storage in memory keeps the port's promises. */
import { describe, it } from "@effect/vitest"
import { makeShelves, memory, type Shelves } from "../../../src/adapters/storage/memory.ts"
import { storeConformance } from "../../../src/spec/conformance/store.ts"

describe("memory", () => {
  for (const { name, run } of storeConformance) {
    it.effect(name, () => {
      const places = new Map<string, Shelves>()
      return run({
        runs: 200,
        at: (place) => {
          const shelves = places.get(place) ?? makeShelves()
          places.set(place, shelves)
          return memory(shelves)
        },
      })
    })
  }
})
