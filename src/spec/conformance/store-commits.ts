/** The promises of a commit: all of it, once, in order, or nothing. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { InstanceId, Row } from "../../core/store.ts"
import { filled, holds } from "./crypto-check.ts"
import {
  batch,
  check,
  checkOpen,
  command,
  everything,
  failsWith,
  rowOf,
  type StoreCheck,
  sameAs,
} from "./store-check.ts"

const rows = (...entries: ReadonlyArray<readonly [InstanceId, Row | undefined]>) => new Map(entries)
const records = (...entries: ReadonlyArray<readonly [string, Uint8Array | undefined]>) => new Map(entries)

const JSON_CONTEXT = { text: "a\u0000b \u{1F600} é", none: null, list: [1, -2.5, true, { deep: [] }], empty: {} }

export const commitChecks: ReadonlyArray<StoreCheck> = [
  checkOpen("a host that was never committed is at version 0 and holds nothing", (store) =>
    Effect.gen(function* () {
      yield* sameAs("load", yield* store.load("nobody"), { version: 0, rows: new Map(), outward: [] })
      yield* sameAs("read", yield* store.read("nobody", "any"), undefined)
      yield* sameAs("list", yield* store.list("nobody", { prefix: "", limit: 10 }), [])
      yield* sameAs("hosts", yield* store.hosts, [])
    }),
  ),

  checkOpen("what a batch says is there after it: rows with timers, records, commands", (store) =>
    Effect.gen(function* () {
      const timer = { id: "t", due: 1_700_000_000_123, event: { type: "xstate.after.pause.delivery.sent" } }
      const first = rowOf("queued", JSON_CONTEXT, [timer])
      const second = rowOf({ open: { left: "a", right: "b" } })
      const changes = {
        rows: rows(["delivery/1", first], ["session/main", second]),
        records: records(["a", filled(100, 1)], ["empty", new Uint8Array()]),
        outward: [command("1.0"), { ...command("1.1"), params: JSON_CONTEXT }],
      }
      yield* store.commit(batch("h", 0, changes))
      yield* sameAs("load", yield* store.load("h"), { version: 1, rows: changes.rows, outward: changes.outward })
      yield* sameAs("read", yield* store.read("h", "a"), filled(100, 1))
      yield* sameAs("an empty record", yield* store.read("h", "empty"), new Uint8Array())
      yield* sameAs("no record", yield* store.read("h", "b"), undefined)
    }),
  ),

  checkOpen("a batch replaces and removes, and leaves alone what it does not name", (store) =>
    Effect.gen(function* () {
      const four = ["a", "b", "c", "d"] as const
      yield* store.commit(
        batch("h", 0, {
          rows: rows(...four.map((key) => [`m/${key}`, rowOf("old", { key })] as const)),
          records: records(...four.map((key, index) => [key, Uint8Array.of(index)] as const)),
        }),
      )
      yield* store.commit(
        batch("h", 1, {
          rows: rows(["m/a", rowOf("new")], ["m/b", undefined], ["m/none", undefined]),
          records: records(["a", Uint8Array.of(9, 9)], ["b", undefined], ["none", undefined]),
        }),
      )
      const kept = rows(["m/a", rowOf("new")], ["m/c", rowOf("old", { key: "c" })], ["m/d", rowOf("old", { key: "d" })])
      yield* sameAs("load", yield* store.load("h"), { version: 2, rows: kept, outward: [] })
      const left = [
        ["a", Uint8Array.of(9, 9)],
        ["c", Uint8Array.of(2)],
        ["d", Uint8Array.of(3)],
      ]
      yield* sameAs("records", yield* store.list("h", { prefix: "", limit: 10 }), left)
    }),
  ),

  checkOpen("a batch for another version conflicts, says what it found, and changes nothing", (store) =>
    Effect.gen(function* () {
      const changes = {
        rows: rows(["m/a", rowOf("changed")], ["m/b", rowOf("added")]),
        records: records(["a", undefined], ["b", Uint8Array.of(7)]),
        outward: [command("9.0")],
        confirmed: ["1.0"],
      }
      const fresh = yield* failsWith("a first batch that expects 1", "Conflict", store.commit(batch("h", 1, changes)))
      yield* sameAs("the conflict", { ...fresh }, { ...fresh, expected: 1, found: 0 })
      yield* sameAs("hosts", yield* store.hosts, [])
      const first = { rows: rows(["m/a", rowOf("was")]), records: records(["a", Uint8Array.of(1)]) }
      yield* store.commit(batch("h", 0, { ...first, outward: [command("1.0")] }))
      yield* store.commit(batch("h", 1))
      const before = yield* everything(store, "h")
      for (const expected of [0, 1, 3, 99]) {
        const conflict = yield* failsWith("an outdated batch", "Conflict", store.commit(batch("h", expected, changes)))
        yield* holds("a conflict names the versions", "found" in conflict && conflict.found === 2)
      }
      yield* sameAs("the host after conflicts", yield* everything(store, "h"), before)
    }),
  ),

  checkOpen("of batches for the same version, at the same time, one is applied", (store) =>
    Effect.gen(function* () {
      const contend = (number: number) =>
        Effect.exit(store.commit(batch("h", 0, { records: records(["who", Uint8Array.of(number)]) })))
      const contenders = yield* Effect.forEach([0, 1, 2, 3, 4, 5, 6, 7], (number) => Effect.forkScoped(contend(number)))
      const exits = yield* Effect.forEach(contenders, Fiber.join)
      const winners = exits.flatMap(({ _tag }, number) => (_tag === "Success" ? [number] : []))
      yield* sameAs("how many were applied", winners.length, 1)
      yield* sameAs("the record", yield* store.read("h", "who"), Uint8Array.of(...winners))
      yield* sameAs("the version", (yield* store.load("h")).version, 1)
    }),
  ),

  checkOpen("a reader sees a batch whole or not at all", (store) =>
    Effect.gen(function* () {
      const ids = ["a", "b", "c"]
      const writer = yield* Effect.forkScoped(
        Effect.forEach(Array.from({ length: 30 }), (_, version) =>
          store.commit(
            batch("h", version, { records: records(...ids.map((id) => [id, Uint8Array.of(version)] as const)) }),
          ),
        ),
      )
      for (let i = 0; i < 30; i++) {
        const found = yield* store.list("h", { prefix: "", limit: 3 })
        const values = new Set(found.map(([, bytes]) => bytes[0]))
        yield* holds("records of one batch agree", values.size <= 1 && (found.length === 0 || found.length === 3))
        yield* Effect.yieldNow
      }
      yield* Fiber.join(writer)
    }),
  ),

  checkOpen("commands keep the order of their commits until they are confirmed", (store) =>
    Effect.gen(function* () {
      // Ids whose order as text is not their order in time.
      yield* store.commit(batch("h", 0, { outward: [command("9.1"), command("9.0")] }))
      yield* store.commit(batch("h", 1, { outward: [command("10.0", "session/main"), command("1.0")] }))
      yield* store.commit(batch("h", 2, { outward: [command("11.0")], confirmed: ["9.0", "never"] }))
      const ids = (yield* store.load("h")).outward.map(({ id }) => id)
      yield* sameAs("commands", ids, ["9.1", "10.0", "1.0", "11.0"])
      yield* store.commit(batch("h", 3, { confirmed: ids }))
      yield* sameAs("commands after all are confirmed", (yield* store.load("h")).outward, [])
    }),
  ),

  checkOpen("hosts share nothing, and are listed in ascending order", (store) =>
    Effect.gen(function* () {
      const names = ["b", "a", "B", "ab", "a/b", "\u{1F600}", "\uFF5E"]
      for (const name of names) {
        const record = records(["r", Uint8Array.of(name.length)])
        yield* store.commit(
          batch(name, 0, { rows: rows(["m/1", rowOf(name)]), records: record, outward: [command(name)] }),
        )
      }
      yield* sameAs("hosts", yield* store.hosts, [...names].sort())
      yield* store.commit(
        batch("a", 1, { rows: rows(["m/1", undefined]), records: records(["r", undefined]), confirmed: ["b"] }),
      )
      const b = yield* everything(store, "b")
      yield* sameAs("another host", b, {
        saved: { version: 1, rows: rows(["m/1", rowOf("b")]), outward: [command("b")] },
        records: [["r", Uint8Array.of(1)]],
      })
    }),
  ),

  checkOpen("nothing is shared with the caller, neither what goes in nor what comes out", (store) =>
    Effect.gen(function* () {
      const buffer = filled(64, 3)
      const view = buffer.subarray(8, 24)
      const context = { list: [1] }
      yield* store.commit(batch("h", 0, { rows: rows(["m/1", rowOf("a", context)]), records: records(["r", view]) }))
      context.list.push(2)
      buffer.fill(0)
      const expected = filled(64, 3).slice(8, 24)
      const read = yield* store.read("h", "r")
      yield* sameAs("a record whose input was wiped", read, expected)
      yield* sameAs("a context that was changed", (yield* store.load("h")).rows.get("m/1"), rowOf("a", { list: [1] }))
      read?.fill(1)
      const [listed] = yield* store.list("h", { prefix: "", limit: 1 })
      yield* sameAs("a record whose reader wiped it", listed?.[1], expected)
      listed?.[1].fill(2)
      const loaded = (yield* store.load("h")).rows.get("m/1")?.context as typeof context | undefined
      loaded?.list.push(3)
      yield* sameAs("a record whose lister wiped it", yield* store.read("h", "r"), expected)
      yield* sameAs("a context whose loader changed it", (yield* store.load("h")).rows.get("m/1")?.context, {
        list: [1],
      })
    }),
  ),

  checkOpen("big records and many records fit in one batch", (store) =>
    Effect.gen(function* () {
      const big = filled(2 * 1024 * 1024, 5)
      const many = Array.from(
        { length: 1_000 },
        (_, i) => [`many/${String(i).padStart(4, "0")}`, filled(64, i)] as const,
      )
      yield* store.commit(batch("h", 0, { records: records(["big", big], ...many) }))
      const read = yield* store.read("h", "big")
      yield* holds(
        "a record of 2 MiB comes back",
        read?.length === big.length && read.every((byte, i) => byte === big[i]),
      )
      yield* sameAs("a thousand records", yield* store.list("h", { prefix: "many/", limit: 2_000 }), many)
    }),
  ),

  check("what was erased does not come back, and other hosts stay", (storage) =>
    Effect.gen(function* () {
      const whole = {
        rows: rows(["m/1", rowOf("a")]),
        records: records(["r", Uint8Array.of(1)]),
        outward: [command("1.0")],
      }
      yield* Effect.scoped(
        Effect.gen(function* () {
          const store = yield* storage.open
          yield* store.commit(batch("gone", 0, whole))
          yield* store.commit(batch("stays", 0, whole))
          yield* store.erase("gone")
          yield* store.erase("gone")
          yield* store.erase("never was")
          yield* sameAs("hosts", yield* store.hosts, ["stays"])
          yield* failsWith("a batch for the old version", "Conflict", store.commit(batch("gone", 1, whole)))
        }),
      )
      const store = yield* storage.open
      const nothing = { saved: { version: 0, rows: new Map(), outward: [] }, records: [] }
      yield* sameAs("the erased host", yield* everything(store, "gone"), nothing)
      yield* store.commit(batch("gone", 0))
      yield* sameAs("a new host of that name", yield* everything(store, "gone"), {
        ...nothing,
        saved: { ...nothing.saved, version: 1 },
      })
      yield* sameAs("the other host", (yield* store.load("stays")).version, 1)
    }),
  ),
]
