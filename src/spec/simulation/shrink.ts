/**
 * A failing schedule made short: moves and faults are left out as long as the same invariant still breaks. Delta debugging
 * (Zeller and Hildebrandt, 2002) over the moves, then one fault after the other. Docs: simulator.md, "A run that fails".
 */
import type { SimulationFaults } from "./faults.ts"
import { type RunOptions, runSimulation, type SimulationOutcome } from "./run.ts"
import type { Schedule } from "./schedule.ts"

/** A failing schedule, made short. */
export interface Shrunk {
  /** What is left of it. */
  readonly schedule: Schedule
  /** What came of that. */
  readonly outcome: SimulationOutcome
  /** Runs that it took. */
  readonly runs: number
}

/** Runs at most; what is short by then is good enough to read. */
const MAX_RUNS = 200

/** Leaves out what the failure does not need. `run` is for tests. */
export const shrink = async (
  failing: Schedule,
  options: RunOptions = {},
  run: (schedule: Schedule, options: RunOptions) => Promise<SimulationOutcome> = runSimulation,
): Promise<Shrunk> => {
  let best = { schedule: failing, outcome: await run(failing, options) }
  let runs = 1
  const broken = idsOf(best.outcome)
  const tryOut = async (schedule: Schedule): Promise<boolean> => {
    if (runs >= MAX_RUNS) return false
    runs += 1
    const outcome = await run(schedule, options)
    if (!idsOf(outcome).some((id) => broken.includes(id))) return false
    best = { schedule, outcome }
    return true
  }

  for (let size = Math.ceil(failing.moves.length / 2); size >= 1 && runs < MAX_RUNS; ) {
    let removed = false
    for (let from = 0; from < best.schedule.moves.length; ) {
      const moves = [...best.schedule.moves]
      moves.splice(from, size)
      if (await tryOut({ ...best.schedule, moves })) removed = true
      else from += size
      if (runs >= MAX_RUNS) break
    }
    if (!removed) size = size === 1 ? 0 : Math.ceil(size / 2)
  }
  for (const fault of Object.keys(failing.faults) as ReadonlyArray<keyof SimulationFaults>) {
    if ((best.schedule.faults[fault] ?? 0) === 0) continue
    await tryOut({ ...best.schedule, faults: { ...best.schedule.faults, [fault]: 0 } })
  }
  if (best.schedule.pairing === "disturbed") await tryOut({ ...best.schedule, pairing: "calm" })
  if (best.schedule.pairing === "calm") await tryOut({ ...best.schedule, pairing: "before" })
  return { schedule: best.schedule, outcome: await run(best.schedule, { ...options, detail: true }), runs }
}

const idsOf = ({ violations }: SimulationOutcome): ReadonlyArray<string> =>
  violations.map((text) => text.split(" ")[0]!)
