/** What is sealed keeps every promise of the Store port. */
import { Effect } from "effect"
import { describe, it } from "vitest"
import { makeShelves, memory, type Shelves } from "../../../src/adapters/storage/memory.ts"
import { storeConformance } from "../../../src/spec/conformance/store.ts"
import { sealedMemory } from "./people.ts"

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
