/**
 * The packs of storage in IndexedDB, over a database that is a map: after any history of commits, reopened anywhere in it, the database
 * holds what a simple model says, each entry once, and nothing that was replaced or removed.
 */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { type Kept, keptFrom, MAX_PACKED, writesOf } from "../../../src/adapters/storage/indexeddb/keeping.ts"
import { MAX_BYTES, MAX_ENTRIES, type Pack } from "../../../src/adapters/storage/indexeddb/packs.ts"
import { fewOf, type InstanceId, type RecordId } from "../../../src/core/store.ts"
import { batch, command, rowOf } from "../../../src/spec/conformance/store-check.ts"

/** What is in the object stores, for one host. */
class Disk {
  readonly packs = new Map<string, Pack<unknown>>()
  readonly records = new Map<RecordId, Uint8Array>()

  write({ packs, records }: ReturnType<typeof writesOf>): void {
    for (const [[, shelf, place], pack] of packs)
      if (pack === undefined) this.packs.delete(`${shelf} ${place}`)
      else this.packs.set(`${shelf} ${place}`, new Map<string, unknown>(pack))
    for (const [id, bytes] of records) bytes === undefined ? this.records.delete(id) : this.records.set(id, bytes)
  }

  /** As opening the host reads it. */
  opened(): Kept {
    const on = <V>(shelf: string) => {
      const found = [...this.packs].filter(([key]) => key.startsWith(`${shelf} `))
      return new Map(found.map(([key, pack]) => [Number(key.slice(shelf.length + 1)), pack as Pack<V>]))
    }
    return keptFrom(on, new Set([...this.records.keys()].filter((id) => fewOf(id) !== undefined)))
  }

  /** Every entry, as often as it is there. */
  all(): ReadonlyArray<readonly [string, unknown]> {
    const packed = [...this.packs.values()].flatMap((pack) => [...pack])
    return [...packed, ...this.records].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  }
}

const number = fc.nat(90)
const maybe = <A>(value: fc.Arbitrary<A>) => fc.option(value, { nil: undefined, freq: 3 })
const lengths = fc.oneof(
  { weight: 8, arbitrary: fc.nat(3_000) },
  { weight: 1, arbitrary: fc.integer({ min: 8_000, max: 20_000 }) },
)
const ids = fc
  .tuple(fc.constantFrom("frame/", "outgoing/", "seen/", "history/"), number)
  .map(([start, at]): RecordId => `${start}${at}`)
const commits = fc.record({
  rows: fc.array(fc.tuple(number, maybe(fc.nat(9))), { maxLength: 40, size: "max" }),
  records: fc.array(fc.tuple(ids, maybe(lengths)), { maxLength: 60, size: "max" }),
  commands: fc.nat(5),
  confirmed: fc.array(fc.nat(9), { maxLength: 5 }),
  reopened: fc.boolean(),
})

describe("packs", () => {
  it("hold what a simple model says, each entry once, in bounded values, and nothing that went", () => {
    fc.assert(
      fc.property(fc.array(commits, { maxLength: 20, size: "max" }), (history) => {
        const disk = new Disk()
        const model = new Map<string, unknown>()
        let kept = disk.opened()
        let waiting: ReadonlyArray<string> = []
        history.forEach(({ commands, confirmed, records, reopened, rows }, version) => {
          if (reopened) kept = disk.opened()
          const outward = Array.from({ length: commands }, (_, index) => command(`${version + 1}.${index}`))
          const confirming = [...new Set(confirmed.flatMap((index) => waiting[index] ?? []))]
          const change = batch("h", version, {
            rows: new Map(
              rows.map(([at, n]) => [`m/${at}` as InstanceId, n === undefined ? undefined : rowOf("s", { n })]),
            ),
            records: new Map(
              records.map(([id, length]) => [
                id,
                length === undefined ? undefined : new Uint8Array(length).fill(version),
              ]),
            ),
            outward,
            confirmed: confirming,
          })
          for (const [id, row] of change.rows) row === undefined ? model.delete(`r${id}`) : model.set(`r${id}`, row)
          for (const [id, bytes] of change.records) bytes === undefined ? model.delete(id) : model.set(id, bytes)
          outward.forEach((one, index) => void model.set(`o${one.id}`, { version: version + 1, index, outward: one }))
          for (const id of confirming) model.delete(`o${id}`)
          waiting = [...waiting, ...outward.map(({ id }) => id)].filter((id) => !confirming.includes(id))

          const before = disk.all()
          const writes = writesOf(kept, change)
          assert.deepStrictEqual(disk.all(), before, "what is committed was changed before it was written")
          disk.write(writes)
          kept = writes.after
          const expected = [...model].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
          assert.deepStrictEqual(disk.all(), expected)
          assert.deepStrictEqual(new Set(kept.outside), new Set(disk.opened().outside))
          for (const [key, pack] of disk.packs) {
            assert.isTrue(pack.size > 0 && pack.size <= MAX_ENTRIES)
            const sizes = [...pack.values()].map((value) => (value as Partial<Uint8Array>).length ?? 0)
            const bytes = sizes.reduce((sum, size) => sum + size, 0)
            assert.isAtMost(bytes, MAX_BYTES, key)
          }
          for (const kind of ["passing", "window"] as const) assert.isAtMost(kept.few[kind].size(), MAX_PACKED)
        })
      }),
      { numRuns: 40 },
    )
  })

  it("keep on their own what is beyond a host's share, and take in again what comes after it went", () => {
    const disk = new Disk()
    const bytes = new Uint8Array(4_096)
    const all = Array.from({ length: 200 }, (_, at): RecordId => `outgoing/${at}`)
    disk.write(writesOf(disk.opened(), batch("h", 0, { records: new Map(all.map((id) => [id, bytes])) })))
    assert.strictEqual(disk.records.size, 200 - MAX_PACKED / 4_096)
    disk.write(writesOf(disk.opened(), batch("h", 1, { records: new Map(all.map((id) => [id, undefined])) })))
    assert.deepStrictEqual(disk.all(), [])
    disk.write(writesOf(disk.opened(), batch("h", 2, { records: new Map([["outgoing/199", bytes]]) })))
    assert.strictEqual(disk.records.size, 0)
    assert.strictEqual(disk.packs.size, 1)
  })
})
