/** Every scenario does what it says, every invariant holds at its end, and it is the same run each time. */
import { assert, describe, it } from "vitest"
import { scenarios } from "../../src/spec/scenarios/all.ts"
import { hashes } from "../../src/spec/scenarios/hashes.ts"
import { hashOf, play } from "../../src/spec/scenarios/play.ts"
import { PAIRED, send } from "../../src/spec/scenarios/prelude.ts"
import type { Scenario } from "../../src/spec/scenarios/scenario.ts"
import { withoutOutermost } from "../../src/spec/simulation/attacks.ts"
import type { Choice } from "../../src/spec/simulation/choice.ts"
import { INWARDS } from "../../src/spec/simulation/opening.ts"
import { simulate } from "../../src/spec/simulation/simulate.ts"
import type { Simulation } from "../../src/spec/simulation/simulation.ts"
import { canonicalJson, traceHash } from "../../src/spec/simulation/trace-hash.ts"
import { invariantIds } from "../docs/invariants.ts"

const scenarioCalled = (id: string): Scenario => {
  const found = scenarios.find((scenario) => scenario.id === id)
  assert.isDefined(found)
  return found!
}

describe("scenario", () => {
  for (const scenario of scenarios) {
    it(`${scenario.id}: ${scenario.title}`, async () => {
      const played = await play(scenario)
      assert.isUndefined(played.stoppedAt)
      assert.deepEqual(played.missed, [])
      const { invariants } = played.simulation.view()
      assert.deepEqual(
        invariants.filter(({ holds }) => !holds),
        [],
      )
      assert.strictEqual(
        hashOf(played),
        hashes[scenario.id],
        "the run is another one than before: if that is meant, `npm run docs:generate` writes down the new one",
      )
      played.simulation.close()
    })
  }

  it("has an id of its own, shows an invariant that there is, and is expected to come to something", async () => {
    assert.strictEqual(new Set(scenarios.map(({ id }) => id)).size, scenarios.length)
    assert.sameMembers(
      Object.keys(hashes),
      scenarios.map(({ id }) => id),
    )
    const known = await invariantIds()
    for (const { expect, holds, id } of scenarios) {
      assert.isNotEmpty(holds, id)
      assert.includeMembers([...known], [...holds], id)
      assert.isTrue(
        expect.some(({ at }) => at === "end"),
        id,
      )
    }
  })

  it("is missed where something else happens, and stops where it cannot go on", async () => {
    const pairing = scenarioCalled("pairing")
    const [first] = pairing.expect
    const wrong = await play({
      ...pairing,
      expect: [
        { ...first!, state: "settled" } as never,
        { ...first!, atLeast: { sent: 99 } } as never,
        { at: 1, peer: "bob", hears: "healed" },
        { at: "end", of: "alice", layer: "kem", opens: true },
        { at: "end", peer: "alice", from: "bob", texts: ["something else"] },
      ],
    })
    assert.lengthOf(wrong.missed, 5)
    wrong.simulation.close()
    const stuck = await play({ ...pairing, choices: [["restart", "alice"]] })
    assert.strictEqual(stuck.stoppedAt, 0)
    stuck.simulation.close()
  })

  it("has another hash when it is another run, and when it ends otherwise", async () => {
    const pairing = scenarioCalled("pairing")
    const other = await play({ ...pairing, seed: pairing.seed + 1 })
    const { lines } = other.simulation.record
    const view = other.simulation.view()
    const all = [
      hashes["pairing"],
      hashOf(other),
      traceHash(lines.slice(1), view),
      traceHash(lines, { ...view, parted: ["*"] }),
    ]
    other.simulation.close()
    assert.strictEqual(new Set(all).size, all.length)
    assert.strictEqual(canonicalJson({ b: [1, undefined], a: undefined, c: "ü" }), '{"b":[1,null],"c":"ü"}')
  })
})

