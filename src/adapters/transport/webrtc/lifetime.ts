/** How long what a link stands on is kept: as long as the link, and no longer than the scope around it. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { Link } from "../../../core/transport.ts"

/** Runs `make` in a scope of its own inside `outer`, which is closed when it fails; otherwise `leave` closes it. */
export const inOwnScope = <A, E>(
  outer: Scope.Scope,
  make: Effect.Effect<A, E, Scope.Scope>,
): Effect.Effect<{ readonly made: A; readonly leave: Effect.Effect<void> }, E> =>
  Effect.suspend(() => {
    const own = Scope.forkUnsafe(outer)
    const leave = Scope.close(own, Exit.void)
    return make.pipe(
      Scope.provide(own),
      Effect.onExit((exit) => (Exit.isFailure(exit) ? leave : Effect.void)),
      Effect.map((made) => ({ made, leave })),
    )
  })

/** A link whose connection is freed when it fails to open, when it is closed, or with `outer`. */
export const keepLink = <E>(outer: Scope.Scope, open: Effect.Effect<Link, E, Scope.Scope>): Effect.Effect<Link, E> =>
  Effect.flatMap(inOwnScope(outer, open), ({ leave, made }) =>
    Effect.as(Effect.forkIn(Effect.andThen(made.closed, leave), outer), made),
  )
