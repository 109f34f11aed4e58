/**
 * The promises of a lease, for storages that can be taken over: a robbed writer commits nothing more, however it is timed, and
 * hears of it; whoever waits is told when the place is free. A storage without `takeOver` keeps them by having none.
 * Docs: docs/storage.md, "One writer"; invariant ST-3.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import type { Storage } from "../../core/store.ts"
import { holds } from "./crypto-check.ts"
import {
  batch,
  check,
  command,
  everything,
  failsWith,
  rowOf,
  type StoreCheck,
  type StoreFailure,
  sameAs,
} from "./store-check.ts"

const numbered = (number: number) => ({
  rows: new Map([[`m/${number}` as const, rowOf("a", { number })]]),
  records: new Map([["who", Uint8Array.of(number)]]),
  outward: [command(`${number}.0`)],
})

type TakeOver = NonNullable<Storage["takeOver"]>

const ifRobbable = (
  name: string,
  body: (storage: Storage, takeOver: TakeOver) => Effect.Effect<void, StoreFailure, Scope.Scope>,
): StoreCheck =>
  check(name, (storage) => (storage.takeOver === undefined ? Effect.void : body(storage, storage.takeOver)))

const openedIn = Effect.fnUntraced(function* (open: TakeOver) {
  const scope = yield* Scope.make()
  return { store: yield* Scope.provide(open, scope), close: Scope.close(scope, Exit.void) }
})

export const leaseChecks: ReadonlyArray<StoreCheck> = [
  ifRobbable("a place that is free can be taken over as it can be opened", (storage, takeOver) =>
    Effect.gen(function* () {
      for (let turn = 0; turn < 3; turn++) {
        const { close, store } = yield* openedIn(turn === 1 ? storage.open : takeOver)
        yield* sameAs("the version", (yield* store.load("h")).version, turn)
        yield* store.commit(batch("h", turn, numbered(turn)))
        yield* close
      }
    }),
  ),

  ifRobbable("a writer that was robbed commits and erases nothing more, and hears of it", (storage, takeOver) =>
    Effect.gen(function* () {
      const first = yield* openedIn(storage.open)
      yield* first.store.commit(batch("h", 0, numbered(1)))
      const second = yield* openedIn(takeOver)
      const before = yield* everything(second.store, "h")
      yield* sameAs("what the second finds", before.saved.version, 1)
      for (const expected of [0, 1, 2]) {
        const stale = yield* failsWith(
          "a stale batch",
          "Unavailable",
          first.store.commit(batch("h", expected, numbered(9))),
        )
        yield* holds("a stale batch is refused as elsewhere", "reason" in stale && stale.reason === "elsewhere")
      }
      yield* failsWith("a stale batch for a new host", "Unavailable", first.store.commit(batch("new", 0, numbered(9))))
      yield* failsWith("a stale erasure", "Unavailable", first.store.erase("h"))
      yield* sameAs("the host after stale writes", yield* everything(second.store, "h"), before)
      yield* sameAs("the hosts after stale writes", yield* second.store.hosts, ["h"])
      yield* second.store.commit(batch("h", 1, numbered(2)))
      const { lost } = first.store
      yield* holds("a store that can be robbed tells of it", lost !== undefined)
      if (lost !== undefined) yield* sameAs("why it was lost", (yield* lost).reason, "elsewhere")
      // The robbed one leaves; the place stays with whoever has it.
      yield* first.close
      yield* failsWith("another writer", "Elsewhere", Effect.scoped(storage.open))
      yield* second.store.commit(batch("h", 2, numbered(3)))
      yield* second.close
    }),
  ),

  ifRobbable(
    "a batch that is under way while its writer is robbed is there before the new one loads, or never",
    (_, takeOver) =>
      Effect.gen(function* () {
        let present = yield* openedIn(takeOver)
        let version = 0
        for (let turn = 0; turn < 8; turn++) {
          const racing = yield* Effect.forkChild(Effect.exit(present.store.commit(batch("h", version, numbered(turn)))))
          for (let step = 0; step < turn; step++) yield* Effect.yieldNow
          const next = yield* openedIn(takeOver)
          const found = yield* everything(next.store, "h")
          const outcome = yield* Fiber.join(racing)
          yield* sameAs("the host once the stale batch has answered", yield* everything(next.store, "h"), found)
          if (Exit.isSuccess(outcome))
            yield* sameAs("the version after a batch that was durable", found.saved.version, version + 1)
          yield* present.close
          present = next
          version = found.saved.version
        }
        yield* present.close
      }),
  ),

  ifRobbable("a place goes from one to the other and back, and nothing is lost or doubled", (_, takeOver) =>
    Effect.gen(function* () {
      let present = yield* openedIn(takeOver)
      for (let version = 0; version < 6; version++) {
        yield* present.store.commit(batch("h", version, { outward: [command(`${version}.0`)] }))
        const next = yield* openedIn(takeOver)
        const ids = (yield* next.store.load("h")).outward.map(({ id }) => id)
        yield* sameAs(
          "the commands so far",
          ids,
          Array.from({ length: version + 1 }, (_, i) => `${i}.0`),
        )
        yield* present.close
        present = next
      }
      yield* present.close
    }),
  ),

  check("whoever waits for a place is told when it is free", (storage) =>
    Effect.gen(function* () {
      const { freed } = storage
      if (freed === undefined) return
      yield* freed // nobody has it
      const first = yield* openedIn(storage.open)
      let told = false
      const waiting = yield* Effect.forkChild(Effect.tap(freed, () => Effect.sync(() => void (told = true))))
      const gone = yield* Effect.forkChild(freed)
      for (let round = 0; round < 20; round++) yield* Effect.yieldNow
      yield* first.store.commit(batch("h", 0, numbered(1)))
      yield* holds("nobody is told while somebody has it", !told)
      yield* Fiber.interrupt(gone)
      yield* first.close
      yield* Fiber.join(waiting)
      const second = yield* openedIn(storage.open)
      yield* sameAs("the version", (yield* second.store.load("h")).version, 1)
      yield* second.close
    }),
  ),

  check("what was removed is gone, the place is free, and nothing is removed under a writer", (storage) =>
    Effect.gen(function* () {
      const { remove } = storage
      if (remove === undefined) return
      yield* remove
      const first = yield* openedIn(storage.open)
      yield* first.store.commit(batch("h", 0, numbered(1)))
      yield* failsWith("removing under a writer", "Elsewhere", remove)
      yield* first.store.commit(batch("h", 1, numbered(2)))
      yield* first.close
      yield* remove
      yield* remove
      const second = yield* openedIn(storage.open)
      yield* sameAs("the hosts", yield* second.store.hosts, [])
      yield* second.close
    }),
  ),
]
