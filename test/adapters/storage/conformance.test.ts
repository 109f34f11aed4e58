/** The acceptance suite notices a store that breaks a promise: for each promise, one that does. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { makeShelves, memory, type Shelves } from "../../../src/adapters/storage/memory.ts"
import type { Storage } from "../../../src/core/store.ts"
import { type Image, type StoreWorld, storeConformance } from "../../../src/spec/conformance/store.ts"
import { crashChecks } from "../../../src/spec/conformance/store-crashes.ts"
import { tamperingChecks } from "../../../src/spec/conformance/store-tampering.ts"
import { type Broken, doubles, leaseDoubles } from "./broken-stores.ts"

const at =
  ({ storage: change, store }: Broken, places: Map<string, Shelves>) =>
  (place: string): Storage => {
    const shelves = places.get(place) ?? makeShelves()
    places.set(place, shelves)
    const whole = memory(shelves)
    const storage = {
      ...whole,
      open: Effect.map(whole.open, (opened) => ({ ...opened, ...store?.(opened, shelves) })),
    }
    return { ...storage, ...change?.(storage, shelves) }
  }

describe("the suite notices that it does not hold that", () => {
  for (const broken of [...doubles, ...leaseDoubles]) {
    it.effect(broken.breaks, () =>
      Effect.gen(function* () {
        const complaints: Array<string> = []
        for (const { name, run } of storeConformance) {
          const exit = yield* Effect.exit(run({ at: at(broken, new Map()), runs: 1 }))
          if (Exit.isFailure(exit)) complaints.push(name)
        }
        assert.isAbove(complaints.length, 0)
      }),
    )
  }

  it.effect("what lies on the disk was tampered with", () =>
    Effect.gen(function* () {
      // One that seals nothing.
      const places = new Map<string, Shelves>()
      const plain = at({ breaks: "nothing" }, places)
      for (const { name, run } of tamperingChecks) {
        const exit = yield* Effect.exit(run({ at: plain, beneath: plain }))
        assert.isTrue(Exit.isFailure(exit), name)
      }
    }),
  )

  for (const [what, tear] of [
    ["a torn batch is there whole or not at all", (image: Image) => image],
    ["what was answered is there", () => new Map()],
  ] as const) {
    it.effect(what, () =>
      Effect.gen(function* () {
        const complaints: Array<string> = []
        for (const { name, run } of crashChecks) {
          const exit = yield* Effect.exit(run(halfWritten(tear)))
          if (Exit.isFailure(exit)) complaints.push(name)
        }
        assert.isAbove(complaints.length, 0)
      }),
    )
  }

  it.effect("and finds nothing in one that keeps them all", () =>
    Effect.forEach(storeConformance, ({ run }) => run({ at: at({ breaks: "nothing" }, new Map()) })),
  )
})

/** Its disk is JSON without a checksum: of a torn line it believes what it can read. */
const halfWritten = (tear: (image: Image) => Image): StoreWorld => {
  const shelves = makeShelves()
  const text = () =>
    JSON.stringify(
      [...shelves.hosts].map(([id, { outward, records, rows, version }]) => ({
        ...{ id, version, rows: [...rows], outward: [...outward] },
        records: [...records].map(([record, bytes]) => [record, [...bytes]]),
      })),
      null,
      1,
    )
  return {
    at: () => memory(shelves),
    disk: {
      image: async () => new Map([["file", new TextEncoder().encode(text())]]),
      restore: async (_, image) => {
        shelves.hosts.clear()
        const bytes = tear(image).get("file") ?? new Uint8Array()
        // As a reader would that takes every whole line for true.
        const versions = [...new TextDecoder().decode(bytes).matchAll(/"id": "h",\s+"version": (\d+),/g)]
        for (const [, version] of versions) {
          shelves.hosts.set("h", { version: Number(version), rows: new Map(), records: new Map(), outward: new Map() })
        }
      },
    },
  }
}
