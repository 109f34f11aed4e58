/**
 * The space-time diagram: a line of life a peer, a row an event, frames between them. Below the line of now stands what is due.
 * Returns SVG as text; everything in it that came from outside is escaped.
 */
import { escape } from "../site/bytes.ts"
import type { SeenFrame, Shown } from "./shown.ts"
import { isFrame, isRatchet, isTimer, START, shortOf, timeOf } from "./words.ts"

export interface DiagramOptions {
  readonly width: number
  readonly at: number
  readonly selected: number | undefined
  readonly ratchets: boolean
}

const ROW = 26
const HEAD = 40
/** Rows that are drawn before and after now. */
const BEFORE = 150
const AFTER = 60

export const stateOfFrame = (frame: SeenFrame, at: number, lines: number): "later" | "flying" | "arrived" | "lost" => {
  if (frame.sentLine >= lines) return "later"
  if (frame.endLine !== undefined && frame.endLine < lines) return "arrived"
  return frame.lostAt !== undefined && frame.lostAt <= at ? "lost" : "flying"
}

export const diagram = (player: Shown, { at, ratchets, selected, width }: DiagramOptions): string => {
  const { peers } = player.setup
  const moment = player.moments[at]!
  const isNarrow = width < 560
  const margin = isNarrow ? 18 : Math.min(240, width * 0.3)
  const x = (peer: string) => {
    const i = Math.max(0, peers.indexOf(peer))
    // One line of life alone has room for its words on the right.
    return peers.length === 1 ? 60 : margin + ((width - 2 * margin) * i) / (peers.length - 1)
  }
  // A long run has thousands of rows: those around now are drawn.
  const all = player.lines.flatMap((line, index) => (!ratchets && isRatchet(line) ? [] : [{ line, index }]))
  const present = all.filter(({ index }) => index < moment.lines).length
  const shown = all.slice(Math.max(0, present - BEFORE), present + AFTER)
  const rowOf = new Map(shown.map(({ index }, row) => [index, row]))
  const height = (isNarrow ? 1.35 : 1) * ROW
  const y = (row: number) => HEAD + 12 + row * height
  const first = shown[0]?.index ?? 0
  const yOf = (line: number) => y(rowOf.get(line) ?? (line < first ? -1 : shown.length))
  const done = shown.filter(({ index }) => index < moment.lines).length
  const isLive = at === player.moments.length - 1
  const due = isLive ? moment.view.agenda.slice(0, 6) : []
  const dueRow = (frame: SeenFrame) => {
    const flying = moment.view.frames.find(({ id }) => id === frame.id)
    const i = due.findIndex((entry) => entry.due >= (flying?.due ?? 0))
    return done + (i < 0 ? 0 : i) + 0.7
  }
  const total = y(Math.max(shown.length, done + due.length + 1)) + 12

  let svg = `<svg class="space" viewBox="0 0 ${width} ${total}" width="${width}" height="${total}" role="group" aria-label="What happened, from top to bottom"><defs><marker id="space-tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 .5 8 4 0 7.5z"/></marker></defs>`
  for (const [i, peer] of peers.entries()) {
    const at = Math.min(Math.max(x(peer), 40), width - 40)
    svg += `<line class="life peer-${i}" x1="${x(peer)}" x2="${x(peer)}" y1="${HEAD - 8}" y2="${total - 4}"/><g class="head peer-${i}"><rect x="${at - 38}" y="6" width="76" height="24" rx="12"/><text x="${at}" y="22" text-anchor="middle">${escape(peer)}</text></g>`
  }
  // In a recording there is one end of each: it is a row.
  for (const frame of player.recorded === undefined ? player.frames : []) {
    const state = stateOfFrame(frame, at, moment.lines)
    if (!rowOf.has(frame.sentLine) && !rowOf.has(frame.endLine ?? -1)) continue
    const isLost = frame.lostAt !== undefined && (state === "lost" || state === "later")
    const [x1, y1] = [x(frame.from), yOf(frame.sentLine)]
    const full =
      frame.endLine !== undefined ? yOf(frame.endLine) : state === "flying" && isLive ? y(dueRow(frame)) : y1 + height
    const part = isLost ? 0.5 : 1
    const [x2, y2] = [x1 + (x(frame.to) - x1) * part, y1 + (full - y1) * part]
    const middle = { x: x1 + (x2 - x1) * 0.5, y: y1 + (y2 - y1) * 0.5 }
    const words = `${frame.kind} from ${frame.from} to ${frame.to}, ${isLost ? "lost" : state}`
    const canGrab = state === "flying" && isLive && frame.id >= 0
    svg += `<g class="frame ${isLost ? "lost" : state}${frame.id === selected ? " selected" : ""}" data-frame="${frame.id}" role="button" tabindex="0" aria-label="${escape(words)}"><line class="hit" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/><line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"${isLost ? "" : ' marker-end="url(#space-tip)"'}/>${isLost ? `<text class="cross" x="${x2}" y="${y2 + 5}" text-anchor="middle">✕</text>` : ""}<text class="kind" x="${middle.x}" y="${middle.y - 5}" text-anchor="middle">${escape(frame.kind)}</text>${canGrab ? `<circle class="grab" data-grab="${frame.id}" cx="${x2}" cy="${y2}" r="${isNarrow ? 15 : 11}"/>` : ""}</g>`
  }
  for (const [row, { index, line }] of shown.entries()) {
    const carried = isFrame(line) ? player.frames.find(({ sentLine }) => sentLine === index) : undefined
    if (isFrame(line) && player.recorded === undefined) continue
    const i = peers.indexOf(line.peer)
    const classes = `row${index >= moment.lines ? " later" : ""}${index >= (player.moments[at - 1]?.lines ?? 0) && index < moment.lines ? " now" : ""}${isTimer(line) ? " timer" : ""}`
    const words = shortOf(line)
    const max = isNarrow ? 38 : 44
    const text = escape(words.length > max ? `${words.slice(0, max - 1)}…` : words)
    if (i < 0) {
      svg += `<g class="${classes} choice" data-line="${index}"><text x="${width / 2}" y="${y(row) + 4}" text-anchor="middle">${text}</text></g>`
      continue
    }
    const isFirst = i === 0 && peers.length > 1
    const toLeft = isNarrow ? i > 0 && i === peers.length - 1 : isFirst
    const chosen = carried?.id === selected && carried !== undefined ? " selected" : ""
    const act =
      carried === undefined
        ? ""
        : ` data-frame="${carried.id}" role="button" tabindex="0" aria-label="${escape(`${words}: show its bytes`)}"`
    svg += `<g class="${classes} peer-${i}${carried === undefined ? "" : ` carried${chosen}`}" data-line="${index}"${act}><title>${escape(`${timeOf(line.at)} ${line.peer}: ${line.what}`)}</title><circle cx="${x(line.peer)}" cy="${y(row)}" r="4.5"/><text x="${x(line.peer) + (toLeft ? -11 : 11)}" y="${y(row) + 4}" text-anchor="${toLeft ? "end" : "start"}">${text}</text></g>`
  }
  if (isLive) {
    const now = y(done) - height / 2
    svg += `<g class="present"><line x1="4" x2="${width - 4}" y1="${now}" y2="${now}"/><text x="${width - 6}" y="${now + 12}" text-anchor="end">now · ${timeOf(moment.view.now - START)}</text></g>`
    for (const [i, { due: when, what }] of due.entries()) {
      const peer = peers.find((name) => what.includes(name))
      const at = peer === undefined ? width / 2 : x(peer)
      const toLeft =
        peer !== undefined && (isNarrow ? peers.indexOf(peer) === peers.length - 1 : peers.indexOf(peer) === 0)
      svg += `<g class="due"><circle cx="${at}" cy="${y(done + i + 0.5)}" r="4"/><text x="${at + (toLeft ? -11 : 11)}" y="${y(done + i + 0.5) + 4}" text-anchor="${toLeft ? "end" : "start"}">${escape(what)} at ${timeOf(when - START)}</text></g>`
    }
  }
  return `${svg}</svg>`
}
