/**
 * A drawing as SVG: themable by the page's CSS variables, every state and rule addressable (`data-state`, `data-edge`,
 * `data-event`), the same text for the same machine every time.
 */
import type { ElkEdgeSection } from "elkjs/lib/elk.bundled.js"
import type { Chart, ChartRule } from "../../src/spec/chart/model.ts"
import { type Arrow, actionsOf, type Box, type Drawing, guardOf, HEAD, headOf, LINE, rowHeight } from "./layout.ts"

export const escape = (text: string): string =>
  text.replace(/[&<>"{}]/g, (character) => `&#${character.charCodeAt(0)};`)

const round = (value: number): string => String(Math.round(value * 10) / 10)

/** An orthogonal way with its corners rounded. */
const way = ({ bendPoints = [], endPoint, startPoint }: ElkEdgeSection, radius = 7): string => {
  const points = [startPoint, ...bendPoints, endPoint]
  let path = `M${round(startPoint.x)} ${round(startPoint.y)}`
  for (let i = 1; i < points.length - 1; i++) {
    const [before, corner, after] = [points[i - 1]!, points[i]!, points[i + 1]!]
    const [into, outOf] = [
      Math.hypot(corner.x - before.x, corner.y - before.y),
      Math.hypot(after.x - corner.x, after.y - corner.y),
    ]
    const cut = Math.min(radius, into / 2, outOf / 2)
    const towards = (to: typeof corner, length: number) => ({
      x: corner.x + ((to.x - corner.x) / (length || 1)) * cut,
      y: corner.y + ((to.y - corner.y) / (length || 1)) * cut,
    })
    const [from, to] = [towards(before, into), towards(after, outOf)]
    path += `L${round(from.x)} ${round(from.y)}Q${round(corner.x)} ${round(corner.y)} ${round(to.x)} ${round(to.y)}`
  }
  return `${path}L${round(endPoint.x)} ${round(endPoint.y)}`
}

const spokenPath = (path: string): string => (path === "" ? "the machine" : path.replaceAll(".", ", "))

/** The whole rule in words: for a tooltip, and for who cannot see the arrow. */
export const sentenceOf = (rule: ChartRule): string => {
  const goes = rule.to === undefined ? "stays" : `to ${spokenPath(rule.to)}`
  return `${spokenPath(rule.from)}: ${headOf(rule)}${guardOf(rule)}, ${goes}${rule.actions.length === 0 ? "" : `; ${rule.actions.join(", ")}`}`
}

const drawBox = ({ depth, height, isRegion, lines, state, width, x, y }: Box, id: string): string => {
  const isCompound = state.children.length > 0
  const classes = [
    "state",
    isCompound ? "compound" : "atomic",
    state.kind === "final" ? "final" : "",
    isRegion ? "region" : "",
    `depth-${Math.min(depth, 3)}`,
  ]
  const name = state.path === "" ? id : state.key
  const rows = lines.map(({ body, head, rule }, i) => {
    const data =
      rule === undefined
        ? ""
        : ` data-edge="${rule.id}" data-source="${escape(rule.from)}" data-event="${escape(rule.event)}"`
    const text =
      body === ""
        ? `<tspan class="keyword">${escape(head)}</tspan>`
        : `<tspan class="keyword">${escape(head)} / </tspan>${escape(body)}`
    return `<text class="command${rule === undefined ? "" : " rule"}" x="${round(x + 14)}" y="${round(y + HEAD + 15.5 + i * LINE)}"${data}>${text}</text>`
  })
  return [
    `<g class="${classes.filter(Boolean).join(" ")}" data-state="${escape(state.path)}">`,
    `<title>${escape(`${name}${state.description === undefined ? "" : `: ${state.description}`}`)}</title>`,
    `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${isCompound ? 12 : 9}"/>`,
    state.kind === "final"
      ? `<rect class="inner" x="${round(x + 3)}" y="${round(y + 3)}" width="${round(width - 6)}" height="${round(height - 6)}" rx="6.5"/>`
      : "",
    isCompound
      ? `<text class="name" x="${round(x + 14)}" y="${round(y + 20)}">${escape(name)}</text>`
      : `<text class="name" x="${round(x + width / 2)}" y="${round(y + 19.5)}" text-anchor="middle">${escape(name)}</text>`,
    rows.length === 0
      ? ""
      : `<line x1="${round(x)}" x2="${round(x + width)}" y1="${round(y + HEAD)}" y2="${round(y + HEAD)}"/>`,
    ...rows,
    "</g>",
  ].join("")
}

const kindOf = (rules: ReadonlyArray<ChartRule>): string =>
  rules.every(({ kind }) => kind === rules[0]!.kind) ? rules[0]!.kind : "event"

const drawLabel = ({ label: { height, width, x, y }, rules }: Arrow): string => {
  let top = y
  const rows = rules.map((rule) => {
    const at = top
    top += rowHeight(rule)
    const clock = rule.kind === "after" ? '<tspan class="clock">◷ </tspan>' : ""
    const guard = guardOf(rule) === "" ? "" : `<tspan class="guard">${escape(guardOf(rule))}</tspan>`
    const actions = actionsOf(rule)
    return [
      `<g class="rule ${rule.kind}" data-edge="${rule.id}" data-source="${escape(rule.from)}" data-event="${escape(rule.event)}">`,
      `<title>${escape(sentenceOf(rule))}</title>`,
      `<rect class="hit" x="${round(x)}" y="${round(at + 1.5)}" width="${round(width)}" height="${rowHeight(rule)}"/>`,
      `<text x="${round(x + width / 2)}" y="${round(at + 14.5)}" text-anchor="middle">${clock}${escape(headOf(rule))}${guard}</text>`,
      actions === ""
        ? ""
        : `<text class="command" x="${round(x + width / 2)}" y="${round(at + 28)}" text-anchor="middle">${escape(actions)}</text>`,
      "</g>",
    ].join("")
  })
  return `<g class="label ${kindOf(rules)}"><rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${height > 24 ? 8 : 10}"/>${rows.join("")}</g>`
}

export const draw = (chart: Chart, { arrows, boxes, height, starts, width }: Drawing): string => {
  const marker = `arrow-${chart.id}`
  const lines = arrows.flatMap(({ rules, sections }) =>
    sections.map(
      (section) =>
        `<path class="edge ${kindOf(rules)}" data-edges="${rules.map(({ id }) => id).join(" ")}" d="${way(section)}" marker-end="url(#${marker})"/>`,
    ),
  )
  const begins = starts.map(
    ({ sections, x, y }) =>
      `<circle class="start" cx="${round(x)}" cy="${round(y)}" r="5"/>${sections.map((section) => `<path class="edge begin" d="${way(section)}" marker-end="url(#${marker})"/>`).join("")}`,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="statechart" viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" height="${round(height)}" style="--natural: ${round(width)}px" role="img" aria-label="Statechart of ${escape(chart.id)}">`,
    `<defs><marker id="${marker}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="tip" d="M0 .8 7 4 0 7.2z"/></marker></defs>`,
    ...boxes.map((box) => drawBox(box, chart.id)),
    ...begins,
    ...lines,
    ...arrows.map(drawLabel),
    "</svg>",
  ].join("")
}
