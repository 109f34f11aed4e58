/** What the host promises to every machine, shown on a small one. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Scope } from "effect"
import { TestClock } from "effect/testing"
import { makeShelves } from "../../../src/adapters/storage/memory.ts"
import { type Changed, CONFIRM_WITHIN } from "../../../src/core/host/host.ts"
import type { Notice } from "../../../src/core/host/transition.ts"
import { type Batch, Unavailable } from "../../../src/core/store.ts"
import { asked, askedB, type DeskOptions, noting, openDesk, returned, to } from "./fixture/desk.ts"

describe("a host", () => {
  it.effect("commits an event with everything that follows from it, once", () =>
    Effect.gen(function* () {
      const batches: Array<Batch> = []
      const host = yield* openDesk({
        store: (store) => ({
          ...store,
          commit: (batch) => Effect.andThen(noting(batches, batch), store.commit(batch)),
        }),
      })
      assert.deepStrictEqual(yield* host.submit(asked), { verdict: "accepted" })
      assert.lengthOf(batches, 2) // the founding, then the whole errand
      assert.deepStrictEqual([...batches[1]!.records.keys()], ["bag/a/1"])
      assert.deepStrictEqual(batches[1]!.outward, [{ id: "2.0", from: to, type: "run", params: { run: 1 } }])
      const timers = batches[1]!.rows.get(to)!.timers
      assert.deepStrictEqual(
        timers.map(({ due }) => due),
        [1_000],
      )
      assert.strictEqual(host.due(), 1_000)
    }),
  )

  it.effect("lets what gathers behind a commit share the next one, in order", () =>
    Effect.gen(function* () {
      const commits: Array<Batch> = []
      const events: Array<string> = []
      const host = yield* openDesk({
        store: (store) => ({
          ...store,
          commit: (batch) => Effect.andThen(noting(commits, batch), Effect.delay(store.commit(batch), "10 millis")),
        }),
        inspect: ({ event, id }) => void events.push(`${id} ${event}`),
      })
      host.tell(asked)
      host.tell(returned)
      host.tell(asked)
      host.tell(askedB)
      yield* TestClock.adjust("10 millis")
      yield* TestClock.adjust("10 millis")
      assert.lengthOf(commits, 2)
      assert.deepStrictEqual(events.slice(2), [
        "errand/a Asked",
        "errand/a Packed",
        "errand/a Returned",
        "errand/a Asked",
        "errand/a Packed",
        "errand/b Asked",
        "errand/b Packed",
      ])
      yield* TestClock.adjust(CONFIRM_WITHIN)
      yield* TestClock.adjust("10 millis") // the closing scope waits for no commit
    }),
  )

  it.effect("answers, shows and performs only what is durable, in that order", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const gate = yield* Deferred.make<void>()
      const host = yield* openDesk({
        store: (store) => ({
          ...store,
          commit: (batch) =>
            batch.expected === 0
              ? store.commit(batch)
              : Effect.andThen(
                  Deferred.await(gate),
                  Effect.tap(store.commit(batch), () => Effect.sync(() => seen.push("commit"))),
                ),
        }),
        onCommitted: ({ instances, records, version }: Changed) =>
          void (version > 1 && seen.push(`changed ${version} ${instances} ${records}`)),
        inspect: ({ event }) => void (event !== "start" && seen.push(event)),
        run: (run) => noting(seen, `run ${run}`),
      })
      const submitted = yield* Effect.forkChild(
        Effect.tap(host.submit(asked), () => Effect.sync(() => seen.push("verdict"))),
      )
      yield* TestClock.adjust("100 millis")
      assert.deepStrictEqual([seen, host.view(to)?.state, host.idle()], [[], "waiting", false])
      yield* Deferred.succeed(gate, undefined)
      yield* Fiber.join(submitted)
      assert.deepStrictEqual(seen, ["commit", "changed 2 errand/a bag/a/1", "Asked", "Packed", "run 1", "verdict"])
      assert.deepStrictEqual(host.view(to), { state: "running", context: { runs: 1 } })
    }),
  )

  it.effect("says why an event changed nothing, to who submits it and to who inspects", () =>
    Effect.gen(function* () {
      const notices: Array<Notice> = []
      const host = yield* openDesk({ inspect: (notice) => void ("ignored" in notice && notices.push(notice)) })
      assert.deepStrictEqual(yield* host.submit(returned), { verdict: "ignored", why: "notHandled" })
      const gone = { to: "errand/z", event: { type: "Asked" } } as const
      assert.deepStrictEqual(yield* host.submit(gone), { verdict: "ignored", why: "noInstance" })
      assert.deepStrictEqual(notices, [
        { machine: "errand", id: "errand/a", event: "Returned", ignored: "notHandled" },
        { machine: "errand", id: "errand/z", event: "Asked", ignored: "noInstance" },
      ])
      assert.isUndefined(host.view("errand/z"))
    }),
  )

  it.effect("is not held up by a slow perform, and keeps the order of each instance", () =>
    Effect.gen(function* () {
      const ran: Array<string> = []
      const gate = yield* Deferred.make<void>()
      const host = yield* openDesk({
        run: (run, { key }) =>
          (key === "a" && run === 1 ? Deferred.await(gate) : Effect.void).pipe(
            Effect.andThen(noting(ran, `${key}${run}`)),
          ),
      })
      yield* host.submit(asked)
      yield* host.submit(returned)
      yield* host.submit(asked)
      yield* host.submit(askedB)
      assert.deepStrictEqual(ran, ["b1"])
      assert.isFalse(host.idle())
      yield* Deferred.succeed(gate, undefined)
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(ran, ["b1", "a1", "a2"])
      assert.isTrue(host.idle())
    }),
  )

  it.effect("waits for what a prepare-handler waits for, and keeps order and atomicity", () =>
    Effect.gen(function* () {
      const events: Array<string> = []
      const versions: Array<string> = []
      const host = yield* openDesk({
        pack: (run) =>
          Effect.promise(async () => ({ write: [[`slow/${await Promise.resolve(run)}`, Uint8Array.of(1)]] })),
        inspect: ({ event, id }) => void events.push(`${id} ${event}`),
        onCommitted: ({ records, version }) => void versions.push(`${version}: ${records}`),
      })
      yield* host.sleep // the founding
      host.tell(asked)
      host.tell(askedB)
      yield* host.submit(returned)
      assert.deepStrictEqual(events.slice(2), [
        "errand/a Asked",
        "errand/a Packed",
        "errand/b Asked",
        "errand/b Packed",
        "errand/a Returned",
      ])
      assert.deepStrictEqual(versions, ["1: ", "2: bag/a/1,slow/1,bag/b/1"])
    }),
  )

  it.effect("honours a cancel that comes in the same turn as the timer", () =>
    Effect.gen(function* () {
      const host = yield* openDesk({
        store: (store) => ({ ...store, commit: (batch) => Effect.delay(store.commit(batch), "600 millis") }),
      })
      yield* TestClock.adjust("600 millis")
      host.tell(asked) // armed at 600, due at 1600, committed at 1200
      yield* TestClock.adjust("600 millis")
      host.tell(askedB) // commits from 1200 to 1800: the alarm rings meanwhile
      yield* TestClock.adjust("1 millis")
      host.tell(returned)
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(host.view(to)?.state, "waiting")
      assert.lengthOf(host.instances.get(to)!.timers, 0)
      assert.strictEqual(host.view("errand/b")?.state, "late")
    }),
  )

  it.effect("honours a cancel by what another timer of the same instant led to", () =>
    Effect.gen(function* () {
      const host = yield* openDesk({
        regret: (_, { key }) =>
          Effect.succeed(
            key === "a" ? { tell: [{ to: "errand/b", event: { type: "Returned" } } as const, askedB] } : {},
          ),
      })
      host.tell(asked)
      yield* host.submit(askedB)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual([host.view(to)?.state, host.view("errand/b")?.state], ["late", "running"])
      assert.strictEqual(host.due(), 2_000) // it left and came back in the turn in which it was due
    }),
  )

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

  it.effect("removes an instance that has finished, with its timers, and drops its late events", () =>
    Effect.gen(function* () {
      const shelves = makeShelves()
      const host = yield* openDesk({
        shelves,
        run: () => Effect.delay(Effect.succeed([{ type: "Returned" as const }]), "2 seconds"),
      })
      yield* host.submit(asked)
      yield* host.submit({ to, event: { type: "Dismissed" } })
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual([...host.instances.keys()], ["errand/b"])
      assert.deepStrictEqual([...shelves.hosts.get("desk")!.rows.keys()], ["errand/b"])
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
