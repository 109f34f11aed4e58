/**
 * Comparing: contenders take turns, round by round, so that what the machine does besides falls on all of them; quotients
 * are taken within a round. Times are microseconds an operation of the processor, by the thread that does the work: on a machine
 * with nothing else to do that is the time on the wall, and elsewhere it does not count those who were let in between.
 */
import { type Contender, type Figure, type Spread, spreadOf } from "./result.ts"

/** At least seven, so that a median and its quartiles mean something. */
export const ROUNDS = 9

/** So that what is measured is compiled code: an engine's last compiler comes to it after a second or two of the same. */
const WARM_MS = 2_000

/** About how long one contender's part of a round lasts, in milliseconds. */
const ROUND_MS = 120

export interface Entrant {
  readonly name: string
  /** Does the thing this many times. */
  readonly run: (times: number) => void | Promise<void>
}

export interface Measured {
  readonly contenders: ReadonlyArray<Contender>
  /** By name, one figure a round. */
  readonly rounds: ReadonlyMap<string, ReadonlyArray<number>>
  /** The quotient of one to another (or to the sum of others), taken round by round. */
  readonly ratio: (one: string, ...others: ReadonlyArray<string>) => Spread
}

export interface CompareOptions {
  readonly rounds?: number
  readonly roundMs?: number
  /** Whose time counts: this thread's on the processor, all threads', or the clock on the wall. Default: this thread's. */
  readonly clock?: "thread" | "process" | "wall"
  /** Exactly this often a round, instead of as often as fits. */
  readonly times?: number
  readonly unit?: string
}

/** Microseconds since some point in the past. */
const spent = {
  wall: () => 1_000 * performance.now(),
  process: () => total(process.cpuUsage()),
  thread: () => total(process.threadCpuUsage()),
} as const

const total = ({ system, user }: { readonly system: number; readonly user: number }) => system + user

export const compare = async (entrants: ReadonlyArray<Entrant>, options: CompareOptions = {}): Promise<Measured> => {
  const { clock = "thread", roundMs = ROUND_MS, rounds = ROUNDS, unit = "µs" } = options
  const take = async ({ run }: Entrant, times: number): Promise<number> => {
    const before = spent[clock]()
    await run(times)
    return (spent[clock]() - before) / times
  }
  const counts = new Map<string, number>()
  for (const entrant of entrants) {
    const end = performance.now() + WARM_MS
    do await entrant.run(options.times ?? 8)
    while (options.times === undefined && performance.now() < end)
    // By the wall: a processor's time of so few may be told as none.
    const before = performance.now()
    await entrant.run(8)
    const once = (1_000 * (performance.now() - before)) / 8
    counts.set(entrant.name, options.times ?? Math.max(1, Math.round((roundMs * 1_000) / once)))
  }
  const collected = new Map(entrants.map(({ name }) => [name, [] as Array<number>]))
  for (let round = 0; round < rounds; round++) {
    // Who was last in a round is first in the next, so that nobody always follows the same one.
    const order = round % 2 === 0 ? entrants : entrants.toReversed()
    for (const entrant of order) collected.get(entrant.name)!.push(await take(entrant, counts.get(entrant.name)!))
  }
  return measured(collected, unit)
}

export const measured = (rounds: ReadonlyMap<string, ReadonlyArray<number>>, unit: string): Measured => ({
  contenders: [...rounds].map(([name, values]) => ({ name, unit, ...spreadOf(values) })),
  rounds,
  ratio: (one, ...others) =>
    spreadOf(
      rounds.get(one)!.map((value, i) => value / others.reduce((sum, other) => sum + rounds.get(other)![i]!, 0)),
    ),
})

export const atMost = (says: string, value: Spread, goal: number, unit = "×"): Figure => ({
  says,
  unit,
  value,
  goal: { atMost: goal },
})
export const atLeast = (says: string, value: Spread, goal: number, unit = "×"): Figure => ({
  says,
  unit,
  value,
  goal: { atLeast: goal },
})
