/**
 * The braid's invariants, BR of docs/invariants.md, over 20,000 ticks of seeded chaos. `FUZZ=5` multiplies them, FUZZ_SEED is the
 * first seed; a million ticks are test/fuzz/braid.ts.
 */
import { describe, expect, it } from "vitest"
import type { BraidObservation } from "../../../../src/spec/games/braid-run.ts"
import { runBraid } from "../../../../src/spec/games/braid-run.ts"
import { braidInvariants } from "../../../../src/spec/invariants/braid.ts"
import { violations } from "../../../../src/spec/invariants/invariant.ts"
import { braidChaos, diceCrypto } from "./braid-chaos.ts"

const TICKS = 20_000 * Number(process.env["FUZZ"] ?? 1)
const SEED = Number(process.env["FUZZ_SEED"] ?? 1)

describe("chaos", () => {
  const seen = new Map<string, number>()
  const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1)
  const note = ({ sights }: BraidObservation) => {
    for (const sight of sights) {
      count(sight.saw)
      if (sight.saw === "leak") {
        count(`leak in ${sight.state}`)
        count(`${sight.message}: ${sight.exposed}`)
      }
      if (sight.saw === "arrival") count(`${sight.frame} ${sight.isLate} ${sight.outcome}`)
    }
  }

  it(`upholds ${braidInvariants.map(({ id }) => id).join(", ")} (${TICKS} ticks from seed ${SEED})`, () => {
    for (const observation of braidChaos(SEED, TICKS)) {
      expect(violations(braidInvariants, observation), `seed ${observation.seed}`).toEqual([])
      note(observation)
    }
  })

  it("was chaos: every state was stolen, some messages were exposed and some not", () => {
    const states = [...seen.keys()].filter((what) => what.startsWith("leak in "))
    expect(states.length).toBe(11)
    for (const what of ["later: true", "later: false", "underWay: true", "come: false", "fresh false same key"])
      expect(seen.get(what), what).toBeGreaterThan(20)
    expect(seen.get("repeated false refused")).toBeGreaterThan(20)
    expect(seen.get("agreed")).toBeGreaterThan(50)
  })

  it("comes again from its seed", () => {
    const run = () => runBraid(diceCrypto(5), 5, 300)
    expect(run()).toEqual(run())
  })
})
