/** A storage under trial in the place of a simulated disk: what its processes hold of it is given up when they die. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { Storage, StoreService } from "../../core/store.ts"
import type { Opened } from "./disk.ts"
import type { Process } from "./process.ts"

/** `outstanding` holds a token for each call that has not answered: virtual time stands still while there is one. */
export const foreign = (
  storage: Storage,
  process: Process,
  outstanding: Set<object>,
): Effect.Effect<Opened, Effect.Error<Storage["open"]>> => {
  const counted = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.suspend(() => {
      const token = {}
      outstanding.add(token)
      return Effect.ensuring(
        effect,
        Effect.sync(() => void outstanding.delete(token)),
      )
    })
  const around = (store: StoreService): StoreService => ({
    hosts: counted(store.hosts),
    load: (host) => counted(store.load(host)),
    read: (host, record) => counted(store.read(host, record)),
    list: (host, range) => counted(store.list(host, range)),
    commit: (batch) => counted(store.commit(batch)),
    erase: (host) => counted(store.erase(host)),
  })
  return Effect.suspend(() => {
    const scope = Scope.makeUnsafe()
    // As the system does for a process that is gone.
    const release = () => void Effect.runFork(counted(Scope.close(scope, Exit.void)))
    process.onDeath(release)
    // It cannot be torn from outside: what it holds of a batch in a crash is its own affair.
    return Effect.map(counted(Scope.provide(storage.open, scope)), (store) => ({
      store: around(store),
      release,
      tear: () => false,
    }))
  })
}
