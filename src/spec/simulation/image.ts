/**
 * A moment of a simulation that others begin with: what is on the disks, and what was seen until then. Pairing is a third of the
 * work of a short run; runs that are about something else begin after it. Docs: simulator.md, "Schedules".
 */
import type { Disk, DiskImage } from "./disk.ts"
import type { Encryptions, EncryptionsMemory } from "./encryptions.ts"
import type { Intents, Pairing } from "./intents.ts"
import { isPaired, until } from "./rest.ts"
import { simulate } from "./simulate.ts"
import type { Witness, WitnessMemory } from "./witness.ts"

/** Nothing in it is ever changed: any number of runs may begin with it. */
export interface Image {
  /** Whose disks they are. */
  readonly peers: ReadonlyArray<string>
  /** Virtual time at which it was taken. */
  readonly at: number
  /** By peer. */
  readonly disks: ReadonlyMap<string, DiskImage>
  /** Who has paired with whom. */
  readonly pairings: ReadonlyArray<Pairing>
  /** What became durable and what left until then. */
  readonly witness: WitnessMemory
  /** What each key and nonce encrypted until then. */
  readonly encryptions: EncryptionsMemory
}

export const imageOf = (run: {
  readonly peers: ReadonlyArray<string>
  readonly at: number
  readonly disks: ReadonlyMap<string, Disk>
  readonly intents: Intents
  readonly witness: Witness
  readonly encryptions: Encryptions
}): Image => ({
  peers: run.peers,
  at: run.at,
  disks: new Map([...run.disks].map(([peer, disk]) => [peer, disk.image()])),
  pairings: run.intents.pairings.map((pairing) => ({ ...pairing })),
  witness: run.witness.memory(),
  encryptions: run.encryptions.memory(),
})

/** Pairs of people that differ in their keys; which one a run begins with follows from its seed. */
const IMAGES = 16
/** Far from the seeds that people choose. */
const FIRST_SEED = 0x7a12_0000
const PATIENCE = 60_000
/** So long after they have paired nothing is left to say. */
const QUIET = 5_000

const taken = new Map<string, Promise<Image>>()

/** People who have all paired with each other, and are at rest. Taken once for each that differ. */
export const paired = (seed: number, peers: ReadonlyArray<string>, crypto: "real" | "fast"): Promise<Image> => {
  const which = seed % IMAGES
  const key = JSON.stringify([which, peers, crypto])
  const image = taken.get(key) ?? take(FIRST_SEED + which, peers, crypto)
  taken.set(key, image)
  return image
}

const take = async (seed: number, peers: ReadonlyArray<string>, crypto: "real" | "fast"): Promise<Image> => {
  const run = await simulate({ seed, peers, crypto, detail: false })
  for (const [i, inviter] of peers.entries()) {
    for (const joiner of peers.slice(i + 1)) await run.step(["event", inviter, { do: "pair", with: joiner }])
  }
  if (!(await until(run, () => isPaired(run), PATIENCE))) throw new Error(`seed ${seed} did not pair in a good world`)
  await run.step(["wait", QUIET])
  const image = run.image()
  run.close()
  return image
}
