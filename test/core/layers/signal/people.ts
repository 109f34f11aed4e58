/** Two people with a Signal session between them, for the tests of this folder. */
import * as Effect from "effect/Effect"
import { systemRandom } from "../../../../src/adapters/crypto/random.ts"
import { nativeCrypto } from "../../../../src/adapters/crypto/native.ts"
import { Crypto, type CryptoService, type KeyPair, Refused } from "../../../../src/core/crypto/crypto.ts"
import { nobleCrypto } from "../../../../src/core/crypto/noble.ts"
import { onlyThese } from "../../../../src/core/layers/signal/establish.ts"
import { type SignalState, signalInitiate, signalRespond } from "../../../../src/core/layers/signal/layer.ts"
import { generateKeyPair, generatePreKeys } from "../../../../src/core/layers/signal/pre-keys.ts"

export const crypto: CryptoService = nativeCrypto() ?? nobleCrypto(systemRandom)

/** Runs what needs only the primitives. */
export const run = <A, E>(effect: Effect.Effect<A, E, Crypto>): A =>
  Effect.runSync(Effect.provideService(effect, Crypto, crypto))

/** What it gives, or undefined where it is refused. A defect still throws. */
export const attempt = <A>(effect: Effect.Effect<A, Refused, Crypto>): A | undefined =>
  run(Effect.catchTag(effect, "Refused", () => Effect.succeed(undefined)))

export const text = (words: string): Uint8Array => new TextEncoder().encode(words)

export interface Person {
  readonly identity: KeyPair
}

export const person = (): Person => ({ identity: run(generateKeyPair(crypto)) })

export const HELLO = text("hello, then")

/** Alice has written to Bob, and Bob has read it. */
export const introduced = (options?: {
  readonly oneTime?: boolean
}): { readonly alice: SignalState; readonly bob: SignalState; readonly first: Uint8Array } => {
  const [a, b] = [person(), person()]
  const { bundle, secrets } = run(generatePreKeys({ identity: b.identity, id: 7, ...options }))
  const initiated = run(
    signalInitiate({ identity: a.identity, peer: b.identity.publicKey, bundle, plaintext: HELLO }),
  )
  const responded = run(
    signalRespond({
      identity: b.identity,
      peer: a.identity.publicKey,
      preKeys: onlyThese(secrets),
      message: initiated.message,
    }),
  )
  return { alice: initiated.state, bob: responded.state, first: initiated.message }
}
