/**
 * Short runs of the simulator's driver in which one chosen thing befalls one frame, told as observations: for copies of the sources
 * with a fault that no end of a whole run tells of.
 */
import { type DeliveryObservation, NOTHING_OBSERVED } from "../../src/spec/invariants/delivery.ts"
import type { SimulationObservation } from "../../src/spec/invariants/simulation.ts"
import { runSimulation } from "../../src/spec/simulation/run.ts"
import { drawSchedule } from "../../src/spec/simulation/schedule.ts"
import { simulate } from "../../src/spec/simulation/simulate.ts"
import type { Simulation } from "../../src/spec/simulation/simulation.ts"

const paired = async (): Promise<Simulation> => {
  const run = await simulate({ seed: 1, peers: ["alice", "bob"], crypto: "fast", detail: false })
  await run.step(["event", "alice", { do: "pair", with: "bob" }])
  await run.step(["wait", 20_000])
  return run
}

/** The newest frame from somebody that is under way. */
const newest = (run: Simulation, from: string) =>
  run
    .view()
    .frames.filter((frame) => frame.from === from)
    .map(({ id }) => id)
    .sort((a, b) => a - b)
    .at(-1)!

/** Sealed frames that say nothing numbered: acknowledgements, where nobody types. */
const acknowledgements = (run: Simulation, by: string) =>
  run.record.witness.departed.filter(({ number, peer }) => peer === by && number === undefined).length

/** A copy of a frame comes long after the frame was acknowledged. */
export const cameAgain = async (): Promise<DeliveryObservation> => {
  const run = await paired()
  try {
    await run.step(["event", "alice", { do: "send", to: "bob", text: "once" }])
    await run.step(["duplicate", newest(run, "alice")])
    await run.step(["delay", newest(run, "alice"), 3_000])
    await run.step(["wait", 1_500])
    const before = acknowledgements(run, "bob")
    await run.step(["wait", 3_000])
    const acknowledgedAgain = acknowledgements(run, "bob") > before
    const shown = run.record.told
      .filter(({ peer }) => peer === "bob")
      .map(() => ({ to: 1 as const, number: 1, gap: 0 }))
    return { ...NOTHING_OBSERVED, shown, repeated: [{ to: 1, number: 1, acknowledgedAgain }] }
  } finally {
    run.close()
  }
}

/** The second of two messages comes, and the first is late. */
export const cameEarly = async (): Promise<DeliveryObservation> => {
  const run = await paired()
  try {
    const before = acknowledgements(run, "bob")
    await run.step(["event", "alice", { do: "send", to: "bob", text: "first" }])
    await run.step(["delay", newest(run, "alice"), 900])
    await run.step(["event", "alice", { do: "send", to: "bob", text: "second" }])
    await run.step(["wait", 500])
    const isShown = run.record.told.some(({ peer }) => peer === "bob")
    return {
      ...NOTHING_OBSERVED,
      early: [{ to: 1, number: 2, noticed: !isShown && acknowledgements(run, "bob") > before }],
    }
  } finally {
    run.close()
  }
}

/** Three seeds, each run twice; links end, so that pauses are drawn. */
export const runTwice = async (): Promise<SimulationObservation> => {
  let same = true
  for (const seed of [3, 4, 5]) {
    const drawn = drawSchedule({ seed, sends: 10, pairing: "anew", kinds: ["loss", "crash", "torn", "lease"] })
    const moves: typeof drawn.moves = [...drawn.moves, ["partition"], ["wait", 120_000], ["reconnect"]]
    const traces: Array<string> = []
    for (let i = 0; i < 2; i++) traces.push((await runSimulation({ ...drawn, moves })).trace)
    same &&= traces[0] === traces[1]
  }
  return { reused: 0, departed: [], stale: 0, reopened: true, same }
}
