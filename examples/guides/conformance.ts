/** The acceptance suites over an implementation: here our own in memory; put yours in its place. Run it with `node`. */
import * as Effect from "effect/Effect"
import { makeShelves, memory } from "../../src/adapters/storage/memory.ts"
import { memoryNetwork } from "../../src/adapters/transport/memory.ts"
import { storeConformance } from "../../src/spec/conformance/store.ts"
import { transportConformance } from "../../src/spec/conformance/transport.ts"

// With a test runner: one test for each entry. `run` fails where the promise is broken.
for (const { run } of storeConformance) {
  const shelves = new Map<string, ReturnType<typeof makeShelves>>()
  const at = (place: string) => {
    const found = shelves.get(place) ?? makeShelves()
    shelves.set(place, found)
    return memory(found)
  }
  await Effect.runPromise(run({ at, runs: 20 }))
}
console.log("the store keeps its promises")

for (const { run } of transportConformance) {
  const network = memoryNetwork()
  await Effect.runPromise(run({ here: network.transport(), there: network.transport() }))
}
console.log("the transport keeps its promises")
