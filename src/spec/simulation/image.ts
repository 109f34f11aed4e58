/**
 * A moment of a simulation that others begin with: what is on the disks, and what was seen until then. Docs: simulator.md,
 * "Schedules".
 */
import type { Disk, DiskImage } from "./disk.ts"
import type { Encryptions, EncryptionsMemory } from "./encryptions.ts"
import type { Intents, Pairing } from "./intents.ts"
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
