/** The promises of a place: it keeps what it was given, and has one writer at a time. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { filled, holds } from "./crypto-check.ts"
import { batch, check, command, everything, failsWith, rowOf, type StoreCheck, sameAs } from "./store-check.ts"

const whole = (number: number) => ({
  rows: new Map([[`m/${number}` as const, rowOf("a", { number })]]),
  records: new Map([
    ["bytes", filled(300, number)],
    [`more/${number}`, new Uint8Array()],
  ]),
  outward: [command(`${number}.0`), command(`${number}.1`)],
})

export const placeChecks: ReadonlyArray<StoreCheck> = [
  check("a place that is opened again holds what was committed", (storage) =>
    Effect.gen(function* () {
      for (let life = 0; life < 4; life++) {
        const before = yield* Effect.scoped(
          Effect.gen(function* () {
            const store = yield* storage.open
            yield* sameAs("the version", (yield* store.load("h")).version, life)
            yield* store.commit(batch("h", life, whole(life)))
            return yield* everything(store, "h")
          }),
        )
        const after = yield* Effect.scoped(Effect.flatMap(storage.open, (store) => everything(store, "h")))
        yield* sameAs("what was kept", after, before)
      }
    }),
  ),

  check("a place has one writer: another is told so, until the first one leaves", (storage) =>
    Effect.gen(function* () {
      for (let turn = 0; turn < 3; turn++) {
        const scope = yield* Scope.make()
        const store = yield* Scope.provide(storage.open, scope)
        yield* failsWith("a second writer", "Elsewhere", Effect.scoped(storage.open))
        yield* store.commit(batch("h", turn, whole(turn)))
        yield* failsWith("a second writer, again", "Elsewhere", Effect.scoped(storage.open))
        yield* Scope.close(scope, Exit.void)
      }
      const store = yield* storage.open
      yield* sameAs("the version", (yield* store.load("h")).version, 3)
    }),
  ),

  check("a commit that was called off is over before the place is free", (storage) =>
    Effect.gen(function* () {
      for (let turn = 0; turn < 4; turn++) {
        const scope = yield* Scope.make()
        const store = yield* Scope.provide(storage.open, scope)
        const { version } = yield* store.load("h")
        const committing = yield* Effect.forkChild(Effect.exit(store.commit(batch("h", version, whole(version)))), {
          startImmediately: true,
        })
        yield* Fiber.interrupt(committing)
        yield* Scope.close(scope, Exit.void)
        const kept = yield* Effect.scoped(
          Effect.gen(function* () {
            const next = yield* storage.open
            const found = (yield* next.load("h")).version
            yield* holds(`version ${found} after ${version}`, found === version || found === version + 1)
            yield* next.commit(batch("h", found, whole(found)))
            return yield* everything(next, "h")
          }),
        )
        const later = yield* Effect.scoped(Effect.flatMap(storage.open, (next) => everything(next, "h")))
        yield* sameAs("what the next writer kept", later, kept)
      }
    }),
  ),

  {
    name: "two places share nothing",
    run: ({ at }) =>
      Effect.scoped(
        Effect.gen(function* () {
          const one = yield* at("two places, the one").open
          const other = yield* at("two places, the other").open
          yield* one.commit(batch("h", 0, whole(1)))
          yield* sameAs("hosts of the other", yield* other.hosts, [])
          yield* other.commit(batch("h", 0, whole(2)))
          yield* sameAs("the one's record", yield* one.read("h", "bytes"), filled(300, 1))
        }),
      ),
  },
]
