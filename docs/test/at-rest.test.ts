/** What the stepper asks of a locked disk, and that it notices what lies there unsealed. */
import { assert, describe, it } from "vitest"
import { scenarios } from "../../src/spec/scenarios/all.ts"
import { resolved } from "../../src/spec/scenarios/scenario.ts"
import type { Simulation } from "../../src/spec/simulation/simulation.ts"
import { addressOf, placeIn } from "../stepper/address.ts"
import { leaksOf } from "../stepper/at-rest.ts"
import { Player } from "../stepper/player.ts"
import { setupOf } from "../stepper/shown.ts"

const scenario = scenarios.find(({ id }) => id === "lock-and-unlock")!

/** The run until somebody has locked. */
const lockedRun = async () => {
  const player = new Player(setupOf(scenario))
  await player.begin()
  for (const choice of scenario.choices.slice(0, 7)) {
    await player.do(resolved(choice, player.moments.at(-1)!.view))
  }
  return player
}

describe("a locked disk, in the stepper", () => {
  it("shows nothing that its owner reads there, and is asked for it", async () => {
    const player = await lockedRun()
    const asked = player.moments.at(-1)!.watched.find(({ id }) => id === "ST-2")
    assert.isTrue(asked?.holds)
    assert.notInclude(
      player.elsewhere.map(({ id }) => id),
      "ST-2",
    )
  })

  it("is broken by a text, an id or a part of a record on it, as bytes or written down", async () => {
    const { simulation } = (await lockedRun()) as unknown as { readonly simulation: Simulation }
    assert.deepStrictEqual(leaksOf(simulation, "bob"), [])
    // Everything in the clear, as without a vault.
    const plain = leaksOf({ disk: simulation.hosts, hosts: simulation.hosts }, "bob")
    assert.includeMembers(
      plain.map(({ what }) => what),
      ["a text", "the id of a conversation", "a part of layer/mls"],
    )
    const written = btoa("it says: before you left")
    const records = new Map([["1", new TextEncoder().encode(written)]])
    const beside = (encoded: string) =>
      leaksOf({ disk: () => new Map([[encoded, { records }]]), hosts: simulation.hosts }, "bob").map(
        ({ where }) => where,
      )
    assert.include(beside(Buffer.from("before you left").toString("hex")), "the disk, as hexadecimal")
    assert.include(beside(Buffer.from("before you left").toString("base64")), "the disk, as base64")
  })

  it("is in an address with who has it", () => {
    const place = { choices: scenario.choices, at: 1, frame: undefined, machine: "vault", setup: setupOf(scenario) }
    const read = placeIn(addressOf(place))
    assert.deepInclude(read as object, { setup: { seed: 1, peers: ["alice", "bob"], crypto: "fast", vaults: ["bob"] } })
  })
})
