/** A poison event, on which our own code throws, costs itself only. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { setup } from "xstate"
import { makeShelves, storeOn } from "../../../src/adapters/storage/memory.ts"
import { prepare } from "../../../src/core/host/command.ts"
import type { Handlers } from "../../../src/core/host/handlers.ts"
import { openHost } from "../../../src/core/host/host.ts"
import type { Fault } from "../../../src/core/host/verdict.ts"
import { Store } from "../../../src/core/store.ts"
import { asked, askedB, jolted, noting, openDesk, to } from "./fixture/desk.ts"

describe("a poison event", () => {
  it.effect("on which a machine throws leaves no trace, and its turn goes on", () =>
    Effect.gen(function* () {
      const faults: Array<Fault> = []
      const seen: Array<string> = []
      const host = yield* openDesk({
        onFault: (fault) => void faults.push(fault),
        inspect: ({ event, id }) => void seen.push(`${id} ${event}`),
      })
      yield* host.sleep
      host.tell(asked)
      const poisoned = yield* Effect.forkChild(host.submit(jolted), { startImmediately: true })
      assert.deepStrictEqual(yield* host.submit(askedB), { verdict: "accepted" })
      assert.deepStrictEqual(yield* Fiber.join(poisoned), { verdict: "faulted" })
      assert.deepStrictEqual(seen.slice(2), ["errand/a Asked", "errand/a Packed", "errand/b Asked", "errand/b Packed"])
      assert.lengthOf(faults, 1)
      assert.deepInclude(faults[0], { id: to, event: "Jolted", command: undefined })
      assert.notInclude(JSON.stringify(faults), "secret")
      assert.include(faults[0]!.stack, "at ")
    }),
  )

  it.effect("on which a handler throws is undone with everything that preceded the throw", () =>
    Effect.gen(function* () {
      const shelves = makeShelves()
      const faults: Array<Fault> = []
      const ran: Array<number> = []
      const host = yield* openDesk({
        shelves,
        // By now the errand has run, has been decided upon, and has told the other one.
        pack: (_, { key }) =>
          key === "a"
            ? Effect.succeed({ write: [["half/a", Uint8Array.of(1)]], tell: [askedB], start: [] })
            : Effect.die(new Error("peer said: secret")),
        run: (run) => noting(ran, run),
        onFault: (fault) => void faults.push(fault),
      })
      yield* host.sleep
      const before = structuredClone(shelves)
      assert.deepStrictEqual(yield* host.submit(asked), { verdict: "faulted" })
      assert.deepStrictEqual(shelves, before)
      assert.deepStrictEqual([ran, host.view(to)?.state, host.view("errand/b")?.state], [[], "waiting", "waiting"])
      assert.deepInclude(faults[0], { id: "errand/b", event: "Asked", command: "pack", error: "Error" })
      assert.notInclude(JSON.stringify(faults), "secret")
    }),
  )

  it.effect("that was a timer's is left alone, and tried again by the next life", () =>
    Effect.gen(function* () {
      const shelves = makeShelves()
      let tries = 0
      const regret = () => Effect.sync(() => void tries++).pipe(Effect.andThen(Effect.die("bug")))
      yield* Effect.scoped(
        Effect.gen(function* () {
          const host = yield* openDesk({ shelves, regret })
          yield* host.submit(asked)
          yield* TestClock.adjust("10 minutes")
          assert.deepStrictEqual([tries, host.view(to)?.state, host.due()], [1, "running", Number.POSITIVE_INFINITY])
          assert.deepStrictEqual(yield* host.submit(askedB), { verdict: "accepted" })
        }),
      )
      const host = yield* openDesk({ shelves })
      yield* TestClock.adjust(0)
      assert.strictEqual(host.view(to)?.state, "late")
    }),
  )

  it.effect("that a command brought back leaves the command unconfirmed", () =>
    Effect.gen(function* () {
      const shelves = makeShelves()
      const ran: Array<string> = []
      const run = (life: string, event: "Jolted" | "Returned") => () =>
        Effect.as(noting(ran, life), [{ type: event } as const])
      yield* Effect.scoped(
        Effect.gen(function* () {
          const host = yield* openDesk({ shelves, run: run("first", "Jolted") })
          yield* host.submit(asked)
          yield* TestClock.adjust("500 millis")
          yield* host.sleep
        }),
      )
      assert.strictEqual(shelves.hosts.get("desk")!.outward.size, 1)
      const host = yield* openDesk({ shelves, run: run("second", "Returned") })
      yield* TestClock.adjust("500 millis")
      assert.deepStrictEqual([ran, host.view(to)?.state], [["first", "second"], "waiting"])
      assert.strictEqual(shelves.hosts.get("desk")!.outward.size, 0)
    }),
  )

  it.effect("that never settles is one too", () =>
    Effect.gen(function* () {
      const host = yield* openDesk({
        pack: () => Effect.succeed({ tell: [{ to, event: { type: "Returned" } }, asked] }),
      })
      assert.deepStrictEqual(yield* host.submit(asked), { verdict: "faulted" })
      assert.strictEqual(host.view(to)?.state, "waiting")
    }),
  )

  it.effect("among those that found a host ends it: there is nothing to go on from", () =>
    Effect.gen(function* () {
      const shelves = makeShelves()
      const stillborn = setup({ actions: { grow: prepare<{ readonly from: number }>() } }).createMachine({
        entry: { type: "grow", params: { from: 0 } },
      })
      const handlers: Handlers<{ readonly stillborn: typeof stillborn }, never, never> = {
        stillborn: { prepare: { grow: () => Effect.die("bug") }, perform: {} },
      }
      const host = yield* openHost({
        id: "desk",
        machines: { stillborn },
        handlers,
        found: [{ start: "stillborn/a", input: undefined }],
      }).pipe(Effect.provide(Layer.succeed(Store, storeOn(shelves))))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(host.closed)))
      assert.strictEqual(shelves.hosts.size, 0)
    }),
  )
})
