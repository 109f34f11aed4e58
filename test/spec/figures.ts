/**
 * Schedules by the hundred, and what they come to. `SIMULATOR=0.1` takes a tenth of them, `SIMULATOR=10` ten times as many.
 */
import { assert } from "vitest"
import { runSimulation } from "../../src/spec/simulation/run.ts"
import { drawSchedule, type ScheduleOptions } from "../../src/spec/simulation/schedule.ts"
import { shrink } from "../../src/spec/simulation/shrink.ts"
import { showFailure } from "../../src/spec/simulation/timeline.ts"

const SCALE = Number(process.env["SIMULATOR"] ?? 1)

/** Schedules of both halves; with the long conversations they come to more than 100,000 messages. */
export const SCHEDULES = 2_000
/** Messages that a schedule tries to write. Some find nobody who could send them. */
export const SENDS = 22

/** One in so many schedules is run twice: to see that it is the same run again costs as much as the run. */
const TWICE_EVERY = 200

export interface Figures {
  schedules: number
  sends: number
  encryptions: number
  injected: number
  crashes: number
}

/** Runs so many schedules; one that fails is shown, shortened, with its seed. */
export const figures = async (
  from: number,
  schedules: number,
  options: Omit<ScheduleOptions, "seed">,
): Promise<Figures> => {
  const count = Math.max(1, Math.round(schedules * SCALE))
  const sum = { schedules: 0, sends: 0, encryptions: 0, injected: 0, crashes: 0 }
  for (let seed = from; seed < from + count; seed++) {
    const schedule = drawSchedule({ ...options, seed })
    const twice = { twice: seed % TWICE_EVERY === 0 }
    const outcome = await runSimulation(schedule, twice)
    sum.schedules += 1
    sum.sends += outcome.sends
    sum.encryptions += outcome.encryptions
    sum.injected += outcome.injected
    sum.crashes += outcome.crashes
    if (outcome.violations.length === 0) continue
    const short = await shrink(schedule, twice)
    assert.fail(showFailure(short.schedule, short.outcome))
  }
  console.log(JSON.stringify(sum))
  return sum
}

/** What is to be expected of a part of the schedules. */
export const scaled = (number: number): number => Math.floor(number * Math.min(1, SCALE))
