/**
 * The Layer interface: one of the four independently keyed encryptions of the cascade. Pure: state in, state out. A layer
 * knows nothing of the other layers, of frames, stores or links. Docs: protocol.md, "Layers".
 */
import type * as Effect from "effect/Effect"
import type { Crypto, Refused } from "../crypto/crypto.ts"
import type { Transition } from "../host/transition.ts"

/** From the innermost to the outermost. The number is bound into the layer's associated data. */
export const LAYER_NUMBERS = { mls: 1, signal: 2, kem: 3, aes: 4 } as const satisfies Record<LayerName, number>
/** The four layers' names. */
export type LayerName = "mls" | "signal" | "kem" | "aes"

/** What a seal or an open came to. */
export interface Sealed<State> {
  /** The state after it: to be kept before the ciphertext leaves. */
  readonly state: State
  /** For the peer's `open`. */
  readonly ciphertext: Uint8Array
  /** Steps of the statecharts inside the layer, for `inspect`. */
  readonly transitions: ReadonlyArray<Transition>
}

/** What an open came to. */
export interface Opened<State> {
  /** The state after it. The old one still holds until this one is kept. */
  readonly state: State
  /** What the peer had sealed. */
  readonly plaintext: Uint8Array
  /** Steps of the statecharts inside the layer, for `inspect`. */
  readonly transitions: ReadonlyArray<Transition>
}

/** What may be shown of a layer: names and counters, never keys. */
export interface LayerView {
  /** Which layer. */
  readonly layer: LayerName
  /** The state of its ratchet, as the statechart names it. */
  readonly state: string
  /** How often its keys were renewed with the peer. */
  readonly epoch: number
  /** Messages sealed so far, in the layer's own count. */
  readonly sent: number
  /** Messages opened so far, in the layer's own count. */
  readonly received: number
  /** Message keys kept for frames that have not come. */
  readonly skipped: number
  /** Statecharts inside the layer beside its ratchet. */
  readonly machines?: ReadonlyArray<NestedView>
}

/** One of them. `id` as in its transitions; the context holds counters only. */
export interface NestedView {
  /** Which statechart. */
  readonly machine: string
  /** Which instance, as in its transitions. */
  readonly id: string
  /** Where it stands. */
  readonly state: string
  /** Its counters. */
  readonly context: unknown
}

/**
 * One layer. `associated` is 32 bytes computed by the cascade (profile, transcript, layer number, direction); a
 * ciphertext opens only under the same ones. States are immutable values.
 */
export interface Layer<State> {
  /** Which place in the cascade it takes. */
  readonly name: LayerName
  /** Encrypts one plaintext. What the state cannot seal is a defect: nothing leaves then. */
  readonly seal: (
    state: State,
    plaintext: Uint8Array,
    associated: Uint8Array,
  ) => Effect.Effect<Sealed<State>, never, Crypto>
  /** Refusal changes nothing: the old state still holds. Work and memory are bounded whatever the ciphertext says. */
  readonly open: (
    state: State,
    ciphertext: Uint8Array,
    associated: Uint8Array,
  ) => Effect.Effect<Opened<State>, Refused, Crypto>
  /** Drops skipped keys that are older than their lifetime. `now` in milliseconds of the wall clock. */
  readonly expire: (state: State, now: number) => State
  /** Canonical bytes of the state for a record, and back; undefined for bytes that are not a state. */
  readonly encode: (state: State) => Uint8Array
  /** The state of canonical bytes; undefined for all others. */
  readonly decode: (bytes: Uint8Array) => State | undefined
  /** What may be shown of the state. */
  readonly view: (state: State) => LayerView
}
