/**
 * The braid's part of a session: its statechart at rest, and the keys it speaks of. Docs: protocol.md, "Signal layer"; the ML-KEM
 * Braid specification, §2.5. What a state does not need it does not hold: that is what a thief of it does not get.
 */
import { BRAID_CHUNKS, type BraidContext, type BraidEvent, braid as machine } from "../../../machines/braid.ts"
import { choice, fixed, refine, type Shape, uint } from "../../codec/codec.ts"
import { list, optional, struct } from "../../codec/composite.ts"
import type { CryptoService } from "../../crypto/crypto.ts"
import {
  FIRST_CIPHERTEXT_BYTES,
  HEADER_BYTES,
  RANDOMNESS_BYTES,
  SECOND_CIPHERTEXT_BYTES,
  VECTOR_BYTES,
} from "../../crypto/ml-kem-incremental.ts"
import type { CommandsOf } from "../../host/command.ts"
import { fromRest, step } from "../../host/step.ts"
import type { Transition } from "../../host/transition.ts"
import { type Authenticator, BRAID_MAC_BYTES, startAuthenticator } from "./braid-authenticator.ts"
import { type BraidChains, startChains } from "./braid-chains.ts"
import { braidChainsShape } from "./braid-chains-shape.ts"
import { CHUNK_BYTES, CHUNK_NUMBERS, type Chunk } from "./chunks.ts"

/** What the epoch at hand is agreed with. */
export interface Material {
  /** Of our key, d ‖ z. */
  readonly seed?: Uint8Array
  /** Our header and its MAC, as it is sent. */
  readonly signedHeader?: Uint8Array
  /** The peer's header. */
  readonly header?: Uint8Array
  /** The vector of the key, ours or the peer's. */
  readonly vector?: Uint8Array
  /** What our encapsulation drew. */
  readonly randomness?: Uint8Array
  readonly first?: Uint8Array
  /** The second ciphertext and its MAC, as it is sent. */
  readonly signedSecond?: Uint8Array
}

export interface Braid {
  readonly machine: { readonly value: BraidStateName; readonly context: BraidContext }
  readonly authenticator: Authenticator
  readonly chains: BraidChains
  readonly material: Material
  /** Chunks of the message that is coming. */
  readonly kept: ReadonlyArray<Chunk>
}

/** Whose instance the transitions belong to, for `inspect`. */
export const BRAID_ID = "braid/signal"

const STATES = {
  keysUnsampled: 1,
  keysSampled: 2,
  headerSent: 3,
  ct1Received: 4,
  ekSentCt1Received: 5,
  noHeaderReceived: 6,
  headerReceived: 7,
  ct1Sampled: 8,
  ekReceivedCt1Sampled: 9,
  ct1Acknowledged: 10,
  ct2Sampled: 11,
} as const
/** A state of the braid. */
export type BraidStateName = keyof typeof STATES
export const BRAID_STATES = Object.keys(STATES) as ReadonlyArray<BraidStateName>

const HOLDS: Readonly<Record<BraidStateName, ReadonlyArray<keyof Material>>> = {
  keysUnsampled: [],
  keysSampled: ["seed", "signedHeader", "vector"],
  headerSent: ["seed", "vector"],
  ct1Received: ["seed", "vector", "first"],
  ekSentCt1Received: ["seed", "first"],
  noHeaderReceived: [],
  headerReceived: ["header"],
  ct1Sampled: ["header", "randomness", "first"],
  ekReceivedCt1Sampled: ["header", "randomness", "first", "vector"],
  ct1Acknowledged: ["header", "randomness", "first"],
  ct2Sampled: ["signedSecond"],
}

/** `key` is the third part of PQXDH's secret, 32 bytes. The initiator holds the first epoch's key. */
export const startBraid = (crypto: CryptoService, role: "initiator" | "responder", key: Uint8Array): Braid => {
  const value: BraidStateName = role === "initiator" ? "keysUnsampled" : "noHeaderReceived"
  return {
    machine: { value, context: { epoch: 1, sent: 0, received: 0 } },
    authenticator: startAuthenticator(crypto, key),
    chains: startChains(crypto, role === "initiator", key),
    material: {},
    kept: [],
  }
}

type Commands = CommandsOf<typeof machine, "prepare">
export type BraidCommand = {
  [C in keyof Commands]: { readonly type: C; readonly params: Commands[C] }
}[keyof Commands]

