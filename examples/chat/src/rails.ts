/** Where a machine can go from where it stands: read from the statechart itself, so that it cannot be out of date. */

/** As much of XState's state node as is needed here. */
export interface Node {
  readonly key: string
  readonly states: Readonly<Record<string, Node>>
  readonly transitions: ReadonlyMap<string, ReadonlyArray<{ readonly target?: ReadonlyArray<Node> | undefined }>>
}

/** What `sotto/machines` exports, by machine id. */
export type Charts = ReadonlyMap<string, Node>

interface Chart {
  readonly id: string
  readonly root: Node
  readonly implementations: Readonly<Record<"actions" | "delays", Readonly<Record<string, unknown>>>>
}

const isChart = (value: unknown): value is Chart =>
  typeof value === "object" &&
  value !== null &&
  "root" in value &&
  "implementations" in value &&
  "id" in value &&
  typeof value.id === "string"

/** The statecharts among what a module exports. */
export const chartsIn = (exported: Readonly<Record<string, unknown>>): Charts =>
  new Map(Object.values(exported).flatMap((value) => (isChart(value) ? [[value.id, value.root] as const] : [])))

const namesBelow = (node: Node): ReadonlyArray<string> => [
  node.key,
  ...node.transitions.keys(),
  ...Object.values(node.states).flatMap(namesBelow),
]

/** Every name in them: of machines, states, events, commands and delays. */
export const namesIn = (exported: Readonly<Record<string, unknown>>): ReadonlyArray<string> =>
  Object.values(exported).flatMap((value) =>
    isChart(value)
      ? [
          value.id,
          ...namesBelow(value.root),
          ...Object.keys(value.implementations.actions),
          ...Object.keys(value.implementations.delays),
        ]
      : [],
  )

/** The active nodes from the root down. */
const activeNodes = (node: Node, value: unknown): ReadonlyArray<Node> => {
  if (typeof value === "string") {
    const child = node.states[value]
    return child ? [node, child] : [node]
  }
  if (typeof value !== "object" || value === null) return [node]
  return [
    node,
    ...Object.entries(value).flatMap(([key, inner]) => {
      const child = node.states[key]
      return child ? activeNodes(child, inner) : []
    }),
  ]
}

/** Names of the states that one transition leads to, without those that are active. At most `limit`. */
export const nextStates = (charts: Charts, machine: string, value: unknown, limit = 4): ReadonlyArray<string> => {
  const root = charts.get(machine)
  if (root === undefined) return []
  const active = activeNodes(root, value)
  const found = new Set<string>()
  for (const node of active) {
    for (const choices of node.transitions.values()) {
      for (const choice of choices) {
        for (const target of choice.target ?? []) if (!active.includes(target)) found.add(target.key)
      }
    }
  }
  return [...found].slice(0, limit)
}
