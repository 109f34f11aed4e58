/**
 * Who sleeps and who wakes. Contacts with a link are open; of those without one, as many as were used last. The others are woken by
 * whoever uses them, by a link to them, and by the clock: at once for a timer of their own, one after the other to look for their
 * peers, so that ten thousand of them do not dial at the same time. Docs: docs/architecture.md, "Sleeping contacts".
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import type { SottoError } from "../errors.ts"
import { after, makeAlarm, timeBy } from "../host/alarm.ts"
import type { Wakes } from "./asleep.ts"

/** Open contacts without a link, at most: some 150 KB each. */
export const MAX_AWAKE = 16
/** Between two contacts that are woken to look for their peers, in milliseconds: a few hundredths of a processor's time. */
export const WAKE_EVERY = 100
/** More than the bound are open while they look for their peers: so many at most. */
const MAX_LOOKING = 8
/** How often those that had no time to fall asleep are asked again, in milliseconds. */
const ROOM_EVERY = 1_000
/** A wall clock that went back by less than this was corrected, not set, in milliseconds. */
const CORRECTED = 1_000

export interface Sleeper {
  readonly mayRest: (now: number) => boolean
  readonly rest: () => Effect.Effect<boolean>
  readonly wake: () => Effect.Effect<unknown, SottoError>
  readonly wakes: () => Wakes
  /** The wall clock was set back by so much: what it is woken by comes as much earlier. */
  readonly setBack: (ms: number) => void
  /** Undefined while it sleeps. */
  readonly wakened: () => { readonly links: { readonly isOpen: () => boolean } } | undefined
}

export interface Sleeping {
  /** Whether one more may be open without putting another to sleep. */
  readonly hasRoom: () => boolean
  /** It was used, opened, or fell asleep. */
  readonly turned: (one: Sleeper) => void
  /** It is no longer there. */
  readonly gone: (one: Sleeper) => void
}

/** `failed`: one of them could not be opened. */
export const makeSleeping = Effect.fnUntraced(function* (
  maxAwake: number,
  failed: (error: SottoError) => Effect.Effect<void>,
): Effect.fn.Return<Sleeping, never, Scope.Scope> {
  const scope = yield* Effect.scope
  const services = yield* Effect.context<never>()
  const clock = yield* Clock.Clock
  const fork = (effect: Effect.Effect<void>) => void Effect.runForkWith(services)(Effect.forkIn(effect, scope))
  /** Those that are open, the one that was used last at the end. */
  const awake = new Set<Sleeper>()
  const asleep = new Set<Sleeper>()
  let makingRoom = false
  let serving = false
  let nextDial = 0
  let plannedFor = Number.POSITIVE_INFINITY
  const begun = timeBy(clock)
  let ahead = begun.wall - begun.steady

  /** The wall clock. Where it was set back, nobody sleeps longer for that. */
  const look = (): number => {
    const { steady, wall } = timeBy(clock)
    const back = ahead - (wall - steady)
    if (back >= 0 && back <= CORRECTED) return wall
    ahead -= back
    if (back < 0) return wall
    nextDial -= back
    plannedFor -= back
    for (const one of asleep) one.setBack(back)
    return wall
  }

  /** Puts those to sleep that were used longest ago, as far as they can. */
  const makeRoom = Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const idle = [...awake].filter((one) => one.mayRest(now))
    for (const one of idle.slice(0, Math.max(0, idle.length - maxAwake))) yield* one.rest()
  })

  const room = Effect.gen(function* () {
    while (awake.size > maxAwake) {
      yield* makeRoom
      if (awake.size > maxAwake) yield* Effect.sleep(ROOM_EVERY)
    }
  }).pipe(Effect.ensuring(Effect.sync(() => void (makingRoom = false))))

  /** The one whose time has come, and for which of its reasons. */
  const due = (now: number): Sleeper | undefined => {
    let dialing: Sleeper | undefined
    let first = now
    const mayDial = nextDial <= now && !isCrowded()
    for (const one of asleep) {
      const { link, own } = one.wakes()
      if (own <= now) return one
      if (!mayDial || link > first) continue
      first = link
      dialing = one
    }
    if (dialing !== undefined) nextDial = now + WAKE_EVERY
    return dialing
  }

  const isCrowded = () => {
    let linkless = 0
    for (const one of awake) if (one.wakened()?.links.isOpen() !== true) linkless += 1
    return linkless >= maxAwake + MAX_LOOKING
  }

  const wantOf = (one: Sleeper): number => {
    const { link, own } = one.wakes()
    return Math.min(own, Math.max(link, nextDial))
  }

  const serve = Effect.gen(function* () {
    for (;;) {
      const one = due(look())
      if (one === undefined) return
      const woken = yield* Effect.exit(one.wake())
      if (isCrowded()) yield* makeRoom
      if (Exit.isSuccess(woken)) continue
      asleep.delete(one)
      const error = woken.cause.reasons.find((reason) => reason._tag === "Fail")?.error
      if (error !== undefined) yield* failed(error)
    }
  }).pipe(
    Effect.ensuring(
      Effect.sync(() => {
        serving = false
        let at = Number.POSITIVE_INFINITY
        for (const one of asleep) at = Math.min(at, wantOf(one))
        plan(isCrowded() ? Math.max(at, look() + ROOM_EVERY) : at)
      }),
    ),
  )

  const alarm = yield* makeAlarm(() => {
    plannedFor = Number.POSITIVE_INFINITY
    if (serving) return
    serving = true
    fork(serve)
  })
  const plan = (at: number) => {
    if (serving || at >= plannedFor) return
    plannedFor = at
    const time = timeBy(clock)
    fork(alarm.set(after(time, at - time.wall)))
  }

  return {
    hasRoom: () => awake.size < maxAwake,
    turned: (one) => {
      if (one.wakened() === undefined) {
        look()
        awake.delete(one)
        asleep.add(one)
        return plan(wantOf(one))
      }
      asleep.delete(one)
      awake.delete(one)
      awake.add(one)
      if (awake.size <= maxAwake || makingRoom) return
      makingRoom = true
      fork(room)
    },
    gone: (one) => {
      awake.delete(one)
      asleep.delete(one)
    },
  }
})
