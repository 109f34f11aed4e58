/** What a page begins with: the run of its scenario, or the one that its address names, as far as it goes; or a recording. */
import { resolved, type Scenario } from "../../src/spec/scenarios/scenario.ts"
import { HASH_DIGITS, placeIn } from "./address.ts"
import type { Player } from "./player.ts"
import { type Setup, setupOf } from "./shown.ts"
import { wordsOf } from "./words.ts"

const FREE: Setup = { seed: 1, peers: ["alice", "bob"], crypto: "fast" }

/** A run, and where one stands in it. */
export interface LoadedRun {
  readonly player: Player
  /** How many steps there were after each of the scenario's choices; none where it is another run than the scenario's. */
  readonly marks: ReadonlyArray<number>
  readonly at: number
  readonly frame: number | undefined
  /** Undefined: that of whoever moved last. */
  readonly machine: string | undefined
  /** What is wrong with the address, for a person. */
  readonly problem: string | undefined
}

/** The engine is loaded with the first run. */
export const loadRun = async (hash: string, scenario: Scenario | undefined): Promise<LoadedRun> => {
  const { Player } = await import("./player.ts")
  const place = placeIn(hash)
  const linked = typeof place === "object" ? place : undefined
  const player = new Player(linked?.setup ?? setupOf(scenario ?? FREE))
  await player.begin()
  if (linked === undefined) {
    const marks = scenario === undefined ? [] : await playAll(player, scenario)
    const problem = typeof place === "string" ? place : undefined
    return { player, marks, at: 0, frame: undefined, machine: undefined, problem }
  }
  let problem: string | undefined
  // A wait in a link may be many steps; where it stands is said in choices.
  const steps = [0]
  for (const [i, choice] of linked.choices.entries()) {
    const isDone = await player.do(choice)
    steps.push(player.choices.length)
    if (isDone) continue
    problem = `Choice ${i + 1} of this link (${wordsOf(choice)}) is not possible here: it ends before it.`
    break
  }
  const isSame =
    linked.hash === undefined || player.hash(player.choices.length).startsWith(linked.hash.slice(0, HASH_DIGITS))
  if (!isSame) problem ??= "The same choices led elsewhere when this link was made: what runs here has changed since."
  const { frame, machine } = linked
  return { player, marks: [], at: steps[linked.at] ?? player.choices.length, frame, machine, problem }
}

const playAll = async (player: Player, { choices }: Scenario): Promise<ReadonlyArray<number>> => {
  const marks: Array<number> = [0]
  for (const choice of choices) {
    await player.do(resolved(choice, player.moments.at(-1)!.view))
    marks.push(player.choices.length)
  }
  return marks
}

/** The recording that an address names: its text, or undefined where it is not there. Nobody but the page's own server is asked. */
export const fetchRecording = async (from: string): Promise<string | undefined> => {
  const at = new URL(from, location.href)
  if (at.origin !== location.origin) return undefined
  const answer = await fetch(at).catch(() => undefined)
  return answer?.ok === true ? answer.text() : undefined
}
