/**
 * One life of a process: between two crashes. Everything that reaches outside it passes a crash point before and after, so a
 * crash falls within a load, before a commit, after it but before its answer, between a commit and a perform, or after a
 * perform.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type { StoreService } from "../../core/store.ts"
import type { Dice } from "./dice.ts"

export interface Life {
  readonly death: Deferred.Deferred<void>
  /** Runs an outside effect between two crash points. A dead process does nothing, ever. */
  readonly outside: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E>
  readonly alive: () => boolean
}

export const makeLife = (dice: Dice, crashProbability: number, mayCrash: () => boolean): Life => {
  const death = Deferred.makeUnsafe<void>()
  let alive = true
  const point = Effect.suspend(() => {
    if (alive && mayCrash() && dice.chance(crashProbability)) {
      alive = false
      Deferred.doneUnsafe(death, Effect.void)
    }
    return alive ? Effect.void : Effect.never
  })
  return {
    death,
    alive: () => alive,
    outside: (effect) => point.pipe(Effect.andThen(effect), Effect.tap(point)),
  }
}

/** Commits that take time, so that events gather behind them, and that a crash may prevent or leave unanswered. */
export const crashingStore = (store: StoreService, life: Life, dice: Dice): StoreService => ({
  hosts: life.outside(store.hosts),
  load: (host) => life.outside(store.load(host)),
  read: (host, record) => life.outside(store.read(host, record)),
  list: (host, range) => life.outside(store.list(host, range)),
  commit: (batch) =>
    life.outside(
      Effect.andThen(
        Effect.suspend(() => Effect.sleep(dice.upTo(3))),
        store.commit(batch),
      ),
    ),
  erase: (host) => life.outside(store.erase(host)),
})
