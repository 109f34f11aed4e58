/**
 * A statechart as the host runs it. Which states are active at a time is a *configuration*; what is left, entered and done on a
 * transition follows from the configuration alone, and is worked out when it is first met. XState does so at every step, and makes
 * a new snapshot for every assignment: ten to thirty times the cost. Docs: architecture.md, "One pipeline"; SCXML, appendix D.
 */
import type { AnyStateMachine, EventObject, StateValue } from "xstate"
import {
  activate,
  ancestors,
  byOrder,
  complete,
  completed,
  descendants,
  enter,
  isFinal,
  isInside,
  leftBy,
  valueOf,
} from "./chart-structure.ts"
import { type Act, compileAct, compileGuard, type Edge, type Node, type Run, type Written } from "./compiled.ts"

/** States that are active together. */
export interface Configuration {
  /** Frozen, and one object for each configuration. */
  readonly value: StateValue
  /** Whether the machine has come to its end. */
  readonly isOver: boolean
  /** In the order of the document. */
  readonly nodes: ReadonlyArray<Node>
  /** From each active state without inner ones outwards: the transitions that need no event. */
  readonly always: ReadonlyArray<ReadonlyArray<Edge>>
  readonly choices: Map<string, Choice | undefined>
  readonly moves: Map<Edge, Move>
}

/** Transitions of a state for an event, and those of its active inner states, which go before them. */
interface Choice {
  readonly own: ReadonlyArray<Edge>
  readonly inner: ReadonlyArray<Choice>
}

/** What a transition comes to in a configuration. */
interface Move {
  readonly acts: ReadonlyArray<Act>
  readonly next: Configuration
}

/** More than this without an event is a circle. A full window of early messages is shown in one step. */
const MAX_EVENTLESS = 100_000

/** In `on`: whatever else happens. */
const ANY = "*"

const charts = new WeakMap<AnyStateMachine, Chart>()

/** A machine's chart; one for its life. */
export const chartOf = (machine: AnyStateMachine): Chart => {
  const known = charts.get(machine)
  if (known !== undefined) return known
  const chart = new Chart(machine)
  charts.set(machine, chart)
  return chart
}

export class Chart {
  private readonly machine: AnyStateMachine
  private readonly root: Node
  private readonly edges = new Map<Written, Edge>()
  private readonly acts = new Map<unknown, Act>()
  private readonly bySet = new Map<string, Configuration>()
  private readonly byName = new Map<string, Configuration>()
  private readonly byValue = new WeakMap<object, Configuration>()
  private beginning: Move | undefined

  constructor(machine: AnyStateMachine) {
    this.machine = machine
    this.root = machine.root as unknown as Node
    for (const node of descendants(this.root)) {
      const { initial, invoke, output, transitions, type } = node
      const wild = [...transitions.keys()].some((event) => event !== ANY && event.includes(ANY))
      if (type === "history" || invoke.length > 0 || output !== undefined || wild || (initial?.actions.length ?? 0) > 0)
        throw new TypeError(`"${node.id}": machines hold no history, no actors, no output, no patterns`)
    }
  }

  /** The configuration that a state value names, which may leave out what is entered by default. Throws for one that is not. */
  at(value: StateValue): Configuration {
    const known = typeof value === "string" ? this.byName.get(value) : this.byValue.get(value)
    if (known !== undefined) return known
    const active = new Set<Node>([this.root])
    activate(this.root, value, active)
    const found = this.configuration(active)
    if (typeof value === "string") this.byName.set(value, found)
    else this.byValue.set(value, found)
    return found
  }

  /** Into the first configuration. */
  begin(run: Run): Configuration {
    if (this.beginning === undefined) {
      const active = new Set<Node>()
      const entered = complete(this.root, new Set([this.root]))
      this.beginning = this.arrive([], active, entered)
    }
    return this.settle(perform(this.beginning, run), run)
  }

  /** The configuration after an event: itself, if the event is not handled and nothing else is enabled. */
  take(from: Configuration, run: Run): Configuration {
    if (from.isOver) return from
    return this.settle(this.react(from, run), run)
  }

  private react(from: Configuration, run: Run): Configuration {
    const { type } = run.event
    let choice = from.choices.get(type)
    if (choice === undefined && !from.choices.has(type)) {
      choice = this.choice(this.root, from, type)
      from.choices.set(type, choice)
    }
    if (choice === undefined) return from
    return this.move(from, chosen(choice, run, from), run)
  }

  /** Until nothing is enabled any more: transitions without an event first, then what the machine has said to itself. */
  private settle(from: Configuration, run: Run): Configuration {
    let at = from
    for (let steps = 0; !at.isOver; steps++) {
      if (steps > MAX_EVENTLESS) throw new RangeError("transitions without an event run in a circle")
      const enabled = eventless(at, run)
      if (enabled.length > 0) {
        at = this.move(at, enabled, run)
        continue
      }
      const raised: EventObject | undefined = run.raised.shift()
      if (raised === undefined) return at
      run.event = raised
      at = this.react(at, run)
    }
    return at
  }

  private move(from: Configuration, enabled: ReadonlyArray<Edge>, run: Run): Configuration {
    const [first, ...more] = enabled
    if (first === undefined) return from
    if (more.length > 0) return perform(this.follow(from, withoutConflicts(enabled, from)), run)
    let move = from.moves.get(first)
    if (move === undefined) {
      move = this.follow(from, [first])
      from.moves.set(first, move)
    }
    return perform(move, run)
  }

