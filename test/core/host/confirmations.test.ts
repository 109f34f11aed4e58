/** Confirmations ride on the next commit, wait only so long for one, and never cause more than themselves. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Scope } from "effect"
import { TestClock } from "effect/testing"
import { makeShelves } from "../../../src/adapters/storage/memory.ts"
import { CONFIRM_WITHIN } from "../../../src/core/host/host.ts"
import type { Batch } from "../../../src/core/store.ts"
import { asked, openDesk, returned } from "./fixture/desk.ts"

const watched = (batches: Array<Batch>) => ({
  store: (store: Parameters<NonNullable<Parameters<typeof openDesk>[0]>["store"] & {}>[0]) => ({
    ...store,
    commit: (batch: Batch) => Effect.tap(store.commit(batch), () => Effect.sync(() => batches.push(batch))),
  }),
})

describe("a confirmation", () => {
  it.effect("rides on a commit that happens anyway", () =>
    Effect.gen(function* () {
      const batches: Array<Batch> = []
      const host = yield* openDesk(watched(batches))
      yield* host.submit(asked)
      yield* host.submit(returned)
      assert.deepStrictEqual(
        batches.map(({ confirmed }) => confirmed),
        [[], [], ["2.0"]],
      )
      yield* TestClock.adjust("1 hour")
      assert.lengthOf(batches, 3)
    }),
  )

  it.effect("is committed alone when none comes in time, once", () =>
    Effect.gen(function* () {
      const batches: Array<Batch> = []
      const host = yield* openDesk({ ...watched(batches), run: () => Effect.as(Effect.sleep(300), []) })
      yield* host.submit(asked)
      yield* TestClock.adjust(300)
      yield* host.submit({ to: "errand/none", event: { type: "Asked" } }) // changes nothing, so it carries nothing
      yield* TestClock.adjust(CONFIRM_WITHIN - 301)
      assert.lengthOf(batches, 2)
      yield* TestClock.adjust(301) // the errand is late in between, and its commit takes the confirmation along
      assert.lengthOf(batches, 3)
      yield* host.submit(asked)
      yield* host.submit(returned)
      yield* TestClock.adjust(300 + CONFIRM_WITHIN)
      assert.deepStrictEqual(
        batches
          .slice(-1)
          .map(({ confirmed, outward, records, rows }) => [confirmed, rows.size, records.size, outward.length]),
        [[["4.0"], 0, 0, 0]],
      )
      const before = batches.length
      yield* TestClock.adjust("1 hour")
      assert.lengthOf(batches, before)
    }),
  )

  it.effect("is committed when the host goes to sleep, and sleep without one commits nothing", () =>
    Effect.gen(function* () {
      const batches: Array<Batch> = []
      const host = yield* openDesk(watched(batches))
      yield* host.submit(asked)
      yield* host.sleep
      assert.deepStrictEqual(batches.at(-1)!.confirmed, ["2.0"])
      yield* host.sleep
      assert.lengthOf(batches, 3)
    }),
  )

  it.effect("is committed when the scope closes", () =>
    Effect.gen(function* () {
      const shelves = makeShelves()
      const life = yield* Scope.make()
      const host = yield* openDesk({ shelves }).pipe(Scope.provide(life))
      yield* host.submit(asked)
      assert.strictEqual(shelves.hosts.get("desk")!.outward.size, 1)
      yield* Scope.close(life, Exit.void)
      assert.strictEqual(shelves.hosts.get("desk")!.outward.size, 0)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(host.submit(asked))))
    }),
  )

  it.effect("is given up when the scope closes over a store that does not answer", () =>
    Effect.gen(function* () {
      const life = yield* Scope.make()
      let stuck = false
      const host = yield* openDesk({
        store: (store) => ({ ...store, commit: (batch) => (stuck ? Effect.never : store.commit(batch)) }),
      }).pipe(Scope.provide(life))
      yield* host.submit(asked)
      stuck = true
      const closing = yield* Effect.forkChild(Scope.close(life, Exit.void))
      yield* TestClock.adjust(CONFIRM_WITHIN)
      yield* Fiber.join(closing)
    }),
  )
})
