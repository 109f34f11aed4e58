/**
 * What the invariants of handshakes, ratchets, braids and the cascade say of all that was seen in a run, and which others are asked
 * elsewhere, and why. Docs: invariants.md.
 */
import { about, RECORD } from "../../src/core/contact/records.ts"
import type { Attempt, CascadeObservation, Game } from "../../src/spec/games/cascade-run.ts"
import { braidInvariants } from "../../src/spec/invariants/braid.ts"
import { cascadeInvariants } from "../../src/spec/invariants/cascade.ts"
import { type HandshakeEnd, handshakeInvariants, NO_HANDSHAKE } from "../../src/spec/invariants/handshake.ts"
import type { Invariant } from "../../src/spec/invariants/invariant.ts"
import { ratchetInvariants } from "../../src/spec/invariants/ratchet.ts"
import { storageInvariants } from "../../src/spec/invariants/storage.ts"
import { vaultInvariants } from "../../src/spec/invariants/vault.ts"
import type { Choice } from "../../src/spec/simulation/choice.ts"
import type { Simulation } from "../../src/spec/simulation/simulation.ts"
import type { View } from "../../src/spec/simulation/view.ts"
import { pairOf, type Sightings } from "./sightings.ts"

type Judged = View["invariants"][number]

/** Why a run cannot be asked, by the invariant's id. The list of invariants has the tests that ask it. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "HS-3": "nobody in a run has the secret that it takes to send an invalid key",
  "HS-7": "nobody in a run steals identity keys and passes for somebody with them",
  "HS-10": "it speaks of memory after a storage was closed, into which a run does not look",
  "RT-4": "it counts calls of primitives, and a run does not",
  "RT-5": "a run leaves too few frames out, for too short a time",
  "RT-7": "a run shows under Thieves what opens, but not when a leak must be healed",
  "RT-8": "no run comes near the end of a counter",
  "BR-2": "the secrets of epochs are gone before a disk could be looked at",
  "BR-3": "it speaks of keys within the layer, which no disk has",
  "BR-4": "it speaks of keys within the layer, which no disk has",
  "BR-5": "it takes every leak at every moment, one run has few",
  "BR-7": "it takes an exchange that nothing disturbs afterwards",
  "CA-1": "nobody in a run has a layer's keys to take it off and put it on again",
  "CA-2": "it takes an adversary who plays three layers itself",
  "CA-4": "associated data is nowhere but in the moment in which it is computed",
  "ST-1": "nobody in a run changes what lies on a sealed disk",
  "ST-2": "nobody's storage is sealed in this run: it is asked where a vault seals one",
  "ST-3": "leases and writes of each storage are tried on real ones; SM-3 asks the same of a run",
  "ST-4": "no storage of a run fails",
}

const ALL: ReadonlyArray<Pick<Invariant<never>, "id" | "says">> = [
  ...handshakeInvariants,
  ...ratchetInvariants,
  ...braidInvariants,
  ...cascadeInvariants,
  ...vaultInvariants,
  ...storageInvariants,
]

/** Those that a run is not asked. `hasVaults`: somebody's storage is sealed in it. */
export const askedElsewhere = (
  hasVaults: boolean,
): ReadonlyArray<{ readonly id: string; readonly says: string; readonly why: string }> =>
  ALL.flatMap(({ id, says }) => {
    const why = hasVaults && id === "ST-2" ? undefined : ELSEWHERE[id]
    return why === undefined ? [] : [{ id, says, why }]
  })

const judged =
  <Observation>(observations: ReadonlyArray<Observation>) =>
  (invariant: Invariant<Observation>): ReadonlyArray<Judged> =>
    ELSEWHERE[invariant.id] === undefined
      ? [{ id: invariant.id, says: invariant.says, holds: observations.every(invariant.holds) }]
      : []

/** An old disk in the place of a newer one, or one without keys, knows less than the other side: of what both know nothing is asked then. */
const isOther = ([what]: Choice): boolean => ["putBack", "restore", "replace", "lose"].includes(what)