  /** What is left (the innermost first), then the transitions' own actions, then what is entered (the outermost first). */
  private follow(from: Configuration, edges: ReadonlyArray<Edge>): Move {
    const left = new Set(edges.flatMap((edge) => leftBy(edge, from.nodes)))
    const acts = from.nodes.filter((node) => left.has(node)).toReversed()
    const entered = new Set<Node>()
    for (const edge of edges) enter(edge, entered)
    const staying = new Set(from.nodes.filter((node) => !left.has(node)))
    const exits = acts.flatMap(({ exit }) => exit.map((act) => this.act(act)))
    return this.arrive([...exits, ...edges.flatMap((edge) => edge.acts)], staying, entered)
  }

  private arrive(before: ReadonlyArray<Act>, staying: Set<Node>, entered: ReadonlySet<Node>): Move {
    const acts = [...before]
    const active = staying
    const told = new Set<Node>()
    for (const node of [...entered].sort(byOrder)) {
      active.add(node)
      acts.push(...node.entry.map((act) => this.act(act)))
      if (node.type === "final") for (const done of completed(node, active, told)) acts.push(raiseDone(done))
    }
    const next = this.configuration(active)
    if (next.isOver) acts.push(...next.nodes.toReversed().flatMap(({ exit }) => exit.map((act) => this.act(act))))
    return { acts, next }
  }

  private configuration(active: ReadonlySet<Node>): Configuration {
    const nodes = [...active].sort(byOrder)
    const name = nodes.map(({ order }) => order).join()
    const known = this.bySet.get(name)
    if (known !== undefined) return known
    const leaves = nodes.filter(({ type }) => type === "atomic" || type === "final")
    const made: Configuration = {
      value: valueOf(this.root, active),
      isOver: isFinal(this.root, active),
      nodes,
      always: leaves
        .map((leaf) => [leaf, ...ancestors(leaf)].flatMap(({ always }) => (always ?? []).map((one) => this.edge(one))))
        .filter((edges) => edges.length > 0),
      choices: new Map(),
      moves: new Map(),
    }
    this.bySet.set(name, made)
    if (typeof made.value === "string") this.byName.set(made.value, made)
    else this.byValue.set(made.value, made)
    return made
  }

  private choice(node: Node, at: Configuration, event: string): Choice | undefined {
    const written = [...(node.transitions.get(event) ?? []), ...(node.transitions.get(ANY) ?? [])]
    const own = written.map((one) => this.edge(one))
    const inner = Object.values(node.states)
      .filter((child) => at.nodes.includes(child))
      .flatMap((child) => this.choice(child, at, event) ?? [])
    return own.length === 0 && inner.length === 0 ? undefined : { own, inner }
  }

  private edge(written: Written): Edge {
    const known = this.edges.get(written)
    if (known !== undefined) return known
    const { actions, guard, reenter, source, target } = written
    const edge = {
      source,
      target: target ?? [],
      reenter,
      guard: guard === undefined ? undefined : compileGuard(this.machine, guard),
      acts: actions.map((act) => this.act(act)),
    }
    this.edges.set(written, edge)
    return edge
  }

  private act(written: unknown): Act {
    const known = this.acts.get(written)
    if (known !== undefined) return known
    const act = compileAct(this.machine, written)
    this.acts.set(written, act)
    return act
  }
}

const perform = ({ acts, next }: Move, run: Run): Configuration => {
  for (const act of acts) act(run)
  return next
}

const isOpen = ({ guard }: Edge, run: Run, at: Configuration): boolean => guard === undefined || guard(run, at.value)

/** Of each region its innermost transition that is open; a state's own where its inner ones have none. */
const chosen = ({ inner, own }: Choice, run: Run, at: Configuration): ReadonlyArray<Edge> => {
  const within = inner.length === 1 ? chosen(inner[0]!, run, at) : inner.flatMap((choice) => chosen(choice, run, at))
  if (within.length > 0) return within
  const first = own.find((edge) => isOpen(edge, run, at))
  return first === undefined ? NONE : [first]
}

const eventless = (at: Configuration, run: Run): ReadonlyArray<Edge> => {
  if (at.always.length === 0) return NONE
  const enabled = new Set<Edge>()
  for (const edges of at.always) {
    const first = edges.find((edge) => isOpen(edge, run, at))
    if (first !== undefined) enabled.add(first)
  }
  return enabled.size === 0 ? NONE : [...enabled]
}

/** Of two that leave the same state the inner one stands, or else the first. */
const withoutConflicts = (edges: ReadonlyArray<Edge>, from: Configuration): ReadonlyArray<Edge> => {
  let standing: ReadonlyArray<Edge> = []
  for (const edge of edges) {
    const left = new Set(leftBy(edge, from.nodes))
    const rivals = standing.filter((other) => leftBy(other, from.nodes).some((node) => left.has(node)))
    if (rivals.some(({ source }) => !isInside(edge.source, source))) continue
    standing = [...standing.filter((other) => !rivals.includes(other)), edge]
  }
  return standing
}

const NONE: ReadonlyArray<never> = []

const raiseDone =
  ({ id }: Node): Act =>
  ({ raised }) =>
    void raised.push({ type: `xstate.done.state.${id}` })
