/** What a simulation takes and gives: the one driver of tests, `sotto fuzz` and the stepper. Docs: simulator.md, "The driver". */
import type { Storage } from "../../core/store.ts"
import type { Transport } from "../../core/transport.ts"
import type { Choice } from "./choice.ts"
import type { Boundary, CrashAt, SimulationFaults } from "./faults.ts"
import type { Image } from "./image.ts"
import type { Intents } from "./intents.ts"
import type { NetworkCounters } from "./network-values.ts"
import type { Life } from "./peer.ts"
import type { RunRecord } from "./record.ts"
import type { View } from "./view.ts"

/** Adapters to be tried in the place of the simulated ones: asked for once for each peer of a run, they outlive its processes. */
export interface SimulationAdapters {
  /** A storage for this person. */
  readonly storage?: (peer: string) => Storage
  /** A transport for this person. */
  readonly transport?: (peer: string) => Transport
}

/** What a run is made of. */
export interface SimulationOptions {
  /** Everything random follows from it. */
  readonly seed: number
  /** How many, or how they are called. Default: two. */
  readonly peers?: number | ReadonlyArray<string>
  /** `real`: the primitives of production. `fast`: stand-ins of the same shapes that protect nothing. Default: `fast`. */
  readonly crypto?: "real" | "fast"
  /** What befalls frames and processes by chance. Default: nothing. */
  readonly faults?: SimulationFaults
  /** Adapters to be tried in the place of the simulated ones. */
  readonly adapters?: SimulationAdapters
  /** Whether the record has a line for everything that happened. Default: true. */
  readonly detail?: boolean
  /** Begins with what was on the disks then, and with its peers. Not with adapters, which have disks of their own. */
  readonly from?: Image
  /** Whether processes that died come back by themselves. Default: false, they wait for `restart`. */
  readonly reborn?: boolean
  /** Whose storage a vault seals: they begin locked, with no vault yet. Not with `from`, nor with a storage under trial. Default: nobody's. */
  readonly vaults?: ReadonlyArray<string>
  /** Contacts without a link that a peer keeps open; the others sleep. Default: as the engine does. */
  readonly maxAwake?: number
}

/** A run under way: what can be chosen, and what it shows. */
export interface Simulation {
  /** It and the choices are the run. */
  readonly seed: number
  /** By their names. */
  readonly peers: ReadonlyArray<string>
  /** What can be chosen now. Sends are listed with an example. */
  readonly enabled: () => ReadonlyArray<Choice>
  /** Does it, and everything that follows without time. False: it is not possible now, and nothing happened. */
  readonly step: (choice: Choice) => Promise<boolean>
  /** Everything as it stands, as JSON. */
  readonly view: () => View
  /** Everything that was seen so far. */
  readonly record: RunRecord
  /** What people wanted, and what came of it. */
  readonly intents: Intents
  /** What was done to frames so far. */
  readonly network: Readonly<NetworkCounters>
  /** Milliseconds of virtual time. */
  readonly now: () => number
  /** When the next thing is due; undefined when nothing is. */
  readonly nextDue: () => number | undefined
  /** Crashes at chosen boundaries, counted from now; replaces those that were chosen before. */
  readonly crashAt: (crashes: ReadonlyArray<CrashAt>) => void
  /** The boundaries that each peer has passed since `crashAt`. */
  readonly boundaries: () => Readonly<Record<string, ReadonlyArray<Boundary>>>
  /** The world at each of them: two have the same number if nothing outside the processes has changed between them. */
  readonly worlds: () => Readonly<Record<string, ReadonlyArray<number>>>
  /** Replaces the faults. */
  readonly set: (faults: SimulationFaults) => void
  /** A person's process, if there is one. */
  readonly life: (peer: string) => Life | undefined
  /** What a peer's disk holds of a conversation, as its owner reads it, for whoever explains bytes; undefined before there is one. */
  readonly records: (peer: string, other: string) => ReadonlyMap<string, Uint8Array> | undefined
  /** What lies on a peer's disk, as anybody finds it who has the disk. */
  readonly disk: (peer: string) => ReadonlyMap<string, { readonly records: ReadonlyMap<string, Uint8Array> }>
  /** What a peer's disk holds, as its owner reads it, by conversation. */
  readonly hosts: (peer: string) => ReadonlyMap<string, { readonly records: ReadonlyMap<string, Uint8Array> }>
  /** Everything that is durable by now, for other runs to begin with. */
  readonly image: () => Image
  /** Nothing runs any more. */
  readonly close: () => void
}
