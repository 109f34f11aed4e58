/**
 * What a machine's author wrote, compiled: guards and actions as functions of the step under way, instead of descriptions that are
 * interpreted at every step. What XState's interpreter would do of it is what is done here, and a test holds the two together.
 * Docs: architecture.md, "One pipeline".
 */
import { type AnyStateMachine, and, type EventObject, not, or, type StateValue, stateIn } from "xstate"
import { type Command, kindOf } from "./command.ts"

/** What a transition wants done to the instance's timers, in order: `after` states arm on entry and cancel on exit. */
export type TimerChange =
  | { readonly do: "arm"; readonly id: string; readonly delay: number; readonly event: EventObject }
  | { readonly do: "cancel"; readonly id: string }

/** One step under way. */
export interface Run {
  context: unknown
  event: EventObject
  readonly commands: Array<Command>
  readonly timers: Array<TimerChange>
  /** What the machine says to itself; decided before the step is over. */
  readonly raised: Array<EventObject>
}

export type Act = (run: Run) => void
/** `at`: which states are active. */
export type Guard = (run: Run, at: StateValue) => boolean

/** A state of a machine, as XState holds it. */
export interface Node {
  readonly id: string
  readonly key: string
  readonly order: number
  readonly type: "atomic" | "compound" | "parallel" | "final" | "history"
  readonly parent: Node | undefined
  readonly states: Readonly<Record<string, Node>>
  readonly initial: { readonly target: ReadonlyArray<Node>; readonly actions: ReadonlyArray<unknown> } | undefined
  readonly entry: ReadonlyArray<unknown>
  readonly exit: ReadonlyArray<unknown>
  readonly invoke: ReadonlyArray<unknown>
  readonly output: unknown
  readonly transitions: ReadonlyMap<string, ReadonlyArray<Written>>
  readonly always: ReadonlyArray<Written> | undefined
}

/** A transition, as XState holds it. */
export interface Written {
  readonly source: Node
  readonly target: ReadonlyArray<Node> | undefined
  readonly reenter: boolean
  readonly guard: unknown
  readonly actions: ReadonlyArray<unknown>
}

/** A transition, compiled. */
export interface Edge {
  readonly source: Node
  readonly target: ReadonlyArray<Node>
  readonly reenter: boolean
  readonly guard: Guard | undefined
  readonly acts: ReadonlyArray<Act>
}

/** Something in `actions`, `guards` or `delays`: a value, or a function of the step and of what was declared with it. */
type Computed = (args: Args, params?: unknown) => unknown
interface Args {
  readonly context: unknown
  readonly event: EventObject
}
type Named = { readonly type: string; readonly params?: unknown }

const argsOf = ({ context, event }: Run): Args => ({ context, event })

/** Params, a delay, a value of the context: computed from the step, or as it stands. */
const valueOf = (written: unknown): ((run: Run) => unknown) =>
  typeof written === "function" ? (run) => (written as Computed)(argsOf(run)) : () => written

const nameOf = (written: unknown): string => (typeof written === "string" ? written : (written as Named).type)
const paramsOf = (written: unknown): ((run: Run) => unknown) =>
  typeof written === "string" ? () => undefined : valueOf((written as Named).params)

interface Builtin extends Computed {
  readonly type?: string
  readonly assignment?: unknown
  readonly event?: unknown
  readonly id?: string
  readonly delay?: unknown
  readonly sendId?: string
  readonly check?: unknown
  readonly guards?: ReadonlyArray<unknown>
  readonly stateValue?: StateValue
}

/** XState's own guards, by what they are checked with: their names do not survive a bundler. */
const checkOf = (guard: unknown): unknown => (guard as Builtin).check
const AND = checkOf(and([]))
const OR = checkOf(or([]))
const NOT = checkOf(not(() => true))
const IN = checkOf(stateIn(""))

export const compileAct = (machine: AnyStateMachine, written: unknown): Act => {
  if (typeof written === "function") return builtin(machine, written as Builtin, () => undefined, written.name)
  const [name, params] = [nameOf(written), paramsOf(written)]
  const known: unknown = machine.implementations.actions[name]
  if (typeof known === "function" && "type" in known) return builtin(machine, known as Builtin, params, name)
  return command(name, known, params)
}