export interface BraidDecided {
  readonly machine: Braid["machine"]
  readonly commands: ReadonlyArray<BraidCommand>
  readonly transition: Transition
}

/** The machine's decision; the commands are still to be carried out. */
export const decideBraid = (rest: Braid["machine"], event: BraidEvent): BraidDecided => {
  const { commands, snapshot } = step(machine, fromRest(machine, rest), event)
  return {
    machine: { value: snapshot.value as BraidStateName, context: snapshot.context },
    commands: commands as ReadonlyArray<{ readonly type: string; readonly params: unknown }> as never,
    transition: {
      machine: machine.id,
      id: BRAID_ID,
      event: event.type,
      from: rest.value,
      to: snapshot.value,
      commands: commands.map(({ type }) => type),
      context: snapshot.context,
    },
  }
}

/** Without what the state has no more need of. */
export const forget = (braid: Braid): Braid => {
  const { kept, machine, material } = braid
  const holds: ReadonlyArray<string> = HOLDS[machine.value]
  // Most messages leave everything as it was.
  if (kept.length <= machine.context.received && Object.keys(material).every((name) => holds.includes(name)))
    return braid
  const held = HOLDS[machine.value].map((name) => [name, material[name]])
  return { ...braid, material: Object.fromEntries(held), kept: kept.slice(0, machine.context.received) }
}

const MAX_KEPT = Math.max(...Object.values(BRAID_CHUNKS))

export const braidShape: Shape<Braid> = refine(
  struct({
    machine: [
      1,
      struct({
        value: [1, choice(STATES)],
        context: [2, struct({ epoch: [1, uint()], sent: [2, uint()], received: [3, uint(MAX_KEPT)] })],
      }),
    ],
    authenticator: [2, struct({ root: [1, fixed(32)], macKey: [2, fixed(BRAID_MAC_BYTES)] })],
    chains: [3, braidChainsShape],
    material: [
      4,
      struct({
        seed: [1, optional(fixed(64))],
        signedHeader: [2, optional(fixed(HEADER_BYTES + BRAID_MAC_BYTES))],
        header: [3, optional(fixed(HEADER_BYTES))],
        vector: [4, optional(fixed(VECTOR_BYTES))],
        randomness: [5, optional(fixed(RANDOMNESS_BYTES))],
        first: [6, optional(fixed(FIRST_CIPHERTEXT_BYTES))],
        signedSecond: [7, optional(fixed(SECOND_CIPHERTEXT_BYTES + BRAID_MAC_BYTES))],
      }),
    ],
    kept: [5, list(struct({ number: [1, uint(CHUNK_NUMBERS - 1)], bytes: [2, fixed(CHUNK_BYTES)] }), MAX_KEPT)],
  }),
  (braid) => isConsistent(braid),
)

/** Chunks that may be kept in each state: fewer than complete the message that is coming. */
const MOST_KEPT: Readonly<Partial<Record<BraidStateName, number>>> = {
  headerSent: BRAID_CHUNKS.first - 1,
  ekSentCt1Received: BRAID_CHUNKS.second - 1,
  noHeaderReceived: BRAID_CHUNKS.header - 1,
  ct1Sampled: BRAID_CHUNKS.vector - 1,
  ct1Acknowledged: BRAID_CHUNKS.vector - 1,
}

/** States past the point where the encapsulating side has the epoch's secret. */
const HAS_SECRET: ReadonlyArray<BraidStateName> = [
  "ct1Sampled",
  "ekReceivedCt1Sampled",
  "ct1Acknowledged",
  "ct2Sampled",
]
const HOLDS_KEY: ReadonlyArray<BraidStateName> = [
  "keysUnsampled",
  "keysSampled",
  "headerSent",
  "ct1Received",
  "ekSentCt1Received",
]

const isConsistent = ({ chains, kept, machine: { context, value: state }, material }: Braid): boolean => {
  const held = Object.keys(material).filter((name) => material[name as keyof Material] !== undefined)
  const newest = context.epoch - (HAS_SECRET.includes(state) ? 0 : 1)
  return (
    context.epoch >= 1 &&
    HOLDS_KEY.includes(state) === (chains.isInitiator === (context.epoch % 2 === 1)) &&
    held.length === HOLDS[state].length &&
    HOLDS[state].every((name) => held.includes(name)) &&
    kept.length === context.received &&
    kept.length <= (MOST_KEPT[state] ?? 0) &&
    new Set(kept.map(({ number }) => number)).size === kept.length &&
    chains.epochs.at(-1)?.epoch === newest
  )
}
