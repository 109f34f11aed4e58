/**
 * Whether a contact's host is open. Whoever uses it wakes it, and it does not fall asleep under anybody's hands: while it is used, or
 * anything of it is under way, it stays open. Docs: docs/architecture.md, "Sleeping contacts".
 */
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { LiveContact, Shown } from "../contact/contact.ts"
import type { About } from "../contact/records.ts"
import type { SottoError } from "../errors.ts"
import { type Asleep, asleepFrom, mayRest, type Wakes } from "./asleep.ts"
import type { Summary } from "./summary.ts"

interface Awake {
  readonly live: LiveContact
  readonly scope: Scope.Closeable
}

const NEVER: Wakes = { own: Number.POSITIVE_INFINITY, link: Number.POSITIVE_INFINITY }

/** One object for both: there may be ten thousand of them. */
export abstract class Wakefulness {
  private awake: Awake | undefined
  private asleep: Asleep | undefined
  /** The host is being opened or closed: whoever wants the contact waits until that is over. */
  private turning: Deferred.Deferred<void> | undefined
  private uses = 0

  /** What lives as long as the contact. */
  protected abstract readonly within: Scope.Scope
  /** Opens the host; it lives as long as the scope. */
  protected abstract openHost(): Effect.Effect<LiveContact, SottoError, Scope.Scope>
  /** What the contact is, as committed. */
  protected abstract committedAbout(): Effect.Effect<About, SottoError>
  /** What is to be known of the conversation while the host is closed. */
  protected abstract summaryNow(): Summary
  /** It was opened, and what was known of it while it slept is no longer kept. */
  protected abstract woke(): Effect.Effect<void, SottoError>
  /** It falls asleep. */
  protected abstract slept(): void
  /** It was used, or opened. */
  protected abstract used(): void

  protected sleepAs(asleep: Asleep): void {
    this.asleep = asleep
  }

  /** Undefined while it sleeps, or is being opened for the first time. */
  wakened(): LiveContact | undefined {
    return this.awake?.live
  }

  shown(): Shown | undefined {
    return this.awake?.live ?? this.asleep
  }

  /** What was known of the conversation when it fell asleep; undefined while it is awake. */
  summary(): Summary | undefined {
    return this.asleep?.summary()
  }

  /** When it is to be woken; never, where it is awake. */
  wakes(): Wakes {
    return this.asleep?.wakes ?? NEVER
  }

  setBack(ms: number): void {
    this.asleep?.setBack(ms)
  }

  mayRest(now: number): boolean {
    const { awake, turning, uses } = this
    return awake !== undefined && turning === undefined && uses === 0 && mayRest(awake.live, now)
  }

  /** Opens the host unless it is open. Whoever asks meanwhile waits for the same opening. */
  wake(): Effect.Effect<LiveContact, SottoError> {
    return Effect.suspend((): Effect.Effect<LiveContact, SottoError> => {
      if (this.turning !== undefined) return Effect.andThen(Deferred.await(this.turning), this.wake())
      if (this.awake !== undefined) return Effect.succeed(this.awake.live)
      return this.turn(this.opening())
    })
  }

  use<A>(act: (live: LiveContact) => Effect.Effect<A, SottoError>): Effect.Effect<A, SottoError> {
    return Effect.suspend(() => {
      this.uses += 1
      this.used()
      const live = this.turning === undefined && this.awake !== undefined ? this.awake.live : undefined
      return Effect.ensuring(
        live === undefined ? Effect.flatMap(this.wake(), act) : act(live),
        Effect.sync(() => void (this.uses -= 1)),
      )
    })
  }

  /** Closes the host if nothing holds it; whether it did. */
  rest(): Effect.Effect<boolean> {
    return Effect.gen({ self: this }, this.resting)
  }

  private *resting(): Effect.fn.Return<boolean> {
    if (this.awake === undefined || !this.mayRest(yield* Clock.currentTimeMillis)) return false
    const { live, scope } = this.awake
    // What was performed and not confirmed would be performed again at every waking.
    const flushed = yield* Effect.exit(live.host.sleep)
    const about = yield* Effect.exit(this.committedAbout())
    // Its turn answers before it is over.
    yield* Effect.yieldNow
    if (Exit.isFailure(flushed) || Exit.isFailure(about) || !this.mayRest(yield* Clock.currentTimeMillis)) return false
    this.asleep = asleepFrom(live, about.value, this.summaryNow())
    this.awake = undefined
    this.slept()
    yield* this.turn(Scope.close(scope, Exit.void))
    return true
  }

  private opening(): Effect.Effect<LiveContact, SottoError> {
    return Effect.gen({ self: this }, function* () {
      const scope = yield* Scope.fork(this.within)
      const opening = Scope.provide(this.openHost(), scope)
      const live = yield* Effect.onError(opening, () => Scope.close(scope, Exit.void))
      this.awake = { live, scope }
      this.asleep = undefined
      this.used()
      yield* this.woke()
      return live
    })
  }

  private turn<A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> {
    const turning = Deferred.makeUnsafe<void>()
    this.turning = turning
    return Effect.ensuring(
      effect,
      Effect.sync(() => {
        this.turning = undefined
        Deferred.doneUnsafe(turning, Exit.void)
      }),
    )
  }
}
