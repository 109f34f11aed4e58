/**
 * The invariants of handshakes, ratchets, braids and the cascade that the stepper asks at every step: they hold in runs that are right
 * and in attacked ones, each notices a fault, and none is asked nowhere without a word.
 */
import { assert, describe, it } from "vitest"
import { RECORD } from "../../src/core/contact/records.ts"
import { braidInvariants } from "../../src/spec/invariants/braid.ts"
import { cascadeInvariants } from "../../src/spec/invariants/cascade.ts"
import { handshakeInvariants } from "../../src/spec/invariants/handshake.ts"
import { ratchetInvariants } from "../../src/spec/invariants/ratchet.ts"
import { storageInvariants } from "../../src/spec/invariants/storage.ts"
import { vaultInvariants } from "../../src/spec/invariants/vault.ts"
import { scenarios } from "../../src/spec/scenarios/all.ts"
import { resolved } from "../../src/spec/scenarios/scenario.ts"
import { makeDice } from "../../src/spec/simulation/dice.ts"
import { fastCrypto } from "../../src/spec/simulation/fast-crypto.ts"
import { randomFrom } from "../../src/spec/simulation/seeded.ts"
import type { Simulation } from "../../src/spec/simulation/simulation.ts"
import { Player } from "../stepper/player.ts"
import { askedElsewhere, judgedSeen } from "../stepper/seen.ts"
import { setupOf } from "../stepper/shown.ts"
import { Sightings } from "../stepper/sightings.ts"

const crypto = fastCrypto(randomFrom(makeDice(1)))

const playerOf = async (id: string): Promise<Player> => {
  const scenario = scenarios.find((one) => one.id === id)!
  const { choices } = scenario
  const player = new Player(setupOf(scenario))
  await player.begin()
  for (const choice of choices) await player.do(resolved(choice, player.moments.at(-1)!.view))
  return player
}

const brokenIn = (player: Player): ReadonlyArray<string> =>
  player.moments.at(-1)!.watched.flatMap(({ holds, id }) => (holds ? [] : [id]))

/** A run whose player sees something else than what is there. */
interface Inside {
  readonly seen: Sightings
  simulation: Simulation
}
const inside = (player: Player): Inside => player as unknown as Inside

const { seen, simulation } = inside(await playerOf("pairing"))
const { choices } = simulation.record

/** What is broken where something else was seen, or lies on a disk. */
const brokenWith = (change: (seen: Sightings) => void, run: Simulation = simulation): ReadonlyArray<string> => {
  const other = new Sightings(crypto)
  for (const name of ["attempts", "sights", "forged", "refusals", "wires"] as const)
    (other[name] as Array<unknown>).push(...seen[name])
  for (const name of ["records", "keys", "oneTime", "braids"] as const)
    for (const [key, value] of seen[name]) (other[name] as Map<string, unknown>).set(key, value)
  for (const pair of seen.matches) other.matches.add(pair)
  change(other)
  return judgedSeen(run, run.view(), choices, other).flatMap(({ holds, id }) => (holds ? [] : [id]))
}

/** The same run, in which somebody's disk has something else in one record. */
const withRecord = (run: Simulation, owner: string, id: string, bytes: Uint8Array): Simulation => ({
  ...run,
  records: (peer, other) => {
    const found = run.records(peer, other)
    return found === undefined || peer !== owner ? found : new Map(found).set(id, bytes)
  },
})

/** What a first look at the disks of a run sees. */
const lookedAt = async (run: Simulation): Promise<Sightings> => {
  const looks = new Sightings(crypto)
  const view = run.view()
  const nothing = { before: undefined, choice: undefined, frames: [], fresh: [], arrived: [] }
  await looks.look({ simulation: run, view, ...nothing, sentBy: () => 0, movesOf: () => 0 })
  return looks
}

