/**
 * Waits in the background until whoever has the storage is gone, and opens it then. One wait at a time; it ends when the
 * storage is open, when opening fails for another reason, or when it is stopped. Docs: docs/storage.md, "One writer".
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { SottoError } from "../errors.ts"

/** A follower that was not the fastest tries again no sooner than this. In milliseconds. */
const AGAIN_AFTER = 250

export interface FollowerOptions {
  /** What lives at least as long as the wait. */
  readonly scope: Scope.Scope
  /** Completes when the storage may be free. Left out: nothing is waited for. */
  readonly freed: Effect.Effect<void> | undefined
  readonly open: Effect.Effect<void, SottoError>
  /** Whether somebody else still has it. */
  readonly isElsewhere: () => boolean
  /** It was free and did not open; undefined for a defect. */
  readonly gaveUp: (error: SottoError | undefined) => void
}

export interface Follower {
  readonly start: Effect.Effect<void>
  readonly stop: Effect.Effect<void>
}

export const makeFollower = ({ freed, gaveUp, isElsewhere, open, scope }: FollowerOptions): Follower => {
  let waiting: Fiber.Fiber<void> | undefined
  if (freed === undefined) return { start: Effect.void, stop: Effect.void }

  const attempt = Effect.gen(function* () {
    yield* freed
    const opened = yield* Effect.exit(open)
    if (Exit.isSuccess(opened)) return
    gaveUp(opened.cause.reasons.find((reason) => reason._tag === "Fail")?.error)
  })
  const wait = Effect.gen(function* () {
    yield* attempt
    while (isElsewhere()) {
      yield* Effect.sleep(AGAIN_AFTER)
      yield* attempt
    }
  })
  const forget = Effect.sync(() => {
    waiting = undefined
  })
  return {
    start: Effect.suspend(() => {
      if (waiting !== undefined) return Effect.void
      return Effect.map(Effect.forkIn(Effect.ensuring(wait, forget), scope), (fiber) => {
        waiting = fiber
      })
    }),
    // What fails while the follower itself opens ends the wait from within: to wait for its own end would be for ever.
    stop: Effect.withFiber((fiber) =>
      waiting === undefined || fiber === waiting ? Effect.void : Fiber.interrupt(waiting),
    ),
  }
}
