/**
 * Where everything of a statechart stands: the plain model goes through ELK's layered algorithm, top to bottom in the order of
 * the machine's file. The same model gives the same places every time.
 */
import ELK, {
  type ElkEdgeSection,
  type ElkExtendedEdge,
  type ElkNode,
  type LayoutOptions,
} from "elkjs/lib/elk.bundled.js"
import { type Chart, type ChartRule, type ChartState, statesOf } from "../../src/spec/chart/model.ts"
import { widthOf } from "./text.ts"

/** A line in a state's box: `entry / dial`. */
export interface Line {
  readonly head: string
  readonly body: string
  /** The rule that it stands for, where it is one that stays in its state. */
  readonly rule: ChartRule | undefined
}

/** All rules from one state to another share one arrow; each keeps a line of its own in its label. */
export interface Arrow {
  readonly id: string
  readonly rules: ReadonlyArray<ChartRule>
  readonly sections: ReadonlyArray<ElkEdgeSection>
  readonly label: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
}

export interface Box {
  readonly state: ChartState
  readonly lines: ReadonlyArray<Line>
  readonly depth: number
  readonly isRegion: boolean
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Drawing {
  readonly width: number
  readonly height: number
  readonly boxes: ReadonlyArray<Box>
  readonly arrows: ReadonlyArray<Arrow>
  /** Where each compound state begins: a dot, and an arrow without a label. */
  readonly starts: ReadonlyArray<{
    readonly x: number
    readonly y: number
    readonly sections: ReadonlyArray<ElkEdgeSection>
  }>
}

export const HEAD = 30
export const LINE = 16
const ROOT = ":root"
const OUTER = ":outer"
const START = ":start"

/** ELK's nested graphs inherit nothing: each compound repeats these. Some options crash it there and are for the root only. */
const NESTED: LayoutOptions = {
  "elk.algorithm": "layered",
  "elk.direction": "DOWN",
  "elk.hierarchyHandling": "INCLUDE_CHILDREN",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.layered.crossingMinimization.strategy": "LAYER_SWEEP",
  "elk.layered.cycleBreaking.strategy": "GREEDY",
  "elk.layered.thoroughness": "60",
  "elk.layered.feedbackEdges": "true",
  "elk.spacing.nodeNode": "26",
  "elk.spacing.edgeNode": "16",
  "elk.spacing.edgeEdge": "13",
  "elk.spacing.edgeLabel": "4",
  "elk.layered.spacing.nodeNodeBetweenLayers": "24",
  "elk.layered.spacing.edgeNodeBetweenLayers": "13",
  "elk.layered.spacing.edgeEdgeBetweenLayers": "11",
  "elk.randomSeed": "1",
}
const WHOLE: LayoutOptions = {
  ...NESTED,
  "elk.layered.compaction.postCompaction.strategy": "EDGE_LENGTH",
  "elk.json.shapeCoords": "ROOT",
  "elk.json.edgeCoords": "ROOT",
  "elk.padding": "[top=8,left=8,bottom=8,right=8]",
}

/** A delay as people say it. */
const spoken = (milliseconds: number): string => {
  for (const [unit, name] of [
    [86_400_000, "d"],
    [60_000, "min"],
    [1_000, "s"],
  ] as const)
    if (milliseconds % unit === 0 && milliseconds > 0) return `${milliseconds / unit} ${name}`
  return `${milliseconds} ms`
}

export const headOf = ({ delay, event, kind }: ChartRule): string => {
  if (kind === "after") return delay === undefined ? `after ${event}` : `after ${event} · ${spoken(delay)}`
  return kind === "event" ? event : kind
}

export const guardOf = ({ guard }: ChartRule): string => (guard === undefined ? "" : ` [${guard}]`)
export const actionsOf = ({ actions }: ChartRule): string => (actions.length === 0 ? "" : `/ ${actions.join(", ")}`)
export const rowHeight = ({ actions }: ChartRule): number => (actions.length === 0 ? 17 : 31)

const idOf = (path: string): string => (path === "" ? ROOT : path)

export const layout = async (chart: Chart): Promise<Drawing> => {
  const states = [chart.root, ...statesOf(chart)]
  const byId = new Map(states.map((state) => [idOf(state.path), state]))
  const order = new Map(states.map(({ path }, i) => [path, i]))
  const stays = (state: ChartState) => chart.rules.filter(({ from, to }) => from === state.path && to === undefined)
  const linesOf = (state: ChartState): ReadonlyArray<Line> => [
    ...state.entry.map((body) => ({ head: "entry", body, rule: undefined })),
    ...state.exit.map((body) => ({ head: "exit", body, rule: undefined })),
    ...stays(state).map((rule) => ({ head: headOf(rule) + guardOf(rule), body: rule.actions.join(", "), rule })),
  ]
  const heightOf = (lines: ReadonlyArray<Line>) => HEAD + (lines.length === 0 ? 0 : lines.length * LINE + 8)
  const leaving = chart.rules.filter(({ to }) => to !== undefined)
  // Rules of the machine as a whole need its frame to start from.
  const framed = leaving.some(({ from, to }) => from === "" || to === "") || linesOf(chart.root).length > 0

  const nodeOf = (state: ChartState): ElkNode => {
    const lines = linesOf(state)
    const texts = lines.map(({ body, head }) => widthOf("code", body === "" ? head : `${head} / ${body}`))
    const width = Math.max(76, Math.ceil(Math.max(widthOf("title", state.key), ...texts) + 28))
    const height = heightOf(lines)
    if (state.children.length === 0) return { id: idOf(state.path), width, height }
    const children = state.children.map(nodeOf)
    if (state.initial !== undefined) {
      const layoutOptions = { "elk.layered.layering.layerConstraint": "FIRST" }
      children.unshift({ id: idOf(state.path) + START, width: 10, height: 10, layoutOptions })
    }
    const bare = state.path === "" && !framed
    return {
      id: idOf(state.path),
      children,
      layoutOptions: {
        ...NESTED,
        "elk.padding": bare ? WHOLE["elk.padding"]! : `[top=${height + 12},left=16,bottom=16,right=16]`,
        "elk.nodeSize.constraints": "MINIMUM_SIZE",
        "elk.nodeSize.minimum": bare ? "(0,0)" : `(${width},${height})`,
      },
    }
  }

  const bundles = new Map<string, Array<ChartRule>>()
  for (const rule of leaving) {
    const key = `${rule.from}>${rule.to}`
    bundles.set(key, [...(bundles.get(key) ?? []), rule])
  }
  const edges = [...bundles.values()].map((rules) => {
    const [first] = rules as [ChartRule]
    const widths = rules.map((rule) =>
      Math.max(
        widthOf("body", headOf(rule) + guardOf(rule)) + (rule.kind === "after" ? 16 : 0),
        widthOf("code", actionsOf(rule)),
      ),
    )
    const isForward = order.get(first.from)! < order.get(first.to!)!
    return {
      id: first.id,
      sources: [idOf(first.from)],
      targets: [idOf(first.to!)],
      layoutOptions: { "elk.layered.priority.direction": isForward ? "10" : "0" },
      labels: [
        {
          id: `${first.id}:label`,
          // ELK places no label without a text; what is drawn is ours.
          text: first.id,
          width: Math.ceil(Math.max(...widths)) + 18,
          height: rules.reduce((sum, rule) => sum + rowHeight(rule), 4),
          layoutOptions: { "elk.edgeLabels.inline": "true", "elk.edgeLabels.placement": "CENTER" },
        },
      ],
    }
  })
  const starts = states.flatMap(({ initial, path }) =>
    initial === undefined
      ? []
      : [
          {
            id: `${idOf(path)}:begin`,
            sources: [idOf(path) + START],
            targets: [idOf(initial)],
            layoutOptions: { "elk.layered.priority.straightness": "10", "elk.layered.priority.direction": "20" },
          },
        ],
  )
  const inner = nodeOf(chart.root)
  const outer = framed ? { id: OUTER, children: [inner] } : inner
  const placed = await new (ELK as unknown as typeof ELK.default)().layout({
    ...outer,
    layoutOptions: { ...outer.layoutOptions, ...WHOLE },
    edges: [...starts, ...edges],
  })

  const boxes: Array<Box> = []
  const dots = new Map<string, { readonly x: number; readonly y: number }>()
  const walk = (node: ElkNode, depth: number, parent: ChartState | undefined): void => {
    const { height = 0, id, width = 0, x = 0, y = 0 } = node
    if (id.endsWith(START)) dots.set(id, { x: x + 5, y: y + 5 })
    const state = byId.get(id)
    if (state !== undefined && (state.path !== "" || framed))
      boxes.push({ state, lines: linesOf(state), depth, isRegion: parent?.kind === "parallel", x, y, width, height })
    for (const child of node.children ?? []) walk(child, depth + (state === undefined ? 0 : 1), state)
  }
  walk(placed, 0, undefined)

  const arrows: Array<Arrow> = []
  const begun: Array<Drawing["starts"][number]> = []
  for (const { id, labels = [], sections = [], sources } of (placed.edges ?? []) as ReadonlyArray<ElkExtendedEdge>) {
    const rules = [...bundles.values()].find(([first]) => first!.id === id)
    if (rules === undefined) {
      begun.push({ ...dots.get(sources[0]!)!, sections })
      continue
    }
    const [{ height = 0, width = 0, x = 0, y = 0 } = {}] = labels
    arrows.push({ id, rules, sections, label: { x, y, width, height } })
  }
  return { width: placed.width ?? 0, height: placed.height ?? 0, boxes, arrows, starts: begun }
}
