/** People whose clocks are wrong, by hours or by years, in either direction. Docs: delivery.md, "Clocks that are set". */
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { toldIn } from "../../src/spec/simulation/run.ts"
import { simulate } from "../../src/spec/simulation/simulate.ts"
import type { Simulation } from "../../src/spec/simulation/simulation.ts"

const HOUR = 3_600_000
const YEAR = 365 * 24 * HOUR
/** A simulation's invites are good for a day: a joiner whose clock is further ahead finds them expired. */
const AHEAD = 23 * HOUR

const PAIR = [
  ["alice", "bob"],
  ["bob", "alice"],
] as const

const between = async (use: (run: Simulation) => Promise<void>) => {
  const run = await simulate({ seed: 1, peers: ["alice", "bob"], crypto: "fast", detail: false })
  try {
    await use(run)
    assert.deepEqual(
      run.view().invariants.filter(({ holds }) => !holds),
      [],
    )
  } finally {
    run.close()
  }
}

const shownTo = (run: Simulation, name: string) =>
  run.view().peers.find((peer) => peer.name === name)!.contacts[0]?.history ?? []

const write = async (run: Simulation, text: string) => {
  await run.step(["event", "alice", { do: "send", to: "bob", text: `alice: ${text}` }])
  await run.step(["event", "bob", { do: "send", to: "alice", text: `bob: ${text}` }])
  await run.step(["wait", 60_000])
  for (const [name, other] of PAIR) {
    assert.include(
      shownTo(run, name).map(({ text }) => text),
      `${other}: ${text}`,
    )
  }
}

describe("people whose clocks are wrong", () => {
  it("pair, write and renew their keys", { timeout: 120_000 }, () =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.integer({ min: -AHEAD, max: AHEAD }), fc.integer({ min: -20 * YEAR, max: AHEAD })),
        fc.array(fc.tuple(fc.constantFrom("alice", "bob"), fc.integer({ min: -20 * YEAR, max: 20 * YEAR })), {
          minLength: 1,
          maxLength: 2,
        }),
        fc.constantFrom("alice", "bob"),
        (joinerIsOff, set, renews) =>
          between(async (run) => {
            await run.step(["clock", "bob", joinerIsOff])
            await run.step(["event", "alice", { do: "pair", with: "bob" }])
            await run.step(["wait", 60_000])
            await write(run, "as paired")
            for (const [who, by] of set) await run.step(["clock", who, by])
            await run.step(["event", renews, { do: "renewKeys", with: renews === "alice" ? "bob" : "alice" }])
            await run.step(["wait", 5 * 60_000])
            for (const [name, other] of PAIR) {
              const told = await toldIn(run, name, run.intents.contact(name, other))
              assert.include(
                told.map(({ notice }) => notice),
                "renewed",
              )
            }
            await write(run, "under new keys")
          }),
      ),
      { numRuns: 8 },
    ),
  )
})
