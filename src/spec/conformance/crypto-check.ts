/** What a check of the Crypto port is, and the few sentences that checks are made of. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { equal } from "../../core/crypto/bytes.ts"
import type { CryptoService, Refused } from "../../core/crypto/crypto.ts"

/** The supplier broke a promise of the port; the message says which, with the inputs of the suite, never with keys in use. */
export class Nonconforming extends Data.TaggedError("Nonconforming")<{ readonly message: string }> {}

/** One promise of the port. `run` succeeds where it is kept; a refusal or defect that reaches the outside also breaks it. */
export interface CryptoCheck {
  /** What is promised. */
  readonly name: string
  /** Tries it on this supplier. */
  readonly run: (crypto: CryptoService) => Effect.Effect<void, Nonconforming | Refused>
}

export const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

/** Bytes that look like nothing in particular, the same in every run (a linear congruence; not random, not secret). */
export const filled = (length: number, seed: number): Uint8Array => {
  let state = seed
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  })
}

/** A copy with one bit turned over. */
export const flipped = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = bytes.slice()
  copy[bit >> 3]! ^= 1 << (bit & 7)
  return copy
}

export const holds = (says: string, fact: boolean): Effect.Effect<void, Nonconforming> =>
  fact ? Effect.void : Effect.fail(new Nonconforming({ message: says }))

/** The bytes are these; expected values are hexadecimal text or bytes. */
export const same = (
  what: string,
  actual: Uint8Array,
  expected: string | Uint8Array,
): Effect.Effect<void, Nonconforming> => {
  const wanted = typeof expected === "string" ? hex(expected) : expected
  return holds(`${what}: got ${toHex(actual)}, not ${toHex(wanted)}`, equal(actual, wanted))
}

/** The operation refuses: with the one error that carries nothing, not with a result and not with a defect. */
export const refuses = (what: string, operation: Effect.Effect<unknown, Refused>): Effect.Effect<void, Nonconforming> =>
  Effect.flatMap(Effect.exit(operation), (exit) =>
    holds(
      `${what}: ${Exit.isSuccess(exit) ? "was accepted" : "ended in a defect, not in a refusal"}`,
      Exit.isFailure(exit) && Exit.hasFails(exit) && !Exit.hasDies(exit),
    ),
  )

/** The operation is misuse: it throws or dies, and gives no result. */
export const defects = (what: string, operation: () => Effect.Effect<unknown>): Effect.Effect<void, Nonconforming> =>
  Effect.flatMap(Effect.exit(Effect.suspend(operation)), (exit) => holds(`${what}: was accepted`, Exit.isFailure(exit)))
