/**
 * Every place where a process can die, tried: a story is told once to count the boundaries that each side passes, and then once
 * for each of them and each way to die there. Docs: simulator.md, "Crashes".
 */
import type { Choice } from "./choice.ts"
import { type Boundary, type CrashAt, fatesAt } from "./faults.ts"
import { isPaired, judged, rest, type SimulationOutcome, until } from "./run.ts"
import { simulate } from "./simulate.ts"
import type { Simulation } from "./simulation.ts"

export interface Story {
  readonly title: string
  readonly seed: number
  /** Whether the two have paired before it begins. */
  readonly paired: boolean
  /** What happens before the part that counts, and that part. */
  readonly before?: ReadonlyArray<Choice>
  readonly choices: ReadonlyArray<Choice>
}

const PEERS = ["alice", "bob"]
const PAIRING_PATIENCE = 60_000

const told = async (
  { before = [], choices, paired, seed }: Story,
  crashes: ReadonlyArray<CrashAt>,
  detail = false,
): Promise<Simulation> => {
  const run = await simulate({ seed, peers: PEERS, crypto: "fast", reborn: true, detail })
  if (paired) {
    await run.step(["event", "alice", { do: "pair", with: "bob" }])
    await until(run, () => isPaired(run), PAIRING_PATIENCE)
    await run.step(["wait", 5_000])
  }
  for (const choice of before) await run.step(choice)
  run.crashAt(crashes)
  for (const choice of choices) await run.step(choice)
  return run
}

/** The boundaries that each side passes when nobody dies. */
export const boundariesOf = async (
  story: Story,
): Promise<ReadonlyArray<readonly [peer: string, passed: ReadonlyArray<Boundary>]>> => {
  const run = await told(story, [])
  const passed = run.boundaries()
  run.close()
  return PEERS.map((peer) => [peer, passed[peer] ?? []] as const)
}

/** The story with these deaths in it, to its end. */
export const tellWith = async (
  story: Story,
  crashes: ReadonlyArray<CrashAt>,
  detail = false,
): Promise<SimulationOutcome> => {
  const run = await told(story, crashes, detail)
  try {
    return await judged(run, await rest(run))
  } finally {
    run.close()
  }
}

export interface Survey {
  readonly boundaries: number
  /** How often somebody died: once a run. */
  readonly crashes: number
  readonly failures: ReadonlyArray<{ readonly crash: CrashAt; readonly outcome: SimulationOutcome }>
}

/** Kills each side at each of its boundaries, in each way to die there. */
export const surveyBoundaries = async (story: Story): Promise<Survey> => {
  const failures: Array<Survey["failures"][number]> = []
  let boundaries = 0
  let crashes = 0
  for (const [peer, passed] of await boundariesOf(story)) {
    boundaries += passed.length
    for (const [at, boundary] of passed.entries()) {
      for (const fate of fatesAt(boundary)) {
        const crash = { peer, at, fate }
        const outcome = await tellWith(story, [crash])
        crashes += outcome.crashes
        if (outcome.violations.length > 0 || outcome.crashes !== 1) {
          failures.push({ crash, outcome: await tellWith(story, [crash], true) })
        }
      }
    }
  }
  return { boundaries, crashes, failures }
}
