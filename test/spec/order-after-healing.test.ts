/**
 * A message waits at its receiver for an earlier one while one of the two comes back from a backup or an old state: what was written
 * first is shown first, and nothing is missing. Docs: delivery.md, "When numbers are given anew".
 */
import { assert, describe, it } from "vitest"
import { runSimulation } from "../../src/spec/simulation/run.ts"
import { drawSchedule, FAULT_KINDS } from "../../src/spec/simulation/schedule.ts"
import { simulate } from "../../src/spec/simulation/simulate.ts"
import type { Simulation } from "../../src/spec/simulation/simulation.ts"

const paired = async (): Promise<Simulation> => {
  const run = await simulate({ seed: 1, peers: ["alice", "bob"], crypto: "fast", detail: false })
  await run.step(["event", "alice", { do: "pair", with: "bob" }])
  await run.step(["wait", 20_000])
  return run
}

const send = (run: Simulation, text: string) => run.step(["event", "alice", { do: "send", to: "bob", text }])

/** All of it that is under way is lost. */
const sendInVain = async (run: Simulation, text: string) => {
  const before = new Set(run.view().frames.map(({ id }) => id))
  await send(run, text)
  for (const { from, id } of run.view().frames) if (from === "alice" && !before.has(id)) await run.step(["drop", id])
}

const shownTo = (run: Simulation, name: string) =>
  run
    .view()
    .peers.find((peer) => peer.name === name)!
    .contacts[0]!.history.filter(({ from, text }) => from !== name && text !== "")
    .map(({ text }) => text)

/** It dies of this, and its owner opens it again. */
const backAfter = async (run: Simulation, choice: readonly ["restore" | "putBack", string]) => {
  await run.step(choice)
  await run.step(["restart", choice[1]])
}

/** "one" is lost, "two" waits for it at bob's and is acknowledged; what then happens comes before "one" is sent again. */
const after = async (happens: (run: Simulation) => Promise<void>): Promise<ReadonlyArray<string>> => {
  const run = await paired()
  try {
    await sendInVain(run, "one")
    await send(run, "two")
    await run.step(["wait", 400])
    assert.deepEqual(shownTo(run, "bob"), [])
    await happens(run)
    await run.step(["wait", 120_000])
    await send(run, "last")
    await run.step(["wait", 20_000])
    assert.deepEqual(
      run.view().invariants.filter(({ holds }) => !holds),
      [],
    )
    return shownTo(run, "bob")
  } finally {
    run.close()
  }
}

describe("a message that waits for an earlier one", () => {
  it("is shown after it where its sender comes back from a backup", async () => {
    const shown = await after((run) => backAfter(run, ["restore", "alice"]))
    assert.deepEqual(shown, ["one", "two", "last"])
  })

  it("is not lost where its receiver does, though it was acknowledged", async () => {
    const shown = await after((run) => backAfter(run, ["restore", "bob"]))
    assert.deepEqual(shown, ["one", "two", "last"])
  })

  it("is shown after all that its sender still has, where the sender comes back from before it was written", async () => {
    const shown = await after(async (run) => {
      await run.step(["copy", "alice"])
      await sendInVain(run, "three")
      await send(run, "forgotten")
      await run.step(["wait", 200])
      await backAfter(run, ["putBack", "alice"])
    })
    assert.deepEqual(shown, ["one", "two", "forgotten", "last"])
  })

  // Schedules by which the simulator found it: restored, with a restore and lost keys, with both rules broken.
  for (const seed of [86, 305, 191]) {
    it(`keeps the order and is not lost in schedule ${seed}`, async () => {
      const { violations } = await runSimulation(drawSchedule({ seed, kinds: FAULT_KINDS }))
      assert.deepEqual(violations, [])
    })
  }
})
