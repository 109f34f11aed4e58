/**
 * Slots: where the store below keeps what a host has sealed. They are numbers that no other record ever had, so a slot's name says
 * only how many came before it. Docs: storage.md, "On the disk".
 */
import * as Effect from "effect/Effect"
import { Conflict, type StoreService, type Unavailable } from "../store.ts"
import type { Box } from "./box.ts"
import type { Place } from "./places.ts"

export const MANIFEST_SLOT = 0

/** Slots between wanted ones are read along with them: at most so many in a row, for one range costs less than many reads. */
const NEAR = 8

/** Twelve digits, so that their order as text is their order as numbers. */
export const nameOf = (slot: number): string => slot.toString(16).padStart(12, "0")

/** What lies in the places, opened, in their order. Those that lie close together are read at once. */
export const contentsOf = Effect.fnUntraced(function* (
  below: StoreService,
  disk: string,
  box: Box,
  places: ReadonlyArray<readonly [id: string, place: Place]>,
): Effect.fn.Return<ReadonlyArray<readonly [string, Uint8Array]>, Unavailable> {
  const slots = places.map(([, { slot }]) => slot).sort((a, b) => a - b)
  const sealed = new Map<string, Uint8Array>()
  for (let from = 0; from < slots.length; ) {
    let to = from
    while (to + 1 < slots.length && slots[to + 1]! - slots[to]! <= NEAR) to++
    const [first, last] = [slots[from]!, slots[to]!]
    if (first === last) {
      const bytes = yield* below.read(disk, nameOf(first))
      if (bytes !== undefined) sealed.set(nameOf(first), bytes)
    } else {
      const range = { prefix: "", after: nameOf(first - 1), before: nameOf(last + 1), limit: last - first + 1 }
      for (const [name, bytes] of yield* below.list(disk, range)) sealed.set(name, bytes)
    }
    from = to + 1
  }
  return yield* Effect.forEach(
    places,
    ([id, { slot, version }]) =>
      Effect.map(box.open({ kind: "record", id, version }, sealed.get(nameOf(slot))), (bytes) => [id, bytes] as const),
    { concurrency: "unbounded" },
  )
})

/** No host comes to this version. */
const NO_VERSION = Number.MAX_SAFE_INTEGER - 1

/** A conflict that is known without asking; but a store that was robbed of its place has that to say first. */
export const conflicting = Effect.fnUntraced(function* (
  below: StoreService,
  host: string,
  expected: number,
  found: number,
): Effect.fn.Return<never, Conflict | Unavailable> {
  const nothing = { rows: new Map(), records: new Map(), outward: [], confirmed: [] }
  yield* Effect.catchTag(below.commit({ host, expected: NO_VERSION, ...nothing }), "Conflict", () => Effect.void)
  return yield* new Conflict({ expected, found })
})
