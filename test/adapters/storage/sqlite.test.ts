/** Storage in a SQLite file keeps the port's promises, also when its process is killed. KILLS=50 kills more often. */
import { once } from "node:events"
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { gunzipSync } from "node:zlib"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { sqlite } from "../../../src/adapters/storage/sqlite.ts"
import type { StoreService } from "../../../src/core/store.ts"
import { storeConformance } from "../../../src/spec/conformance/store.ts"
import { batch } from "../../../src/spec/conformance/store-check.ts"
import { EXPECTED, toldBy } from "./frozen.ts"
import { endWriters, startWriter } from "./sqlite-writer.ts"

const KILLS = Number(process.env["KILLS"] ?? 5)

const folder = mkdtempSync(join(tmpdir(), "sotto-sqlite-"))
let files = 0
const fresh = () => join(folder, `file-${files++}`)
afterAll(() => {
  endWriters()
  rmSync(folder, { recursive: true })
})

const opened = <A, E>(path: string, use: (store: StoreService) => Effect.Effect<A, E>) =>
  Effect.scoped(Effect.flatMap(sqlite(path).open, use))

describe("sqlite", () => {
  for (const { name, run } of storeConformance) {
    it.live(name, () => {
      const prefix = fresh()
      const pathOf = (place: string) => `${prefix}-${encodeURIComponent(place)}`
      return run({
        runs: 25,
        at: (place) => sqlite(pathOf(place)),
        cuts: 40,
        disk: {
          // Its index in shared memory is made anew after a crash.
          image: async (place) => {
            const there = ["", "-wal"].filter((end) => existsSync(pathOf(place) + end))
            return new Map(there.map((end) => [end, readFileSync(pathOf(place) + end)]))
          },
          restore: async (place, image) => {
            for (const end of ["", "-wal", "-shm"]) rmSync(pathOf(place) + end, { force: true })
            for (const [end, bytes] of image) writeFileSync(pathOf(place) + end, bytes)
          },
        },
      })
    })
  }

  it("opens clean and whole after its process was killed in the middle of its commits", async () => {
    const path = fresh()
    let reached = 0
    for (let kill = 0; kill < KILLS; kill++) {
      const writer = await startWriter(path)
      await writer.killAfter(20 + kill * 13)
      const printed = Number(writer.lines().at(-1))
      assert.isAbove(printed, reached)
      const version = await Effect.runPromise(
        opened(path, (store) =>
          Effect.gen(function* () {
            const { outward, rows, version } = yield* store.load("h")
            assert.isAtLeast(version, printed) // it was durable when it was printed
            assert.deepStrictEqual(rows.get("m/1")?.context, { version })
            assert.deepStrictEqual(
              outward.map(({ id }) => id),
              [`${version}.0`],
            )
            const expected = new Uint8Array(3_000).fill(version & 0xff)
            assert.deepStrictEqual(yield* store.read("h", "first"), expected)
            assert.deepStrictEqual(yield* store.read("h", "last"), expected)
            return version
          }),
        ),
      )
      reached = version
    }
    const db = new DatabaseSync(path)
    assert.deepStrictEqual({ ...db.prepare("PRAGMA integrity_check").get() }, { integrity_check: "ok" })
    db.close()
  })

  it("has one writer among processes, and is free at once when that one is killed", async () => {
    const path = fresh()
    const writer = await startWriter(path, "hold")
    const refused = await Effect.runPromise(Effect.flip(opened(path, () => Effect.void)))
    assert.strictEqual(refused._tag, "Elsewhere")
    writer.child.kill("SIGKILL")
    await once(writer.child, "close")
    assert.deepStrictEqual(writer.lines(), ["open"])
    assert.deepStrictEqual(await Effect.runPromise(opened(path, (store) => store.hosts)), [])
  })

  it("is taken over by another process while its writer writes; no version is lost, and none is written twice", async () => {
    const path = fresh()
    const writers = [await startWriter(path)]
    for (let turn = 0; turn < 3; turn++) {
      const robbed = writers.at(-1)!
      await robbed.says((line) => Number(line) > 0)
      const next = await startWriter(path, "takeOver")
      await robbed.says((line) => line === "refused elsewhere")
      await robbed.says((line) => line === "lost elsewhere")
      writers.push(next)
    }
    const last = writers.at(-1)!
    await last.killAfter(5)
    const printed = writers.flatMap(({ lines }) =>
      lines()
        .map(Number)
        .filter((line) => line > 0),
    )
    assert.deepStrictEqual(
      printed,
      printed.map((_, i) => i + 1),
    )
    const version = await Effect.runPromise(
      opened(path, (store) => Effect.map(store.load("h"), (saved) => saved.version)),
    )
    assert.oneOf(version, [printed.length, printed.length + 1]) // the last one may have died before it could say so
    for (const { child } of writers) child.kill("SIGKILL")
  })

  it("is taken from a process that hangs, which commits nothing when it comes back", async () => {
    const path = fresh()
    const hanging = await startWriter(path, "hold")
    hanging.child.kill("SIGSTOP")
    const scope = Effect.runSync(Scope.make())
    const refused = await Effect.runPromise(Effect.flip(Effect.scoped(sqlite(path).open)))
    assert.strictEqual(refused._tag, "Elsewhere")
    const store = await Effect.runPromise(Scope.provide(sqlite(path).takeOver!, scope))
    await Effect.runPromise(store.commit(batch("h", 0)))
    hanging.child.kill("SIGCONT")
    await hanging.says((line) => line === "lost elsewhere")
    await Effect.runPromise(Scope.close(scope, Exit.void))
    hanging.child.kill("SIGKILL")
  })

  it("is waited for by a process, which has it when the first one is killed", async () => {
    const path = fresh()
    const first = await startWriter(path)
    const second = await startWriter(path, "follow", "hold")
    await first.killAfter(3)
    await second.says((line) => line === "open")
    second.child.kill("SIGKILL")
  })

  it("that is deleted under its writer is lost, and that is said", async () => {
    const path = fresh()
    await Effect.runPromise(
      opened(path, (store) =>
        Effect.gen(function* () {
          yield* store.commit(batch("h", 0))
          rmSync(path)
          const failed = yield* Effect.flip(store.commit(batch("h", 1)))
          assert.deepInclude({ ...failed }, { _tag: "Unavailable", reason: "lost" })
          assert.strictEqual((yield* store.lost!).reason, "lost")
        }),
      ),
    )
  })

  it("of an earlier schema is brought to the present one when it is opened, with everything in it", async () => {
    const path = fresh()
    writeFileSync(path, gunzipSync(readFileSync(new URL("./fixtures/schema-1.sqlite.gz", import.meta.url))))
    for (let start = 0; start < 2; start++) assert.deepStrictEqual(await toldBy(sqlite(path)), EXPECTED)
  })

  it("leaves nothing behind when it is removed, and removes nothing that is not its own", async () => {
    const path = fresh()
    await Effect.runPromise(opened(path, (store) => store.commit(batch("h", 0))))
    await Effect.runPromise(sqlite(path).remove!)
    assert.deepStrictEqual(
      readdirSync(folder).filter((name) => join(folder, name).startsWith(path)),
      [],
    )
    writeFileSync(path, "somebody's diary, which is nobody's database".repeat(20))
    await Effect.runPromise(Effect.flip(sqlite(path).remove!))
    assert.isTrue(existsSync(path))
  })

  it("is readable by its owner only, with everything beside it, even if it was not before", async () => {
    const path = fresh()
    writeFileSync(path, "")
    chmodSync(path, 0o666)
    await Effect.runPromise(
      opened(path, (store) =>
        Effect.gen(function* () {
          yield* store.commit(batch("h", 0, { records: new Map([["r", new Uint8Array(10)]]) }))
          const beside = readdirSync(folder).map((name) => join(folder, name))
          for (const file of beside.filter((name) => name.startsWith(path))) {
            assert.strictEqual(statSync(file).mode & 0o777, 0o600, file)
          }
          assert.isTrue(existsSync(`${path}-wal`))
        }),
      ),
    )
    assert.isFalse(existsSync(`${path}-wal`))
  })

  it("overwrites what is deleted, once the file is closed", async () => {
    const path = fresh()
    const canary = new TextEncoder().encode("canary-".repeat(40))
    const here = () => readFileSync(path).includes("canary-canary-")
    await Effect.runPromise(opened(path, (store) => store.commit(batch("h", 0, { records: new Map([["r", canary]]) }))))
    assert.isTrue(here())
    await Effect.runPromise(
      opened(path, (store) => store.commit(batch("h", 1, { records: new Map([["r", undefined]]) }))),
    )
    assert.isFalse(here())
  })

  it("refuses a file of a later version, and one that is not its own, and changes neither", async () => {
    const later = fresh()
    await Effect.runPromise(opened(later, (store) => store.commit(batch("h", 0))))
    const db = new DatabaseSync(later)
    db.exec("PRAGMA user_version = 1000")
    db.close()
    const foreign = fresh()
    const other = new DatabaseSync(foreign)
    other.exec("CREATE TABLE t (a)")
    other.close()
    const garbage = fresh()
    writeFileSync(garbage, "not a database at all, but long enough to be looked at".repeat(10))
    const before = [later, foreign, garbage].map((path) => readFileSync(path))
    for (const [path, reason] of [
      [later, "newer"],
      [foreign, "broken"],
      [garbage, "broken"],
      [join(folder, "no", "such", "folder"), "broken"],
    ] as const) {
      const refused = await Effect.runPromise(Effect.flip(opened(path, () => Effect.void)))
      assert.deepInclude({ ...refused }, { _tag: "Unavailable", reason }, path)
    }
    assert.deepStrictEqual(
      [later, foreign, garbage].map((path) => readFileSync(path)),
      before,
    )
  })

  it("says when it is full, keeps what it had, and goes on with what fits", async () => {
    const path = fresh()
    const big = (version: number) => batch("h", version, { records: new Map([["big", new Uint8Array(200_000)]]) })
    const small = (version: number) => batch("h", version, { records: new Map([["r", Uint8Array.of(version)]]) })
    const filling = Effect.gen(function* () {
      const store = yield* sqlite(path, { maxBytes: 100_000 }).open
      yield* store.commit(small(0))
      const failed = yield* Effect.flip(store.commit(big(1)))
      assert.deepInclude({ ...failed }, { _tag: "Unavailable", reason: "full" })
      assert.strictEqual((yield* store.load("h")).version, 1)
      yield* store.commit(small(1))
    })
    await Effect.runPromise(Effect.scoped(filling))
    await Effect.runPromise(
      opened(path, (store) =>
        Effect.gen(function* () {
          assert.deepStrictEqual(yield* store.read("h", "r"), Uint8Array.of(1))
          assert.isUndefined(yield* store.read("h", "big"))
          yield* store.commit(big(2))
        }),
      ),
    )
  })
})