/** Each with whether it holds so far. */
export const judgedSeen = (
  simulation: Simulation,
  view: View,
  choices: ReadonlyArray<Choice>,
  seen: Sightings,
): ReadonlyArray<Judged> => {
  const isWhole = !choices.some(isOther)
  const common = { ...NO_HANDSHAKE, attempts: seen.attempts, oneTime: [...seen.oneTime.values()] }
  const pairs = isWhole ? simulation.intents.pairings : []
  const handshakes = [common, ...pairs.map((pair) => ({ ...common, ...endsOf(simulation, view, pair, seen) }))]
  const { encryptions } = simulation.record
  const twice = encryptions.reused.flatMap((key) =>
    ["one", "another"].map((digest) => ({ cipher: "aes256Gcm" as const, key, nonce: "", digest })),
  )
  const records = [...seen.records.values()].flat()
  const ratchets = {
    promises: PROMISES,
    sights: [...seen.sights, ...records.map(({ same }) => ({ saw: "restored" as const, same }))],
    encryptions: twice,
  }
  const braids = [
    {
      seed: 0,
      sights: records.flatMap(({ layer, same }) => (layer === "signal" ? [{ saw: "restored" as const, same }] : [])),
    },
    ...(isWhole ? [...seen.braids.values()] : []).map(({ by, epochs }) => ({
      seed: 0,
      sights: epochs.map((epoch) => ({
        ...{ saw: "agreed" as const, by: by === "joiner" ? ("initiator" as const) : ("responder" as const) },
        ...{ epoch, witness: String(epoch) },
      })),
    })),
  ]
  const { refusals, wires } = seen
  const attempts = seen.forged.map(({ attack, intact, opened }): Attempt => {
    return { attack, outcome: opened ? "opened" : "refused", genuine: false, again: false, intact }
  })
  const game: Game = { honest: "aes", given: [], broken: false }
  const cascade: CascadeObservation = {
    ...{ game, attempts, refusals, wires, records },
    ...{ keys: [], peeks: [], views: [], bindings: [] },
  }
  const cascades = [cascade, ...[...seen.keys.values()].map((keys) => ({ ...cascade, keys }))]
  return [
    ...handshakeInvariants.flatMap(judged(handshakes)),
    ...ratchetInvariants.flatMap(judged([ratchets])),
    ...braidInvariants.flatMap(judged(braids)),
    ...cascadeInvariants.flatMap(judged(cascades)),
  ]
}

/** Of a layer's promises those that are asked here need none. */
const PROMISES = {
  ...{ skip: 0, stored: 0, turns: 0, heals: false, forgetsDerivations: false },
  work: { publicKey: 0, symmetric: 0 },
}

/** How a pairing stands, while both sides run and nobody agrees keys anew. */
const endsOf = (simulation: Simulation, view: View, { inviter, joiner }: Two, seen: Sightings) => {
  const sides = [
    ["inviter", inviter, joiner],
    ["joiner", joiner, inviter],
  ] as const
  const contacts = sides.map(([, name, other]) =>
    view.peers.find((peer) => peer.name === name)?.contacts.find((one) => one.with === other),
  )
  const machines = contacts.flatMap((one) => one?.machines ?? [])
  if (contacts.includes(undefined) || machines.some(({ id }) => id.endsWith("/again"))) return {}
  const ends = sides.map(([role, name, other], i): HandshakeEnd => {
    const transcript = simulation.records(name, other)?.get(RECORD.transcript)
    const isPaired = isPairedWith(simulation, name, other)
    return {
      role,
      established: isPaired && contacts[i]?.session === "established",
      heard: transcript && String(transcript),
      sessions: isPaired ? 1 + sessionsTooMany(simulation, name) : 0,
    }
  })
  const isQuiet = !machines.some(({ machine }) => machine === "inviter" || machine === "joiner")
  const atRest = isQuiet && ends.every(({ established }) => established)
  return { ends, atRest, keysMatch: atRest && seen.matches.has(pairOf(inviter, joiner)) ? true : undefined }
}

interface Two {
  readonly inviter: string
  readonly joiner: string
}

const isPairedWith = ({ records }: Simulation, name: string, other: string): boolean =>
  about.decode(records(name, other)?.get(RECORD.about) ?? new Uint8Array())?.pairedAt !== undefined

/** Sessions that somebody was told of, beyond one for each who is paired with them. */
const sessionsTooMany = (simulation: Simulation, name: string): number => {
  const told = simulation.record.lines.filter(
    ({ peer, what }) => peer === name && what.startsWith("session/main HandshakeFinished:"),
  )
  return Math.max(0, told.length - simulation.peers.filter((other) => isPairedWith(simulation, name, other)).length)
}