const command = (type: string, exec: unknown, params: (run: Run) => unknown): Act => {
  const kind = kindOf(exec)
  return (run) => {
    if (kind === undefined)
      throw new TypeError(`"${type}" is neither prepare nor perform: machines hold no other action`)
    run.commands.push({ kind, type, params: params(run) })
  }
}

const builtin = (machine: AnyStateMachine, act: Builtin, params: (run: Run) => unknown, name: string): Act => {
  switch (act.type) {
    case "xstate.assign":
      return assigning(act.assignment, params)
    case "xstate.raise":
      return raising(machine, act, params)
    case "xstate.cancel":
      return ({ timers }) => void timers.push({ do: "cancel", id: act.sendId! })
    default:
      return command(name, act, params)
  }
}

const assigning = (assignment: unknown, params: (run: Run) => unknown): Act => {
  if (typeof assignment === "function") {
    return (run) => {
      run.context = { ...(run.context as object), ...((assignment as Computed)(argsOf(run), params(run)) as object) }
    }
  }
  const changes = Object.entries(assignment as Readonly<Record<string, unknown>>)
  return (run) => {
    const args = argsOf(run)
    const declared = params(run)
    const next: Record<string, unknown> = { ...(run.context as object) }
    for (const [key, value] of changes)
      next[key] = typeof value === "function" ? (value as Computed)(args, declared) : value
    run.context = next
  }
}

/** With a delay it is a timer; without one it is decided in this step. */
const raising = (machine: AnyStateMachine, { delay, event, id }: Builtin, params: (run: Run) => unknown): Act => {
  const written = typeof delay === "string" ? (machine.implementations.delays[delay] as unknown) : delay
  return (run) => {
    const [args, declared] = [argsOf(run), params(run)]
    const what = (typeof event === "function" ? (event as Computed)(args, declared) : event) as EventObject
    const after = typeof written === "function" ? (written as Computed)(args, declared) : written
    if (typeof after !== "number") run.raised.push(what)
    else if (id === undefined) throw new TypeError(`the delayed event "${what.type}" has no id; use "after"`)
    else run.timers.push({ do: "arm", id, delay: after, event: what })
  }
}

export const compileGuard = (machine: AnyStateMachine, written: unknown): Guard => {
  if (typeof written !== "function") {
    const [name, params] = [nameOf(written), paramsOf(written)]
    const known: unknown = machine.implementations.guards[name]
    if (known === undefined) throw new TypeError(`the guard "${name}" is nowhere`)
    if (typeof known === "function" && !("check" in known)) {
      return (run) => Boolean((known as Computed)(argsOf(run), params(run)))
    }
    return compileGuard(machine, known)
  }
  if (!("check" in written)) return (run) => Boolean((written as unknown as Computed)(argsOf(run)))
  const { check, guards = [], stateValue = "" } = written as unknown as Builtin
  const all = guards.map((guard) => compileGuard(machine, guard))
  switch (check) {
    case AND:
      return (run, at) => all.every((guard) => guard(run, at))
    case OR:
      return (run, at) => all.some((guard) => guard(run, at))
    case NOT:
      return (run, at) => !all[0]!(run, at)
    case IN:
      if (typeof stateValue === "string" && /[#.]/.test(stateValue)) throw new TypeError("stateIn: say it as an object")
      return (_, at) => isWithin(stateValue, at)
    default:
      throw new TypeError("a guard that is none of ours")
  }
}

/** Whether `whole` is `part`, or a state inside it. */
const isWithin = (part: StateValue | undefined, whole: StateValue | undefined): boolean => {
  if (part === undefined || whole === undefined) return false
  if (typeof part === "string") return part === whole || (typeof whole === "object" && part in whole)
  if (typeof whole === "string") return false
  return Object.keys(part).every((key) => key in whole && isWithin(part[key], whole[key]))
}
