/**
 * What follows from a statechart's drawing alone: which states a transition leaves and enters, what is entered by default, when a
 * state is done. SCXML, appendix D.
 */
import type { StateValue } from "xstate"
import type { Edge, Node } from "./compiled.ts"

export const byOrder = (a: Node, b: Node): number => a.order - b.order

/** From the parent outwards. */
export const ancestors = ({ parent }: Node): ReadonlyArray<Node> =>
  parent === undefined ? [] : [parent, ...ancestors(parent)]

export const descendants = (node: Node): ReadonlyArray<Node> => [
  node,
  ...Object.values(node.states).flatMap(descendants),
]

export const isInside = (node: Node, outer: Node): boolean => ancestors(node).includes(outer)

/** The state within which everything is left and entered; undefined: the whole machine begins anew. */
const domainOf = ({ reenter, source, target }: Edge): Node | undefined => {
  if (!reenter && target.every((one) => one === source || isInside(one, source))) return source
  const [first, ...others] = [...target, source]
  const common = ancestors(first!).find((outer) => others.every((one) => isInside(one, outer)))
  if (common !== undefined || reenter) return common
  return ancestors(source).at(-1) ?? source
}

export const leftBy = (edge: Edge, nodes: ReadonlyArray<Node>): ReadonlyArray<Node> => {
  if (edge.target.length === 0) return []
  const domain = domainOf(edge)
  return domain === undefined ? nodes : nodes.filter((node) => isInside(node, domain))
}

/** Adds what a transition enters: its targets, what lies between them and its domain, and what is entered by default with either. */
export const enter = (edge: Edge, entered: Set<Node>): void => {
  const domain = domainOf(edge)
  for (const target of edge.target) {
    // A state's transition to itself, that does not leave it, enters only what is inside.
    if (target !== edge.source || target !== domain || edge.reenter) entered.add(target)
    complete(target, entered)
  }
  for (const target of edge.target) {
    for (const outer of ancestors(target)) {
      if (domain !== undefined && !isInside(outer, domain)) {
        if (outer === domain && outer.type === "parallel") complete(outer, entered)
        break
      }
      entered.add(outer)
      if (outer.type === "parallel") complete(outer, entered)
    }
  }
}

/** Adds what is active whenever the node is: its initial state, or all of its regions that are not entered otherwise. */
export const complete = (node: Node, entered: Set<Node>): Set<Node> => {
  const inner =
    node.type === "compound"
      ? node.initial!.target
      : node.type === "parallel"
        ? Object.values(node.states).filter((child) => ![...entered].some((other) => isInside(other, child)))
        : []
  for (const child of inner) {
    entered.add(child)
    complete(child, entered)
  }
  return entered
}

/** As `complete`, along what a state value says. */
export const activate = (node: Node, value: StateValue | undefined, active: Set<Node>): void => {
  const said = typeof value === "string" ? { [value]: undefined } : (value ?? {})
  const [unknown] = Object.keys(said).filter((key) => !Object.hasOwn(node.states, key))
  if (unknown !== undefined) throw new TypeError(`there is no state "${unknown}" in "${node.id}"`)
  const keys =
    node.type === "parallel"
      ? Object.keys(node.states)
      : node.type === "compound"
        ? [Object.keys(said)[0] ?? node.initial!.target[0]!.key]
        : []
  for (const key of keys) {
    active.add(node.states[key]!)
    activate(node.states[key]!, (said as Readonly<Record<string, StateValue | undefined>>)[key], active)
  }
}

export const valueOf = (node: Node, active: ReadonlySet<Node>): StateValue => {
  const inner = Object.values(node.states).filter((child) => active.has(child))
  const [only] = inner
  if (node.type === "compound" && only !== undefined && Object.keys(only.states).length === 0) return only.key
  return Object.freeze(Object.fromEntries(inner.map((child) => [child.key, valueOf(child, active)])))
}

export const isFinal = (node: Node, active: ReadonlySet<Node>): boolean => {
  const inner = Object.values(node.states)
  if (node.type === "compound") return inner.some((child) => child.type === "final" && active.has(child))
  if (node.type === "parallel") return inner.every((child) => isFinal(child, active))
  return node.type === "final"
}

/** What is done now that a final state was entered: its parent, and whatever has all of its regions done by that. */
export const completed = (node: Node, active: ReadonlySet<Node>, told: Set<Node>): ReadonlyArray<Node> => {
  const { parent } = node
  const done: Array<Node> = parent?.type === "compound" ? [parent] : []
  let outer = parent?.type === "parallel" ? parent : parent?.parent
  while (outer?.type === "parallel" && !told.has(outer) && isFinal(outer, active)) {
    told.add(outer)
    done.push(outer)
    outer = outer.parent
  }
  return done
}