describe("what the stepper asks at every step", () => {
  it("is every invariant, but those of which it says why not", () => {
    const families = [handshakeInvariants, ratchetInvariants, braidInvariants, cascadeInvariants]
    const all = [...families, vaultInvariants, storageInvariants].flatMap((family) => family.map(({ id }) => id))
    const asked = judgedSeen(simulation, simulation.view(), choices, seen).map(({ id }) => id)
    assert.sameMembers([...asked, ...askedElsewhere(false).map(({ id }) => id)], all)
    assert.includeMembers(asked, [
      "HS-1",
      "HS-2",
      "HS-9",
      "RT-1",
      "RT-2",
      "RT-6",
      "BR-1",
      "BR-6",
      "CA-3",
      "CA-5",
      "CA-7",
    ])
  })

  for (const [id, what] of [
    ["damaged-bundle", { attack: "altered", frame: "bundle" }],
    ["downgrade", { attack: "stripped", frame: "hello" }],
    ["replayed-hello", { attack: "replayed", frame: "hello" }],
  ] as const)
    it(`sees that an attack comes to nothing: ${id}`, async () => {
      const player = await playerOf(id)
      assert.deepInclude(inside(player).seen.attempts, { ...what, taken: false, changed: false })
      assert.deepStrictEqual(brokenIn(player), [])
    })

  it("sees that damaged and reflected frames are refused, that none opens twice, and what a disk opens later", async () => {
    for (const id of ["flooding", "reflected", "repeated"]) {
      const player = await playerOf(id)
      const { forged, sights } = inside(player).seen
      assert.isTrue(
        id === "repeated"
          ? sights.some((sight) => sight.saw === "arrival" && sight.frame === "repeated")
          : forged.length > 0,
        id,
      )
      assert.isTrue(
        sights.some(({ saw }) => saw === "dump"),
        id,
      )
      assert.deepStrictEqual(brokenIn(player), [], id)
    }
  })

  it("holds where nothing is wrong", () => {
    assert.deepStrictEqual(
      brokenWith(() => {}),
      [],
    )
  })

  it("notices a handshake in which an attack has an effect, or the two sides are not at one", () => {
    for (const [attack, id] of [
      ["altered", "HS-1"],
      ["stripped", "HS-4"],
      ["replayed", "HS-5"],
      ["reflected", "HS-9"],
    ] as const)
      assert.deepStrictEqual(
        brokenWith(({ attempts }) => attempts.push({ attack, frame: "hello", taken: false, changed: true })),
        [id],
      )
    const transcript = simulation.records("bob", "alice")!.get(RECORD.transcript)!
    const apart = withRecord(simulation, "bob", RECORD.transcript, transcript.toReversed())
    assert.includeMembers([...brokenWith(() => {}, apart)], ["HS-2", "HS-8"])
  })

  it("notices on a disk one-time keys that were used, and a key that two layers have", async () => {
    const used = await lookedAt(withRecord(simulation, "alice", RECORD.oneTime, new Uint8Array(40)))
    assert.include(
      brokenWith(({ oneTime }) => {
        for (const [pair, keys] of used.oneTime) oneTime.set(pair, keys)
      }),
      "HS-6",
    )
    const shared = simulation.records("bob", "alice")!.get("layer/aes")!
    const twice = await lookedAt(withRecord(simulation, "bob", "layer/kem", shared))
    assert.include(
      brokenWith(({ keys }) => {
        for (const [pair, found] of twice.keys) keys.set(pair, found)
      }),
      "CA-3",
    )
  })

  it("notices a disk that still opens what was opened", async () => {
    const player = await playerOf("pairing")
    const run = inside(player)
    const kept = run.simulation.records("bob", "alice")!.get("layer/kem")!
    run.simulation = withRecord(run.simulation, "bob", "layer/kem", kept)
    await player.do(["event", "alice", { do: "send", to: "bob", text: "hello" }])
    await player.do(["wait", 1_000])
    assert.include(brokenIn(player), "RT-6")
    player.close()
  })

  it("notices a ratchet that opens twice, forgets nothing, or changes by a frame that it refuses", () => {
    const { reused } = simulation.record.encryptions as unknown as { reused: Array<string> }
    reused.push("gcm 1.2")
    assert.deepStrictEqual(
      brokenWith(() => {}),
      ["RT-1"],
    )
    reused.pop()
    const work = { publicKey: 0, symmetric: 0 }
    const arrival = { saw: "arrival", to: "joiner", promised: false, work } as const
    const broken = (sight: Sightings["sights"][number]) => brokenWith(({ sights }) => sights.push(sight))
    assert.deepStrictEqual(broken({ ...arrival, frame: "repeated", outcome: "opened", intact: true }), ["RT-3"])
    assert.deepStrictEqual(broken({ ...arrival, frame: "forged", outcome: "refused", intact: false }), ["RT-2"])
    assert.deepStrictEqual(broken({ saw: "dump", of: "joiner", usedKeys: 0, openedEarlier: 1 }), ["RT-6"])
  })

  it("notices a braid that leaves an epoch out, and a record that is not its state", () => {
    assert.deepStrictEqual(
      brokenWith(({ braids }) => braids.set("x", { by: "joiner", epochs: [1, 3] })),
      ["BR-1"],
    )
    const record = { layer: "signal", same: false, trailing: false } as const
    assert.sameMembers([...brokenWith(({ records }) => records.set("x", [record]))], ["RT-2", "BR-6", "CA-7"])
  })

  it("notices a cascade whose layers share a key, whose refusals differ, or whose lengths say more than the bucket", () => {
    assert.deepStrictEqual(
      brokenWith(({ keys }) =>
        keys.set("x", [
          { layer: "aes", key: "one" },
          { layer: "kem", key: "one" },
        ]),
      ),
      ["CA-3"],
    )
    assert.deepStrictEqual(
      brokenWith(({ refusals }) => refusals.push("0 frames in answer", "1 frames in answer")),
      ["CA-5"],
    )
    assert.deepStrictEqual(
      brokenWith(({ wires }) => wires.push({ content: 3, wire: 1 })),
      ["CA-6"],
    )
    assert.include(
      brokenWith(({ forged }) => forged.push({ attack: "tamper", opened: true, intact: false })),
      "CA-5",
    )
  })
})
