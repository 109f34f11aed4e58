/**
 * 50,000 schedules and a million sends, or a part of them: `node test/fuzz/simulator.ts [--from SEED] [--runs N]`. What every part
 * comes to adds up: it may be run in pieces, on several machines, and gone on with where it stopped. Docs: simulator.md.
 */
import { parseArgs } from "node:util"
import { runSimulation } from "../../src/spec/simulation/run.ts"
import { drawSchedule, type Schedule } from "../../src/spec/simulation/schedule.ts"
import { shrink } from "../../src/spec/simulation/shrink.ts"
import { showFailure } from "../../src/spec/simulation/timeline.ts"

export const SCHEDULES = 50_000
/** A schedule that writes so many comes to a million and more: some find nobody to send to. */
const SENDS = 28
/** One in so many is run twice, to see that it is the same run again. */
const TWICE_EVERY = 50
/** So often it says how far it has come. */
const TOLD_EVERY = 500

export interface Total {
  schedules: number
  sends: number
  encryptions: number
  injected: number
  crashes: number
  violations: number
  /** Seeds that failed. */
  readonly failed: Array<number>
}

/** The one of this seed: the same in whatever piece it is run. */
export const scheduleOf = (seed: number): Schedule =>
  drawSchedule({ seed, sends: SENDS, peers: seed % 10 === 0 ? 3 : 2 })

/** Runs the schedules of the seeds from `first` on. `tell` hears of failures, and now and then of how far it has come. */
export const fuzzed = async (first: number, runs: number, tell: (text: string) => void): Promise<Total> => {
  const total: Total = {
    ...{ schedules: 0, sends: 0, encryptions: 0, injected: 0, crashes: 0, violations: 0 },
    failed: [],
  }
  const began = performance.now()
  const say = (seed: number) => {
    const seconds = Math.round((performance.now() - began) / 1_000)
    tell(`${JSON.stringify(total)} seeds ${first} to ${seed} in ${seconds} s`)
  }
  for (let seed = first; seed < first + runs; seed++) {
    const schedule = scheduleOf(seed)
    const twice = { twice: seed % TWICE_EVERY === 0 }
    const { crashes, encryptions, injected, sends, violations } = await runSimulation(schedule, twice)
    total.schedules += 1
    total.sends += sends
    total.encryptions += encryptions
    total.injected += injected
    total.crashes += crashes
    total.violations += violations.length
    if (violations.length > 0) {
      total.failed.push(seed)
      const short = await shrink(schedule, twice)
      tell(showFailure(short.schedule, short.outcome))
    }
    if (total.schedules % TOLD_EVERY === 0 || seed === first + runs - 1) say(seed)
  }
  return total
}

if (import.meta.main) {
  const options = { from: { type: "string", default: "1" }, runs: { type: "string", default: `${SCHEDULES}` } } as const
  const { from, runs } = parseArgs({ options }).values
  const total = await fuzzed(Number(from), Number(runs), (text) => console.log(text))
  if (total.violations > 0) process.exitCode = 1
}
