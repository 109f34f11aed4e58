/** The invariants that the stepper asks at every step: they hold in a run that is right, and notice one that is not. */
import { assert, describe, it } from "vitest"
import { entry, RECORD } from "../../src/core/contact/records.ts"
import { utf8 } from "../../src/core/crypto/bytes.ts"
import { disappearing, expired } from "../../src/spec/scenarios/messages.ts"
import { pairing } from "../../src/spec/scenarios/pairing.ts"
import { play } from "../../src/spec/scenarios/play.ts"
import { resolved } from "../../src/spec/scenarios/scenario.ts"
import { simulate } from "../../src/spec/simulation/simulate.ts"
import type { Simulation } from "../../src/spec/simulation/simulation.ts"
import { type Looks, lookedAt, NO_LOOKS } from "../stepper/expiring.ts"
import { Player } from "../stepper/player.ts"
import { watched } from "../stepper/watch.ts"

const { simulation } = await play(pairing)
const { choices } = simulation.record
const brokenIn = (run: Simulation, looks: Looks = NO_LOOKS) =>
  watched(run, run.view(), run.record.choices, looks).flatMap(({ holds, id }) => (holds ? [] : [id]))

/** The same run, in which a disk holds something else. */
const withRecords = (
  run: Simulation,
  owner: string,
  change: (records: Map<string, Uint8Array>) => void,
): Simulation => ({
  ...run,
  records: (peer, other) => {
    const found = run.records(peer, other)
    if (found === undefined || peer !== owner) return found
    const records = new Map(found)
    change(records)
    return records
  },
})

describe("the invariants of delivery and of healing, at a step", () => {
  it("hold in a run that is right", () => {
    const ids = watched(simulation, simulation.view(), choices, NO_LOOKS).map(({ id }) => id)
    assert.includeMembers(ids, ["DL-1", "DL-2", "DL-4", "HL-1", "HL-2", "HL-3", "EX-1"])
    assert.deepStrictEqual(brokenIn(simulation), [])
  })

  it("are broken by a message that is shown twice", () => {
    const first = (records: Map<string, Uint8Array>) => records.get(RECORD.history(0))!
    const twice = withRecords(simulation, "alice", (records) => records.set(RECORD.history(9), first(records)))
    assert.include(brokenIn(twice), "DL-1")
  })
})

describe("the invariant of expiry, at a step", () => {
  /** Every step of the run, with looks at disks that somebody may have changed. */
  const looksAt = async (changed: (run: Simulation) => Simulation): Promise<ReadonlyArray<string>> => {
    const { peers, seed } = disappearing
    const run = await simulate({ seed, peers, crypto: "fast" })
    let looks = NO_LOOKS
    for (const choice of disappearing.choices) {
      await run.step(resolved(choice, run.view()))
      looks = lookedAt(looks, changed(run), run.view(), run.record.choices)
    }
    const broken = brokenIn(run, looks)
    run.close()
    return broken
  }

  it("holds in the scenarios in which messages disappear, step by step", async () => {
    for (const { choices: all, id, peers, seed } of [disappearing, expired]) {
      const player = new Player({ seed, peers, crypto: "fast" })
      await player.begin()
      for (const choice of all) await player.do(resolved(choice, player.moments.at(-1)!.view))
      player.close()
      assert.isTrue(player.moments.at(-1)!.watched.find((one) => one.id === "EX-1")?.holds, id)
    }
  })

  it("is broken by a text that outlives its time, as it was or in another record", async () => {
    assert.notInclude(await looksAt((run) => run), "EX-1")
    let kept: Uint8Array | undefined
    const revived = (run: Simulation) =>
      withRecords(run, "bob", (records) => {
        const [id, found] = [...records].find(([, bytes]) => entry.decode(bytes)?.due !== undefined) ?? []
        if (id !== undefined) kept ??= found
        else if (kept !== undefined) records.set(RECORD.history(0), kept)
      })
    assert.include(await looksAt(revived), "EX-1")
    const elsewhere = (run: Simulation) =>
      withRecords(run, "alice", (records) => records.set("x", utf8("the door code is 4711")))
    assert.include(await looksAt(elsewhere), "EX-1")
  })
})
