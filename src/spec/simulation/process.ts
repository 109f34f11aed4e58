/**
 * A process of a simulation: a scheduler, a clock and a generator of its own, over the time that all of them share. Killing
 * it means that nothing of it ever runs again: no finaliser, no last commit, as when the power goes. Docs: simulator.md.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Random from "effect/Random"
import * as Scheduler from "effect/Scheduler"
import type { Agenda } from "./agenda.ts"
import type { Dice } from "./dice.ts"

export interface Process {
  readonly id: number
  /** Who it belongs to. */
  readonly peer: string
  readonly alive: () => boolean
  /** Ends it, now. */
  readonly kill: () => void
  /** Called once, at the death. */
  readonly onDeath: (act: () => void) => void
  /** Has it do something, soon; a dead process does nothing. */
  readonly post: (task: () => void) => void
  /** Runs an effect as one of its fibers. */
  readonly fork: <A, E>(effect: Effect.Effect<A, E>, done?: (exit: Exit.Exit<A, E>) => void) => void
}

/** What is to be run before time moves. */
export interface Runs {
  readonly push: (owner: { readonly alive: () => boolean }, task: () => void) => void
  /** Runs everything that can run. */
  readonly drain: () => void
  readonly isEmpty: () => boolean
}

export const makeRuns = (): Runs => {
  let queue: Array<{ readonly owner: { readonly alive: () => boolean }; readonly task: () => void }> = []
  return {
    push: (owner, task) => void queue.push({ owner, task }),
    isEmpty: () => queue.length === 0,
    drain: () => {
      while (queue.length > 0) {
        const batch = queue
        queue = []
        for (const { owner, task } of batch) if (owner.alive()) task()
      }
    },
  }
}

export interface ProcessOptions {
  readonly id: number
  readonly peer: string
  readonly agenda: Agenda
  readonly runs: Runs
  readonly dice: Dice
  /** How far its wall clock is off, in milliseconds; read whenever it is asked for the time. */
  readonly skew: () => number
}

export const makeProcess = ({ agenda, dice, id, peer, runs, skew }: ProcessOptions): Process => {
  let living = true
  const mourners: Array<() => void> = []
  const owner = { alive: () => living }
  const post = (task: () => void) => {
    if (living) runs.push(owner, task)
  }
  // Wall clocks tell whole milliseconds; a pause that was drawn may end between two.
  const time = () => Math.floor(agenda.now() + skew())
  const nanos = () => BigInt(Math.floor(time())) * 1_000_000n
  // Nobody sets it, and it counts from when the process began.
  const begun = Math.floor(agenda.now())
  const steadyNanos = () => BigInt(Math.round((agenda.now() - begun) * 1_000_000))
  const clock: Clock.Clock = {
    currentTimeMillisUnsafe: time,
    currentTimeMillis: Effect.sync(time),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: steadyNanos,
    monotonicTimeNanos: Effect.sync(steadyNanos),
    sleep: (duration) =>
      Effect.callback<void>((resume) => {
        const ms = Duration.toMillis(duration)
        if (!Number.isFinite(ms)) return
        const { cancel } = agenda.add(agenda.now() + Math.max(0, ms), `timer of ${peer}`, () =>
          post(() => resume(Effect.void)),
        )
        mourners.push(cancel)
        return Effect.sync(() => {
          cancel()
          mourners.splice(mourners.indexOf(cancel), 1)
        })
      }),
  }
  const scheduler: Scheduler.Scheduler = {
    executionMode: "async",
    shouldYield: (fiber) => fiber.currentOpCount >= fiber.cache.maxOpsBeforeYield,
    makeDispatcher: () => ({ scheduleTask: post, flush: () => {} }),
  }
  const random = {
    nextIntUnsafe: () => Math.floor(dice.next() * Number.MAX_SAFE_INTEGER),
    nextDoubleUnsafe: dice.next,
  }
  const services = Context.empty().pipe(
    Context.add(Clock.Clock, clock),
    Context.add(Scheduler.Scheduler, scheduler),
    Context.add(Random.Random, random),
  )
  return {
    id,
    peer,
    post,
    alive: () => living,
    onDeath: (act) => void mourners.push(act),
    kill: () => {
      if (!living) return
      living = false
      for (const act of mourners.splice(0)) act()
    },
    fork: (effect, done) =>
      post(() => {
        const fiber = Effect.runForkWith(services)(effect)
        if (done !== undefined) fiber.addObserver((exit) => post(() => done(exit)))
      }),
  }
}

/** What a disk has to say is heard by the process that waits for it. */
export const heardBy = (process: Process, news: Effect.Effect<void>): Effect.Effect<void> =>
  Effect.andThen(
    news,
    Effect.callback<void>((resume) => process.post(() => resume(Effect.void))),
  )
