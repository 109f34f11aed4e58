/** What the host promises to every machine, shown on a small one. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { makeShelves } from "../../../src/adapters/storage/memory.ts"
import { type Changed, CONFIRM_WITHIN } from "../../../src/core/host/host.ts"
import type { Notice } from "../../../src/core/host/transition.ts"
import type { Batch } from "../../../src/core/store.ts"
import { asked, askedB, noting, openDesk, rested, returned, to } from "./fixture/desk.ts"

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

  it.effect("arms a timer anew for a state that is entered again for nothing else", () =>
    Effect.gen(function* () {
      const host = yield* openDesk()
      assert.deepStrictEqual(yield* host.submit(rested), { verdict: "accepted" })
      assert.strictEqual(host.due(), 1_000)
      yield* TestClock.adjust("400 millis")
      assert.deepStrictEqual(yield* host.submit(rested), { verdict: "accepted" })
      assert.strictEqual(host.due(), 1_400)
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
})
