/** How a host begins, ends and begins again. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Scope } from "effect"
import { TestClock } from "effect/testing"
import { makeShelves } from "../../../src/adapters/storage/memory.ts"
import { type Batch, Unavailable } from "../../../src/core/store.ts"
import { asked, askedB, type DeskOptions, noting, openDesk, returned, to } from "./fixture/desk.ts"

describe("a host", () => {
  it.effect("tries no further commit after one whose outcome is unknown", () =>
    Effect.gen(function* () {
      let commits = 0
      const slow = yield* Deferred.make<void>()
      const host = yield* openDesk({
        run: () => Effect.as(Deferred.await(slow), []),
        store: (store) => ({
          ...store,
          commit: (batch) =>
            Effect.suspend(() =>
              ++commits < 3
                ? store.commit(batch)
                : Effect.andThen(Effect.sleep(10), Effect.fail(new Unavailable({ reason: "broken" }))),
            ),
        }),
      })
      yield* host.submit(asked)
      host.tell(returned)
      yield* TestClock.adjust(5)
      yield* Deferred.succeed(slow, undefined) // confirmed while the commit that will fail is under way
      yield* TestClock.adjust(5)
      yield* Effect.flip(host.closed)
      assert.strictEqual(commits, 3)
    }),
  )

  it.effect("goes on after a crash: performs what was not confirmed, and rings when it was due", () =>
    Effect.gen(function* () {
      const shelves = makeShelves()
      const ran: Array<string> = []
      const life = yield* Scope.make()
      const first = yield* openDesk({ shelves, run: () => Effect.never }).pipe(Scope.provide(life))
      yield* first.submit(asked)
      yield* TestClock.adjust("400 millis")
      yield* Scope.close(life, Exit.void)
      const host = yield* openDesk({
        shelves,
        run: (run, { key }) => noting(ran, `${key}${run}`),
      })
      yield* TestClock.adjust("599 millis")
      assert.deepStrictEqual([host.view(to)?.state, ran], ["running", ["a1"]])
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(host.view(to)?.state, "late")
      assert.lengthOf([...shelves.hosts.get("desk")!.outward], 0) // the confirmation rode on the timer's commit
    }),
  )

  it.effect("writes nothing when it is opened, nor when it dies while it loads", () =>
    Effect.gen(function* () {
      const shelves = makeShelves()
      yield* Effect.scoped(Effect.flatMap(openDesk({ shelves, run: () => Effect.never }), (host) => host.submit(asked)))
      const before = structuredClone(shelves)
      const dying = yield* Effect.forkChild(
        Effect.scoped(openDesk({ shelves, store: (store) => ({ ...store, load: () => Effect.never }) })),
      )
      yield* TestClock.adjust("100 millis")
      yield* Fiber.interrupt(dying)
      yield* Effect.scoped(openDesk({ shelves, run: () => Effect.never }))
      assert.deepStrictEqual(shelves, before)
    }),
  )

  it.effect("is founded with its first records, in one commit", () =>
    Effect.gen(function* () {
      const batches: Array<Batch> = []
      const foundWith = [["about", Uint8Array.of(1)]] as const
      const shelves = makeShelves()
      const store: DeskOptions["store"] = (memory) => ({
        ...memory,
        commit: (batch) => Effect.andThen(noting(batches, batch), memory.commit(batch)),
      })
      yield* Effect.scoped(Effect.flatMap(openDesk({ shelves, store, foundWith }), (host) => host.sleep))
      yield* Effect.scoped(
        Effect.flatMap(openDesk({ shelves, store, foundWith: [["about", Uint8Array.of(2)]] }), (host) => host.sleep),
      )
      assert.lengthOf(batches, 1)
      assert.strictEqual(batches[0]!.rows.size, 2)
      assert.deepStrictEqual(shelves.hosts.get("desk")!.records.get("about"), Uint8Array.of(1))
    }),
  )

  it.effect("ends when it cannot commit, and the disk is as it was", () =>
    Effect.gen(function* () {
      const shelves = makeShelves()
      let broken = false
      const ran: Array<number> = []
      const host = yield* openDesk({
        shelves,
        run: (run) => noting(ran, run),
        store: (store) => ({
          ...store,
          commit: (batch) => (broken ? Effect.fail(new Unavailable({ reason: "full" })) : store.commit(batch)),
        }),
      })
      yield* host.submit(askedB)
      const before = structuredClone(shelves)
      broken = true
      const waiting = yield* Effect.forkChild(host.submit(asked))
      const ended = yield* Effect.flip(host.closed)
      assert.deepStrictEqual(ended, new Unavailable({ reason: "full" }))
      assert.strictEqual((yield* Effect.flip(Fiber.join(waiting)))._tag, "Ended")
      assert.strictEqual((yield* Effect.flip(host.submit(asked)))._tag, "Ended")
      assert.isFalse(host.tell(asked))
      assert.deepStrictEqual([shelves, ran, host.view(to)?.state], [before, [1], "waiting"])
    }),
  )

  it.effect("ends when it cannot read, and blames no event for it", () =>
    Effect.gen(function* () {
      const faults: Array<unknown> = []
      const unread = new Unavailable({ reason: "broken" })
      const broken: DeskOptions = {
        store: (store) => ({ ...store, read: () => Effect.fail(unread) }),
        onFault: (fault) => void faults.push(fault),
      }
      const preparing = yield* openDesk({ ...broken, pack: (_, at) => Effect.as(at.read("any"), {}) })
      preparing.tell(asked)
      assert.strictEqual(yield* Effect.flip(preparing.closed), unread)
      const performing = yield* openDesk({ ...broken, run: (_, at) => Effect.as(at.read("any"), []) })
      performing.tell(asked)
      assert.strictEqual(yield* Effect.flip(performing.closed), unread)
      assert.lengthOf(faults, 0)
    }),
  )

  it.effect("yields to a second writer", () =>
    Effect.gen(function* () {
      const shelves = makeShelves()
      const first = yield* openDesk({ shelves })
      yield* first.submit(asked)
      const second = yield* openDesk({ shelves })
      yield* second.submit(askedB)
      first.tell(returned)
      const ended = yield* Effect.flip(first.closed)
      assert.strictEqual(ended._tag, "Conflict")
    }),
  )

  it.effect("ends when a perform-handler breaks its promise not to fail", () =>
    Effect.gen(function* () {
      const host = yield* openDesk({ run: () => Effect.die("bug") })
      host.tell(asked)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(host.closed)))
    }),
  )
})
