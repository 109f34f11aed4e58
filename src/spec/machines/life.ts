/**
 * The life of one machine, pure: events from outside in any order, timers that ring only while they are armed, and answers
 * to its commands as a host gives them, before anything else happens. Docs: architecture.md, "One pipeline".
 */
import fc from "fast-check"
import type { AnyStateMachine, EventObject, StateValue } from "xstate"
import type { Command } from "../../core/host/command.ts"
import { begin, type Decision, type Snapshot, step, type TimerChange } from "../../core/host/step.ts"

/** One step: what happened, and what the machine made of it; perhaps nothing. */
export interface Step {
  /** `start` for the first. */
  readonly event: EventObject
  readonly from: StateValue | undefined
  readonly to: StateValue
  readonly before: unknown
  /** The context afterwards. */
  readonly context: unknown
  readonly commands: ReadonlyArray<Command>
  /** Whether the machine has come to its end. */
  readonly isOver: boolean
}

/** Something from outside: an event, or the ring of one of the timers that are armed, modulo their number. */
export type Happening<E extends EventObject> = { readonly tell: E } | { readonly ring: number }

export const happenings = <E extends EventObject>(
  events: fc.Arbitrary<E>,
  maxLength = 60,
): fc.Arbitrary<ReadonlyArray<Happening<E>>> =>
  fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ tell: events }) },
      { weight: 1, arbitrary: fc.record({ ring: fc.noBias(fc.nat(7)) }) },
    ),
    { maxLength, size: "max" },
  )

/** What a host answers to a command, as events for the machine. `choice` decides where a handler would. */
export type Answers = (command: Command, choice: () => number) => ReadonlyArray<EventObject>

type Armed = ReadonlyArray<Extract<TimerChange, { readonly do: "arm" }>>

const armed = (before: Armed, changes: ReadonlyArray<TimerChange>): Armed => {
  let timers = before
  for (const change of changes) {
    timers = timers.filter(({ id }) => id !== change.id)
    if (change.do === "arm") timers = [...timers, change]
  }
  return timers
}

/** More answers than this to one event: the machine and its host run in a circle. */
const MAX_ANSWERS = 2_000

export interface Host {
  readonly answers?: Answers
  /** What `choice` answers, one after the other and again from the first. */
  readonly choices?: ReadonlyArray<number>
  /** Whether an event can come from outside now; one that cannot is left out. Default: any can. */
  readonly isPossible?: (event: EventObject, context: unknown) => boolean
}

/** Lives a life and tells every step of it. What happens to a machine that is over is not told. */
export const live = <E extends EventObject>(
  machine: AnyStateMachine,
  input: unknown,
  happened: ReadonlyArray<Happening<E>>,
  host: Host = {},
): ReadonlyArray<Step> => {
  const { answers = () => [], choices = [], isPossible = () => true } = host
  const steps: Array<Step> = []
  let snapshot: Snapshot | undefined
  let timers: Armed = []
  let chosen = 0
  const choice = () => choices[chosen++ % Math.max(1, choices.length)] ?? 0

  const settle = (event: EventObject, decide: () => Decision) => {
    const pending: Array<readonly [EventObject, () => Decision]> = [[event, decide]]
    for (let count = 0; pending.length > 0; count++) {
      if (count > MAX_ANSWERS) throw new RangeError("an event does not settle")
      const [what, next] = pending.shift()!
      const from = snapshot
      const decision = next()
      snapshot = decision.snapshot
      timers = snapshot.status === "active" ? armed(timers, decision.timers) : []
      steps.push({
        event: what,
        from: from?.value,
        to: snapshot.value,
        before: from?.context,
        context: snapshot.context,
        commands: decision.commands,
        isOver: snapshot.status !== "active",
      })
      if (snapshot.status !== "active") return
      for (const command of decision.commands) {
        for (const answer of answers(command, choice)) {
          pending.push([answer, () => step(machine, snapshot!, answer)])
        }
      }
    }
  }

  settle({ type: "start" }, () => begin(machine, input))
  for (const happening of happened) {
    if (snapshot?.status !== "active") break
    if ("tell" in happening) {
      if (!isPossible(happening.tell, snapshot.context)) continue
      settle(happening.tell, () => step(machine, snapshot!, happening.tell))
    } else if (timers.length > 0) {
      const timer = timers[happening.ring % timers.length]!
      timers = timers.filter((other) => other !== timer)
      settle(timer.event, () => step(machine, snapshot!, timer.event))
    }
  }
  return steps
}

/** The commands of a life in order, each with the number of its step. */
export const commandsIn = (
  steps: ReadonlyArray<Step>,
  type?: string,
): ReadonlyArray<{ readonly at: number; readonly type: string; readonly params: never }> =>
  steps.flatMap(({ commands }, at) =>
    commands
      .filter((command) => type === undefined || command.type === type)
      .map((command) => ({ at, type: command.type, params: command.params as never })),
  )

/** A state's name without its nesting: `{ linked: { open: "quiet" } }` ─▶ `linked.open.quiet`; of parallel ones, each. */
export const namesOf = (state: StateValue): ReadonlyArray<string> =>
  typeof state === "string"
    ? [state]
    : Object.entries(state).flatMap(([name, inner]) =>
        inner === undefined ? [name] : namesOf(inner).map((path) => `${name}.${path}`),
      )

export const isIn = (state: StateValue | undefined, name: string): boolean =>
  state !== undefined && namesOf(state).some((path) => path === name || path.startsWith(`${name}.`))

/** Every state that has no states inside, by name; final ones marked. */
export const leavesOf = (machine: AnyStateMachine): ReadonlyMap<string, { readonly final: boolean }> => {
  const leaves = new Map<string, { readonly final: boolean }>()
  const visit = (node: AnyStateMachine["root"]): void => {
    const inner = Object.values(node.states)
    if (inner.length === 0) leaves.set(node.path.join("."), { final: node.type === "final" })
    for (const one of inner) visit(one)
  }
  visit(machine.root)
  return leaves
}

/** The events of the timers that a machine may arm, as they come when they ring. */
export const timerEventsOf = (machine: AnyStateMachine): ReadonlyArray<EventObject> =>
  machine.events.filter((type) => type.startsWith("xstate.after.")).map((type) => ({ type }))

/** Whether a context is plain: it survives JSON, and holds no bytes and no long texts. */
export const isPlain = (value: unknown, maxText = 64): boolean => {
  if (value === null || typeof value === "boolean") return true
  if (typeof value === "number") return Number.isFinite(value)
  if (typeof value === "string") return value.length <= maxText
  if (Array.isArray(value)) return value.every((one) => isPlain(one, maxText))
  if (typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype) return false
  return Object.entries(value).every(([name, one]) => isPlain(name, maxText) && isPlain(one, maxText))
}
