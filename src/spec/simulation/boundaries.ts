/**
 * Every place where a process can die, tried: a story is told once to count the boundaries that each side passes, and then once
 * for each of them and each way to die there. Docs: simulator.md, "Crashes".
 */
import type { Choice } from "./choice.ts"
import { judgedCopies, withCopy } from "./copies.ts"
import { type Boundary, type CrashAt, fatesAt, READS } from "./faults.ts"
import { paired } from "./paired.ts"
import { rest } from "./rest.ts"
import { judged, type SimulationOutcome } from "./run.ts"
import { simulate } from "./simulate.ts"
import type { Simulation } from "./simulation.ts"

export interface Story {
  readonly title: string
  readonly seed: number
  /** Whether the two have paired before it begins. */
  readonly paired: boolean
  /** Whose disk was copied: the copy is opened together with it. */
  readonly copied?: string
  /** What happens before the part that counts, and that part. */
  readonly before?: ReadonlyArray<Choice>
  readonly choices: ReadonlyArray<Choice>
}

const PEERS = ["alice", "bob"]
/** Until they have found each other again, in milliseconds of virtual time. */
const CONNECTED = 5_000

const told = async (story: Story, crashes: ReadonlyArray<CrashAt>, detail = false): Promise<Simulation> => {
  const { before = [], choices, seed } = story
  const image = story.paired ? await paired(seed, PEERS, "fast") : undefined
  const from = image === undefined || story.copied === undefined ? image : withCopy(image, story.copied)
  const run = await simulate({ seed, peers: PEERS, crypto: "fast", reborn: true, detail, ...(from && { from }) })
  // What copies have to say they say at once.
  if (story.paired && story.copied === undefined) await run.step(["wait", CONNECTED])
  for (const choice of before) await run.step(choice)
  run.crashAt(crashes)
  for (const choice of choices) await run.step(choice)
  return run
}

/** What a side does to the world when nobody dies. */
export interface Passage {
  readonly peer: string
  readonly passed: ReadonlyArray<Boundary>
  /** The world at each of these. */
  readonly worlds: ReadonlyArray<number>
}

/** The boundaries that each side passes when nobody dies. */
export const boundariesOf = async (story: Story): Promise<ReadonlyArray<Passage>> => {
  const run = await told(story, [])
  const [passed, worlds] = [run.boundaries(), run.worlds()]
  run.close()
  return run.peers.map((peer) => ({ peer, passed: passed[peer] ?? [], worlds: worlds[peer] ?? [] }))
}

/**
 * Whether a death at this boundary is the same as one at the next, before what is done there: all that the process did between
 * them was to read, and nothing else has happened in the world. Then the death at the next one is tried, and counts for both.
 */
export const isSameAsNext = ({ passed, worlds }: Passage, at: number): boolean =>
  READS.includes(passed[at]!) && worlds[at] === worlds[at + 1]

/** The story with these deaths in it, to its end. */
export const tellWith = async (
  story: Story,
  crashes: ReadonlyArray<CrashAt>,
  detail = false,
): Promise<SimulationOutcome> => {
  const run = await told(story, crashes, detail)
  try {
    if (story.copied !== undefined) return await judgedCopies(run, story.copied)
    return await judged(run, await rest(run))
  } finally {
    run.close()
  }
}

export interface Survey {
  readonly boundaries: number
  /** Deaths that differ, at these boundaries. */
  readonly deaths: number
  /** How often somebody died: once a run. */
  readonly crashes: number
  readonly failures: ReadonlyArray<{ readonly crash: CrashAt; readonly outcome: SimulationOutcome }>
}

/** Kills each side at each of its boundaries, in each way to die there that differs. */
export const surveyBoundaries = async (story: Story): Promise<Survey> => {
  const failures: Array<Survey["failures"][number]> = []
  let boundaries = 0
  let deaths = 0
  let crashes = 0
  for (const passage of await boundariesOf(story)) {
    boundaries += passage.passed.length
    for (const [at, boundary] of passage.passed.entries()) {
      if (isSameAsNext(passage, at)) continue
      for (const fate of fatesAt(boundary)) {
        const crash = { peer: passage.peer, at, fate }
        deaths += 1
        const outcome = await tellWith(story, [crash])
        crashes += outcome.crashes
        if (outcome.violations.length > 0 || outcome.crashes !== 1) {
          failures.push({ crash, outcome: await tellWith(story, [crash], true) })
        }
      }
    }
  }
  return { boundaries, deaths, crashes, failures }
}
