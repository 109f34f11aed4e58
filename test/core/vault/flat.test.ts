/** What a message costs at rest does not grow with what came before it: slots read and written are counted, not time. */
import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import { makeShelves, memory } from "../../../src/adapters/storage/memory.ts"
import { rawKey } from "../../../src/adapters/unlock/raw-key.ts"
import type { Row, Storage, StoreService } from "../../../src/core/store.ts"
import { sealedStorage } from "../../../src/core/vault/vault.ts"
import { crypto, KEY, run } from "./people.ts"

interface Cost {
  commits: number
  reads: number
  written: number
  bytes: number
}

const counting = (storage: Storage, cost: Cost): Storage => ({
  ...storage,
  open: Effect.map(
    storage.open,
    (store): StoreService => ({
      ...store,
      read: (host, id) => {
        cost.reads += 1
        return store.read(host, id)
      },
      list: (host, range) =>
        Effect.tap(store.list(host, range), (found) => Effect.sync(() => void (cost.reads += found.length))),
      commit: (batch) => {
        cost.commits += 1
        for (const bytes of batch.records.values()) {
          cost.written += 1
          cost.bytes += bytes?.length ?? 0
        }
        return store.commit(batch)
      },
    }),
  ),
})

const sorted = (number: number) => String(number).padStart(10, "0")

/** What a sent message writes: an entry, four states that stay, a frame and an outgoing content that go again, a delivery. */
const message = (store: StoreService, number: number) =>
  Effect.flatMap(store.load("h"), ({ version }) =>
    store.commit({
      host: "h",
      expected: version,
      rows: new Map<`${string}/${string}`, Row | undefined>([
        ["session/main", { value: "established", context: { next: number }, timers: [] }],
        [`delivery/${number}`, { value: "sent", context: { number }, timers: [] }],
        [`delivery/${number - 1}`, undefined],
      ]),
      records: new Map([
        [`history/${sorted(number)}`, new Uint8Array(100)],
        ...["mls", "signal", "kem", "aes"].map((layer) => [`layer/${layer}`, new Uint8Array(2_000)] as const),
        [`frame/${number}`, new Uint8Array(1_200)],
        [`frame/${number - 1}`, undefined],
        [`seen/${sorted(number)}`, new Uint8Array(20)],
      ]),
      outward: [{ id: `${version + 1}.0`, from: `delivery/${number}`, type: "transmit", params: { number } }],
      confirmed: [`${version}.0`],
    }),
  )

const fill = (store: StoreService, from: number, to: number) =>
  Effect.gen(function* () {
    const records = new Map<string, Uint8Array>()
    for (let number = from; number < to; number++) {
      records.set(`history/${sorted(number)}`, new Uint8Array(100))
      records.set(`seen/${sorted(number)}`, new Uint8Array(20))
    }
    const { version } = yield* store.load("h")
    yield* store.commit({ host: "h", expected: version, rows: new Map(), records, outward: [], confirmed: [] })
  })

/** The mean cost of a message, and of a page of history, with so many entries before. */
const costAt = (history: number) =>
  run(
    Effect.gen(function* () {
      const cost: Cost = { commits: 0, reads: 0, written: 0, bytes: 0 }
      const store = yield* sealedStorage(counting(memory(makeShelves()), cost), { crypto, unlocks: [rawKey(KEY)] }).open
      for (let from = 0; from < history; from += 1_000) yield* fill(store, from, Math.min(history, from + 1_000))
      for (let i = 0; i < 70; i++) yield* message(store, history + i)
      Object.assign(cost, { commits: 0, reads: 0, written: 0, bytes: 0 })
      for (let i = 70; i < 270; i++) yield* message(store, history + i)
      const each = { ...cost, written: cost.written / 200, bytes: cost.bytes / 200, reads: cost.reads / 200 }
      Object.assign(cost, { reads: 0 })
      const page = yield* store.list("h", { prefix: "history/", limit: 50, fromEnd: true })
      assert.lengthOf(page, 50)
      return { each, page: cost.reads }
    }),
  )

describe("the cost of a sealed message", () => {
  it("is the same after 100 entries and after 10,000", async () => {
    const [short, long] = [await costAt(100), await costAt(10_000)]
    assert.isBelow(long.each.written, short.each.written * 1.1)
    assert.isBelow(long.each.bytes, short.each.bytes * 1.1)
    assert.isBelow(long.each.reads, short.each.reads + 1)
    assert.isBelow(long.page, short.page * 1.5)
    // Ten records are put and two taken out; the manifest, and now and then a page, come on top.
    assert.isBelow(short.each.written, 16)
    assert.isBelow(short.page, 50 * 12)
  })
})
