/**
 * What a ratchet's invariants are checked over: the layer's promises in numbers, and what an all-seeing observer of a
 * schedule saw. Docs: invariants.md, RT.
 */
import type * as Effect from "effect/Effect"
import type { Crypto } from "../../core/crypto/crypto.ts"
import type { Role } from "../../core/ids.ts"
import type { Layer } from "../../core/layers/layer.ts"
import type { Encryption, Work } from "./watch.ts"

/** What a layer promises in numbers; its invariants are checked against these. */
export interface Promises {
  /** Frames that may be missing before one that must still open. */
  readonly skip: number
  /** Skipped keys kept at most. */
  readonly stored: number
  /** After how long a skipped key is gone, in milliseconds; absent if the layer keeps no clock. */
  readonly lifetime?: number
  /** Turns of a sender after which a late frame of an older one must no longer open. */
  readonly turns: number
  /** Whether fresh key agreement at each turn closes what a thief had opened. */
  readonly heals: boolean
  /** Whether the state never holds what an earlier key was derived from: true for a layer without long-lived MAC keys. */
  readonly forgetsDerivations: boolean
  /** Calls of primitives for a frame that is refused, at most. */
  readonly work: Work
}

/** A layer to be tried as a ratchet. */
export interface RatchetSubject<State> {
  /** The layer. */
  readonly layer: Layer<State>
  /** What it promises, in numbers. */
  readonly promises: Promises
  /** Two fresh states that belong together. */
  readonly establish: Effect.Effect<Readonly<Record<Role, State>>, never, Crypto>
  /** The state with one message left before its counter ends; undefined where this state has no such counter. */
  readonly nearEnd?: (state: State) => State | undefined
}

/** What a layer made of a frame. */
export type Outcome = "opened" | "otherPlaintext" | "refused" | "defect"

/** What the observer saw. `intact`: the state given to the layer was the same afterwards, byte for byte. */
export type Sight =
  | { readonly saw: "sealed"; readonly by: Role; readonly failed: boolean; readonly intact: boolean }
  | {
      readonly saw: "arrival"
      readonly to: Role
      /** A frame that never opened before, one that did, or one that the peer never sealed. */
      readonly frame: "fresh" | "repeated" | "forged"
      /** Whether the layer promises to open it. */
      readonly promised: boolean
      readonly outcome: Outcome
      readonly intact: boolean
      readonly work: Work
    }
  | { readonly saw: "kept"; readonly by: Role; readonly skipped: number }
  | { readonly saw: "dump"; readonly of: Role; readonly usedKeys: number; readonly openedEarlier: number }
  | { readonly saw: "theft"; readonly healed: boolean; readonly opened: boolean }
  | {
      readonly saw: "expiry"
      /** Whether every key kept had passed its lifetime. */
      readonly allOld: boolean
      readonly skipped: number
      /** Keys that went, and by how many bytes the encoded state grew. */
      readonly dropped: number
      readonly grew: number
    }
  | { readonly saw: "restored"; readonly same: boolean }
  | { readonly saw: "wornOut"; readonly last: Outcome; readonly past: "sealed" | "defect" }

/** What an observer of a schedule saw. */
export interface RatchetObservation {
  /** What the layer had promised. */
  readonly promises: Promises
  /** In order. */
  readonly sights: ReadonlyArray<Sight>
  /** Every encryption, as a digest of key, nonce and plaintext. */
  readonly encryptions: ReadonlyArray<Encryption>
}
