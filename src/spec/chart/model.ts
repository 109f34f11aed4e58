/**
 * A statechart as a plain model: what a drawing, a table or a stepper shows of a machine, read from the machine itself, so
 * that no picture can differ from what runs. Docs: architecture.md, "Machines".
 */
import type { AnyStateMachine, AnyStateNode } from "xstate"
import { kindOf } from "../../core/host/command.ts"

/** One state, with those inside it. */
export interface ChartState {
  /** Keys from below the root, joined with dots; empty for the root. */
  readonly path: string
  /** Its own name. */
  readonly key: string
  /** As XState has it. */
  readonly kind: "atomic" | "compound" | "parallel" | "final" | "history"
  /** What it means to be in it, in a sentence. */
  readonly description: string | undefined
  /** Names of commands and of named changes to the context. */
  readonly entry: ReadonlyArray<string>
  /** Names of commands and of named changes to the context. */
  readonly exit: ReadonlyArray<string>
  /** Path of the state that it begins in. */
  readonly initial: string | undefined
  /** In the order of the file. */
  readonly children: ReadonlyArray<ChartState>
}

/** One transition: an event's, a timer's, or one that is taken at once. */
export interface ChartRule {
  /** Unique in the machine, and the same for every reading of it. */
  readonly id: string
  /** Path of the state that has it. */
  readonly from: string
  /** Undefined: it stays where it is, and only acts. */
  readonly to: string | undefined
  /** What sets it off. */
  readonly kind: "event" | "after" | "always" | "done"
  /** The event's type, the delay's name, or empty for one that is taken at once. */
  readonly event: string
  /** Of a delay, in milliseconds, where it does not depend on the context. */
  readonly delay: number | undefined
  /** The condition's name, if there is one. */
  readonly guard: string | undefined
  /** Names of commands and of named changes to the context. */
  readonly actions: ReadonlyArray<string>
  /** What it means, where the machine says so. */
  readonly description: string | undefined
}

/** A machine as data. */
export interface Chart {
  /** The machine's. */
  readonly id: string
  /** Its states, from the outermost. */
  readonly root: ChartState
  /** Its transitions, in the order of the file. */
  readonly rules: ReadonlyArray<ChartRule>
  /** The commands that the machine declares, each with its kind. */
  readonly commands: ReadonlyArray<{ readonly name: string; readonly kind: "prepare" | "perform" }>
}

const AFTER = "xstate.after."
const DONE = "xstate.done."

/** Reads a machine. The same chart for every reading. */
export const chartOf = (machine: AnyStateMachine): Chart => {
  const rules: Array<ChartRule> = []
  const { actions = {}, delays = {} } = machine.implementations as {
    readonly actions?: Readonly<Record<string, unknown>>
    readonly delays?: Readonly<Record<string, unknown>>
  }
  const pathOf = (node: AnyStateNode): string => node.path.join(".")

  const visit = (node: AnyStateNode): ChartState => {
    for (const transition of [...[...node.transitions.values()].flat(), ...(node.always ?? [])]) {
      const { event, kind } = readEvent(transition.eventType, node.id)
      const delay = kind === "after" ? (/^\d+$/.test(event) ? Number(event) : delays[event]) : undefined
      rules.push({
        id: `r${rules.length}`,
        from: pathOf(node),
        to: transition.target?.[0] === undefined ? undefined : pathOf(transition.target[0]),
        kind,
        event,
        delay: typeof delay === "number" ? delay : undefined,
        guard: transition.guard === undefined ? undefined : nameOf(transition.guard),
        actions: namesOf(transition.actions),
        description: transition.description,
      })
    }
    const children = Object.values(node.states) as ReadonlyArray<AnyStateNode>
    const [initial] = node.initial?.target ?? []
    return {
      path: pathOf(node),
      key: node.key,
      kind: node.type,
      description: node.description,
      entry: namesOf(node.entry),
      exit: namesOf(node.exit),
      initial: node.type === "compound" && initial !== undefined ? pathOf(initial) : undefined,
      children: [...children].sort((a, b) => a.order - b.order).map(visit),
    }
  }

  const root = visit(machine.root)
  const commands = Object.entries(actions).flatMap(([name, exec]) => {
    const kind = kindOf(exec)
    return kind === undefined ? [] : [{ name, kind }]
  })
  return { id: machine.id, root, rules, commands }
}

/** All states but the root, in the order of the file. */
export const statesOf = ({ root }: Chart): ReadonlyArray<ChartState> => {
  const below = (state: ChartState): ReadonlyArray<ChartState> =>
    state.children.flatMap((child) => [child, ...below(child)])
  return below(root)
}

const readEvent = (type: string, id: string): Pick<ChartRule, "event" | "kind"> => {
  if (type === "") return { event: "", kind: "always" }
  if (type.startsWith(AFTER)) return { event: type.slice(AFTER.length, -(id.length + 1)), kind: "after" }
  return type.startsWith(DONE) ? { event: "", kind: "done" } : { event: type, kind: "event" }
}

/** XState's own actions (`assign`, and what `after` arms and cancels) are functions: they have no name to show. */
const namesOf = (actions: ReadonlyArray<unknown>): ReadonlyArray<string> =>
  actions.filter((action) => typeof action !== "function").map(nameOf)

const nameOf = (named: unknown): string => {
  if (typeof named === "string") return named
  return typeof named === "object" && named !== null && "type" in named ? String(named.type) : "inline"
}
