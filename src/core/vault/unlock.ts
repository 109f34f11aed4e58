/**
 * The Unlock port: one way to come by the key that wraps a vault's key. What it needs to do so again (a salt, a credential's id)
 * is kept beside the wrapped key, readable by everybody. Docs: storage.md, "Unlock methods".
 */
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"

/** What a method may keep, in bytes. */
export const MAX_PARAMS = 2_048
/** The key that a method yields. */
export const METHOD_KEY_BYTES = 32

/** It yielded no key. That a key is the wrong one is not its to say. */
export class UnlockFailed extends Data.TaggedError("UnlockFailed")<{
  /** `unsupported`: never on this device or in this runtime; `invalid`: what was kept for it is out of bounds. */
  readonly reason: "cancelled" | "unsupported" | "invalid"
  /** For a person: what happened, and what to do. */
  readonly says: string
}> {}

export const unlockFailed = (reason: UnlockFailed["reason"], says: string): UnlockFailed =>
  new UnlockFailed({ reason, says })

/** Why a person is asked. */
export interface Occasion {
  /** A vault is being made, opened, or given another method. */
  readonly why: "create" | "unlock" | "add"
  /** Wrong tries since the last right one. */
  readonly wrong: number
}

/** A method that a vault has. */
export interface Enrolled {
  /** Of the method, as the vault knows it. */
  readonly id: string
  /** What the method kept when it was made. */
  readonly params: Uint8Array
}

/** A new method: what to keep of it, and the key it yields. */
export interface Enrolment {
  /** Kept in the clear. At most 2,048 bytes. */
  readonly params: Uint8Array
  /** 32 bytes. The array is the receiver's, to be wiped. */
  readonly key: Uint8Array
}

/** A key, and the method that it should be for. The array is the receiver's, to be wiped. */
export interface Candidate {
  /** Of the method. */
  readonly id: string
  /** 32 bytes. */
  readonly key: Uint8Array
}

/** One way to come by the key that wraps a vault's key. */
export interface Unlock {
  /** `passphrase`, `passkey`, `rawKey`, or a name of your own: at most 32 bytes. */
  readonly kind: string
  /** Whether a vault may rest on methods of this kind alone: not on one that is lost with a device. */
  readonly sufficient: boolean
  /** Makes a new method for the vault with this id (16 random bytes, no secret). */
  readonly enrol: (vault: Uint8Array, occasion: Occasion) => Effect.Effect<Enrolment, UnlockFailed>
  /** Keys for methods of its kind, at least one of which the vault has. */
  readonly derive: (
    vault: Uint8Array,
    methods: ReadonlyArray<Enrolled>,
    occasion: Occasion,
  ) => Effect.Effect<ReadonlyArray<Candidate>, UnlockFailed>
}
