/** A run told to a person: what failed, how to run it again, and what every side did, beside each other. Docs: simulator.md. */
import { showChoice } from "./choice.ts"
import type { Line } from "./record.ts"
import type { SimulationOutcome } from "./run.ts"
import { nameOf, type Schedule } from "./schedule.ts"

const COLUMN = 58
/** The last lines are those that matter. */
const MAX_LINES = 160

/** Steps of the statecharts inside the layers: true, but too many to read. */
const isInner = ({ what }: Line) => /^(doubleRatchet|braid|kemRatchet)\//.test(what)

/** A column for each side; the last lines where there are many. */
export const showTimeline = (lines: ReadonlyArray<Line>, peers: ReadonlyArray<string>): string => {
  const told = lines.filter((line) => !isInner(line))
  const shown = told.slice(-MAX_LINES)
  const left = told.length - shown.length
  const head = `${"ms".padStart(10)}  ${peers.map((peer) => peer.padEnd(COLUMN)).join("")}`.trimEnd()
  const rows = shown.map(({ at, peer, what }) => {
    const time = `${at}`.padStart(10)
    const column = peers.indexOf(peer)
    return column < 0 ? `${time}  ${what}` : `${time}  ${" ".repeat(column * COLUMN)}${what}`
  })
  return [head, ...(left > 0 ? [`${" ".repeat(10)}  … ${left} lines before`] : []), ...rows].join("\n")
}

const PAIRED = {
  before: "between people who have paired before",
  calm: "after a calm pairing",
  disturbed: "pairing included",
} as const

/** A failing run for a terminal: seed, schedule, what broke, and a timeline. */
export const showFailure = (schedule: Schedule, outcome: SimulationOutcome): string => {
  const peers = Array.from({ length: schedule.peers }, (_, i) => nameOf(i))
  const faults = Object.entries(schedule.faults).filter(([, share]) => share > 0)
  return [
    `seed ${schedule.seed}: ${outcome.violations.length} violations`,
    ...outcome.violations.map((violation) => `  ${violation}`),
    `faults: ${faults.map(([name, share]) => `${name} ${Math.round(share * 1_000) / 1_000}`).join(", ") || "none"}`,
    `schedule, ${PAIRED[schedule.pairing]}:`,
    ...schedule.moves.map((move) => `  ${showChoice(move)}`),
    "",
    showTimeline(outcome.lines, peers),
  ].join("\n")
}
