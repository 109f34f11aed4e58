/** Who dies at which boundary, and how: drawn from chances, or chosen. Docs: simulator.md, "Crashes". */
import type { Dice } from "./dice.ts"
import { type Boundary, type CrashAt, type Fate, READS, type SimulationFaults } from "./faults.ts"

export interface Fates {
  /** What becomes of a process at this boundary, which it has now passed; undefined: it lives. */
  readonly at: (peer: string, boundary: Boundary) => Fate | undefined
  /** It dies at its next commit. */
  readonly doom: (peer: string, fate: Fate) => void
  /** Crashes at chosen boundaries, counted from now. */
  readonly choose: (crashes: ReadonlyArray<CrashAt>) => void
  readonly passed: () => Readonly<Record<string, ReadonlyArray<Boundary>>>
  /** The world at each of those boundaries: the same number while nothing has changed in it outside the processes. */
  readonly worlds: () => Readonly<Record<string, ReadonlyArray<number>>>
}

export const makeFates = (options: {
  readonly dice: Dice
  readonly faults: () => SimulationFaults
  readonly crashed: (peer: string, boundary: Boundary, fate: Fate) => void
  /** Changes of the world that no process makes at a boundary: time, frames that arrive, choices. Only ever more. */
  readonly changes: () => number
}): Fates => {
  const { changes, crashed, dice, faults } = options
  let crashes: ReadonlyArray<CrashAt> = []
  let passed = new Map<string, Array<Boundary>>()
  let worlds = new Map<string, Array<number>>()
  let written = 0
  const doomed = new Map<string, Fate>()

  const drawn = (boundary: Boundary): Fate | undefined => {
    const { crash = 0, torn = 0 } = faults()
    if (crash === 0 || !dice.chance(crash)) return undefined
    if (boundary === "commit" && torn > 0 && dice.chance(torn)) return dice.chance(0.5) ? "torn" : "marked"
    return dice.chance(0.5) ? "lost" : "committed"
  }

  return {
    at: (peer, boundary) => {
      const before = passed.get(peer) ?? []
      const number = before.length
      before.push(boundary)
      passed.set(peer, before)
      const seen = worlds.get(peer) ?? []
      seen.push(changes() + written)
      worlds.set(peer, seen)
      if (!READS.includes(boundary)) written += 1
      const doom = boundary === "commit" ? doomed.get(peer) : undefined
      if (doom !== undefined) doomed.delete(peer)
      const chosen = doom ?? crashes.find((one) => one.peer === peer && one.at === number)?.fate
      const fate = chosen ?? drawn(boundary)
      if (fate !== undefined) crashed(peer, boundary, fate)
      return fate
    },
    doom: (peer, fate) => void doomed.set(peer, fate),
    choose: (chosen) => {
      crashes = chosen
      passed = new Map()
      worlds = new Map()
    },
    passed: () => Object.fromEntries(passed),
    worlds: () => Object.fromEntries(worlds),
  }
}
