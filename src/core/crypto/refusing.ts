/**
 * How suppliers of the Crypto port fail: with the one refusal where an operation may refuse, loudly where a caller's own key or
 * nonce has an impossible length.
 */
import * as Effect from "effect/Effect"
import { Refused } from "./crypto.ts"

/** Runs a computation; whatever goes wrong inside becomes the one refusal. */
export const refusing = <A>(compute: () => A): Effect.Effect<A, Refused> =>
  Effect.try({ try: compute, catch: () => new Refused() })

/** Throws a RangeError unless the array has this length. The text names the argument, never its content. */
export const lengthIs = (bytes: Uint8Array, length: number, what: string): void => {
  if (bytes.length !== length) throw new RangeError(`the ${what} must have ${length} bytes`)
}
