/**
 * Runs the vault's machine. It lives outside the store that it guards, so no host can: what must outlast the process, the count
 * of wrong tries, is in the vault's own place. Docs: storage.md, "Locking".
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import type { EventObject } from "xstate"
import { type VaultContext, type VaultEvent, type VaultInput, vault as vaultMachine } from "../../machines/vault.ts"
import { after, makeAlarm, now as readClocks, type Time } from "../host/alarm.ts"
import { begin, type Decision, type Snapshot, step } from "../host/step.ts"
import type { Transition } from "../host/transition.ts"
import type { NotOpened } from "./refusals.ts"

/** Where the vault stands. */
export type VaultState = "uninitialised" | "locked" | "unlocking" | "delayed" | "open" | "locking"

/** The machine as it stands. */
export interface KeeperView {
  readonly state: VaultState
  readonly wrong: number
  /** When the next try may be made, in milliseconds of the wall clock; while `delayed` only. */
  readonly retryAt?: number
}

export interface KeeperOptions {
  readonly input: VaultInput
  /** What the command does; the events are what came of it. */
  readonly closeAll: Effect.Effect<void>
  readonly changed: (view: KeeperView) => void
  readonly inspected: (transition: Transition, at: number) => void
}

/** What came of a try: an event for the machine, and an answer for whoever asked. */
export interface Tried {
  readonly event: VaultEvent
  readonly exit: Exit.Exit<void, NotOpened>
}

export interface Keeper {
  readonly view: () => KeeperView
  readonly tell: (event: VaultEvent) => Effect.Effect<void>
  /** Asks the machine for a try, and makes it if it agrees. Answers with what came of it; undefined: not tried. */
  readonly unlock: (attempt: Effect.Effect<Tried>) => Effect.Effect<Tried | undefined>
}

interface Armed {
  readonly due: number
  readonly delay: number
  readonly event: EventObject
}

export const makeKeeper = Effect.fnUntraced(function* (
  options: KeeperOptions,
): Effect.fn.Return<Keeper, never, Scope.Scope> {
  const scope = yield* Effect.scope
  let snapshot: Snapshot
  const timers = new Map<string, Armed>()
  let attempt: Effect.Effect<Tried> | undefined
  let tried: Tried | undefined

  const services = yield* Effect.context<never>()
  const alarm = yield* makeAlarm(() => void Effect.runForkWith(services)(Effect.forkIn(ring, scope)))

  const view = (): KeeperView => {
    const { wait, wrong } = snapshot.context as VaultContext
    const state = snapshot.value as VaultState
    const [armed] = state === "delayed" ? timers.values() : []
    return { state, wrong, ...(armed !== undefined && wait > 0 && { retryAt: armed.due }) }
  }

  const setAlarm = Effect.fnUntraced(function* (time: Time) {
    for (const { due } of timers.values()) yield* alarm.set(after(time, due - time.wall))
  })

  const perform = (type: string): Effect.Effect<VaultEvent> => {
    if (type === "closeAll") return Effect.as(options.closeAll, { type: "Locked" })
    const trying = attempt ?? Effect.succeed<Tried>({ event: { type: "UnlockFailed" }, exit: Exit.void })
    return Effect.map(trying, (made) => {
      tried = made
      return made.event
    })
  }

  const adopt = Effect.fnUntraced(function* (event: string, from: Snapshot | undefined, decision: Decision) {
    const time = yield* readClocks
    const now = time.wall
    for (const change of decision.timers) {
      if (change.do === "cancel") timers.delete(change.id)
      else timers.set(change.id, { due: now + change.delay, delay: change.delay, event: change.event })
    }
    snapshot = decision.snapshot
    const commands = decision.commands.map(({ type }) => type)
    const { context, value: to } = snapshot
    const transition = { machine: "vault", id: "vault/own", event, from: from?.value, to, commands, context }
    options.inspected(transition, now)
    options.changed(view())
    yield* setAlarm(time)
    for (const type of commands) yield* happen(yield* perform(type))
  })

  const happen = (event: EventObject): Effect.Effect<void> =>
    Effect.suspend(() => {
      const decision = step(vaultMachine, snapshot, event)
      // A state that is entered again for its timer alone is the same snapshot.
      if (decision.snapshot === snapshot && decision.timers.length === 0) return Effect.void
      return adopt(event.type, snapshot, decision)
    })

  const oneAtATime = Semaphore.makeUnsafe(1).withPermit
  const tell = (event: VaultEvent) => oneAtATime(happen(event))

  const ring = oneAtATime(
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      for (const [id, armed] of [...timers]) {
        const { delay, due, event } = armed
        // Farther off than it ever was: the clock was set back. It counts anew, once.
        if (due > now + delay) timers.set(id, { ...armed, due: now + delay })
        if (due > now || !timers.has(id)) continue
        timers.delete(id)
        yield* happen(event)
      }
      yield* setAlarm(yield* readClocks)
    }),
  )

  yield* adopt("start", undefined, begin(vaultMachine, options.input))
  return {
    view,
    tell,
    unlock: (trying) =>
      oneAtATime(
        Effect.gen(function* () {
          attempt = trying
          tried = undefined
          // Whoever asked may go away while a person is being asked.
          yield* Effect.onInterrupt(happen({ type: "UnlockAsked" }), () => happen({ type: "UnlockFailed" }))
          attempt = undefined
          return tried
        }),
      ),
  }
})