/** What Alice does about Bob, if she can: it is offered then, and only then. */
const aliceOf =
  (simulation: Simulation) =>
  async (what: "pair" | "cancel" | "block" | "unblock"): Promise<boolean> => {
    const choice: Choice = ["event", "alice", { do: what, with: "bob" }]
    const isOffered = simulation.enabled().some((one) => JSON.stringify(one) === JSON.stringify(choice))
    const isDone = await simulation.step(choice)
    assert.strictEqual(isDone, isOffered, what)
    return isDone
  }

describe("a person of the simulator", () => {
  it("takes an invite back that nobody has used, once", async () => {
    const simulation = await simulate({ seed: 1, peers: ["alice", "bob"] })
    const alice = aliceOf(simulation)
    assert.isFalse(await alice("cancel"))
    await simulation.step(["crash", "bob"])
    assert.isTrue(await alice("pair"))
    assert.isFalse(await alice("block"))
    assert.isTrue(await alice("cancel"))
    assert.isFalse(await alice("cancel"))
    simulation.close()
  })

  it("blocks somebody, which outlasts the process, and hears what was written meanwhile once it is taken back", async () => {
    const simulation = await simulate({ seed: 1, peers: ["alice", "bob"] })
    const alice = aliceOf(simulation)
    const texts = () => simulation.view().peers[0]?.contacts[0]?.history.map(({ text }) => text)
    assert.isFalse(await alice("block"))
    for (const choice of PAIRED) await simulation.step(choice)
    assert.isFalse(await alice("cancel"))
    assert.isFalse(await alice("unblock"))
    assert.isTrue(await alice("block"))
    assert.isFalse(await alice("block"))
    await simulation.step(["crash", "alice"])
    await simulation.step(["restart", "alice"])
    await simulation.step(send("bob", "alice", "are you there?"))
    await simulation.step(["wait", 60_000])
    assert.strictEqual(simulation.view().peers[0]?.contacts[0]?.session, "blocked")
    assert.deepEqual(texts(), [])
    assert.isTrue(await alice("unblock"))
    assert.isFalse(await alice("unblock"))
    await simulation.step(["wait", 60_000])
    assert.deepEqual(texts(), ["are you there?"])
    simulation.close()
  })
})

describe("an attacker of the simulator", () => {
  it("steals every layer's keys, and two ratchets heal by answering while the others wait for new keys", async () => {
    const { simulation } = await play({
      ...scenarioCalled("stolen-kem"),
      expect: [],
      crypto: "fast",
      choices: scenarioCalled("stolen-kem").choices.flatMap(
        (choice): ReadonlyArray<Choice> =>
          choice[0] === "steal" ? INWARDS.map((layer) => ["steal", "alice", layer]) : [choice],
      ),
    })
    const latest = () => Object.fromEntries(simulation.view().thefts.map((theft) => [theft.layer, theft.latest]))
    assert.deepEqual(latest(), { aes: true, kem: false, signal: false, mls: true })
    await simulation.step(["event", "alice", { do: "renewKeys", with: "bob" }])
    await simulation.step(["wait", 10_000])
    await simulation.step(["event", "bob", { do: "send", to: "alice", text: "under new keys" }])
    await simulation.step(["wait", 100])
    assert.deepEqual(latest(), { aes: false, kem: false, signal: false, mls: false })
    simulation.close()
  })

  it("does nothing where there is nothing to do it to", async () => {
    const { simulation } = await play({ ...scenarioCalled("pairing"), choices: [] })
    for (const choice of [
      ["reflect", 1],
      ["strip", 1],
      ["flood", 1, 10],
      ["replay", "hello"],
      ["replay", 7],
      ["putBack", "alice"],
      ["steal", "alice", "kem"],
    ] as const) {
      assert.isFalse(await simulation.step(choice), choice[0])
    }
    assert.isUndefined(withoutOutermost(new Uint8Array([1, 2, 3])))
    simulation.close()
  })
})
