/** A store that a user writes with promises alone keeps the port's promises, and its failures come out as the port's. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { byId, cut, inRange } from "../../../src/core/host/listing.ts"
import { defineStorage, type PlainStore } from "../../../src/core/storage-from-promises.ts"
import { type Batch, Conflict, Elsewhere, type Saved, type Storage, Unavailable } from "../../../src/core/store.ts"
import { storeConformance } from "../../../src/spec/conformance/store.ts"
import { batch } from "../../../src/spec/conformance/store-check.ts"

interface Kept {
  readonly version: number
  readonly rows: Map<string, unknown>
  readonly records: Map<string, Uint8Array>
  readonly outward: ReadonlyArray<Batch["outward"][number]>
}
interface Disk {
  readonly hosts: Map<string, Kept>
  taken: boolean
}

/** As naive as a user's first try: it keeps and gives away the very objects it is handed. */
const naive = (disk: Disk): Storage =>
  defineStorage({
    kind: "naive",
    durable: false,
    open: async () => {
      if (disk.taken) throw new Elsewhere()
      disk.taken = true
      return {
        hosts: async () => [...disk.hosts.keys()].sort(),
        load: async (host) => {
          const { outward, rows, version } = disk.hosts.get(host) ?? { version: 0, rows: new Map(), outward: [] }
          return structuredClone({ version, rows, outward }) as Saved
        },
        read: async (host, record) => disk.hosts.get(host)?.records.get(record),
        list: async (host, range) =>
          cut(range, [...(disk.hosts.get(host)?.records ?? [])].filter(([id]) => inRange(range, id)).sort(byId)),
        commit: async (change) => {
          const { host, expected } = change
          const before = disk.hosts.get(host) ?? { version: 0, rows: new Map(), records: new Map(), outward: [] }
          if (before.version !== expected) throw new Conflict({ expected, found: before.version })
          const rows = new Map(before.rows)
          const records = new Map(before.records)
          for (const [id, row] of change.rows) row === undefined ? rows.delete(id) : rows.set(id, row)
          for (const [id, bytes] of change.records) bytes === undefined ? records.delete(id) : records.set(id, bytes)
          const outward = [...before.outward, ...change.outward].filter(({ id }) => !change.confirmed.includes(id))
          disk.hosts.set(host, { version: expected + 1, rows, records, outward })
        },
        erase: async (host) => void disk.hosts.delete(host),
        close: async () => {
          disk.taken = false
        },
      }
    },
  })

describe("a store from promises", () => {
  for (const { name, run } of storeConformance) {
    it.live(name, () => {
      const disks = new Map<string, Disk>()
      return run({
        at: (place) => {
          const disk = disks.get(place) ?? { hosts: new Map(), taken: false }
          disks.set(place, disk)
          return naive(disk)
        },
      })
    })
  }

  const failing = (error: unknown): Storage => {
    const fails = () => Promise.reject(error)
    const store: PlainStore = {
      hosts: fails,
      load: fails,
      read: fails,
      list: fails,
      commit: fails,
      erase: fails,
      close: fails,
    }
    return defineStorage({ kind: "failing", durable: true, open: async () => store })
  }

  it.live("fails as the port says, whatever it throws, and closes whatever closing throws", () =>
    Effect.gen(function* () {
      const full = new Unavailable({ reason: "full" })
      for (const [thrown, reason] of [
        [new TypeError("no"), "broken"],
        ["text", "broken"],
        [undefined, "broken"],
        [full, "full"],
        [{ _tag: "Unavailable", reason: "newer" }, "newer"],
      ] as const) {
        const exit = yield* Effect.exit(
          Effect.scoped(
            Effect.gen(function* () {
              const store = yield* failing(thrown).open
              const listing = store.list("h", { prefix: "", limit: 1 })
              for (const act of [store.hosts, store.load("h"), store.read("h", "r"), listing, store.erase("h")]) {
                assert.strictEqual((yield* Effect.flip<unknown, Unavailable, never>(act)).reason, reason)
              }
              const failed = yield* Effect.flip(store.commit(batch("h", 0)))
              assert.deepInclude({ ...failed }, { _tag: "Unavailable", reason })
            }),
          ),
        )
        assert.isTrue(Exit.isSuccess(exit), String(exit))
      }
    }),
  )

  it.live("that throws before it gives a promise fails no other way", () =>
    Effect.gen(function* () {
      const storage = defineStorage({
        kind: "throwing",
        durable: true,
        open: () => {
          throw new RangeError("no")
        },
      })
      const failed = yield* Effect.flip(Effect.scoped(storage.open))
      assert.deepInclude({ ...failed }, { _tag: "Unavailable", reason: "broken" })
    }),
  )
})
