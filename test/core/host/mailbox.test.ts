/** The mailbox holds no more than it says, whoever sends; what the host owes itself always fits. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { MAX_MAILBOX, MAX_MAILBOX_BYTES } from "../../../src/core/host/mailbox.ts"
import { asked, openDesk, returned, to } from "./fixture/desk.ts"

/** A desk whose next commit waits for the gate. */
const openStuck = Effect.fnUntraced(function* (options: Parameters<typeof openDesk>[0] = {}) {
  const gate = yield* Deferred.make<void>()
  const state = { stuck: false }
  const host = yield* openDesk({
    ...options,
    store: (store) => ({
      ...store,
      commit: (batch) =>
        state.stuck ? Effect.andThen(Deferred.await(gate), store.commit(batch)) : store.commit(batch),
    }),
  })
  yield* host.submit(asked)
  yield* host.submit(returned)
  state.stuck = true
  host.tell(asked) // its commit is under way from here on
  yield* TestClock.adjust(0)
  return { host, open: Deferred.succeed(gate, undefined) }
})

describe("a full mailbox", () => {
  it.effect("drops arrivals and counts them; submitters wait for room, in order", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const { host, open } = yield* openStuck({ inspect: ({ event, id }) => void seen.push(`${event} ${id}`) })
      let taken = 0
      for (let i = 0; i < MAX_MAILBOX + 10; i++)
        if (host.tell({ to: `errand/x${i}`, event: { type: "Asked" } })) taken++
      assert.strictEqual(taken, MAX_MAILBOX)
      assert.strictEqual(host.dropped(), 10)
      const first = yield* Effect.forkChild(host.submit(returned), { startImmediately: true })
      const given = yield* Effect.forkChild(host.submit({ to, event: { type: "Dismissed" } }), {
        startImmediately: true,
      })
      const second = yield* Effect.forkChild(host.submit(asked), { startImmediately: true })
      yield* Fiber.interrupt(given) // it waits for room, so this takes it back
      yield* open
      assert.strictEqual((yield* Fiber.join(first)).verdict, "accepted")
      assert.strictEqual((yield* Fiber.join(second)).verdict, "accepted")
      assert.deepStrictEqual(seen.filter((line) => line.endsWith(to)).slice(-3), [
        "Returned errand/a",
        "Asked errand/a",
        "Packed errand/a",
      ])
      assert.strictEqual(seen.indexOf(`Asked errand/x${MAX_MAILBOX - 1}`), seen.lastIndexOf("Returned errand/a") - 1)
      assert.isTrue(host.tell(returned))
    }),
  )

  it.effect("is one that holds many bytes, too", () =>
    Effect.gen(function* () {
      const { host, open } = yield* openStuck()
      const frame = new Uint8Array(64 * 1024)
      let taken = 0
      while (host.tell(returned, [["frame", frame]])) taken++
      assert.strictEqual(taken, MAX_MAILBOX_BYTES / frame.length)
      assert.isFalse(host.tell(returned))
      yield* open
      yield* host.sleep
      assert.isTrue(host.tell(returned, [["frame", frame]]))
    }),
  )

  it.effect("takes what was performed, and the alarm", () =>
    Effect.gen(function* () {
      const finish = yield* Deferred.make<void>()
      const { host, open } = yield* openStuck({
        run: (run) =>
          run === 1 ? Effect.as(Deferred.await(finish), [{ type: "Returned" as const }]) : Effect.succeed([]),
      })
      for (let i = 0; i < MAX_MAILBOX; i++) assert.isTrue(host.tell({ to: "errand/none", event: { type: "Asked" } }))
      yield* Deferred.succeed(finish, undefined)
      yield* TestClock.adjust("1 seconds")
      yield* open
      yield* host.sleep
      assert.strictEqual(host.view(to)?.state, "waiting") // run 1 brought Returned after the second Asked
      assert.strictEqual(host.due(), Number.POSITIVE_INFINITY)
    }),
  )

  it.effect("keeps copies of attached bytes, which are gone after their turn", () =>
    Effect.gen(function* () {
      const read: Array<number | undefined> = []
      const host = yield* openDesk({
        pack: Effect.fnUntraced(function* (_, at) {
          for (let times = 0; times < 2; times++) {
            const bytes = yield* at.read("frame")
            read.push(bytes?.[0])
            bytes?.fill(9)
          }
          return {}
        }),
      })
      const frame = Uint8Array.of(1)
      host.tell(asked, [["frame", frame]])
      frame[0] = 2
      yield* host.submit(returned)
      yield* host.submit(asked)
      assert.deepStrictEqual(read, [1, 1, undefined, undefined])
    }),
  )
})
