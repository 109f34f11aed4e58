/** What layer tests run with: the runtime's own cryptography, else noble; and noble from a seed where a run must replay. */
import * as Effect from "effect/Effect"
import { nativeCrypto } from "../../../src/adapters/crypto/native.ts"
import { systemRandom } from "../../../src/adapters/crypto/random.ts"
import { Crypto, type CryptoService } from "../../../src/core/crypto/crypto.ts"
import { nobleCrypto } from "../../../src/core/crypto/noble.ts"
import { makeDice } from "../../../src/spec/simulation/dice.ts"

export const crypto: CryptoService = nativeCrypto() ?? nobleCrypto(systemRandom)

export const run = <A, E>(effect: Effect.Effect<A, E, Crypto>): Promise<A> =>
  Effect.runPromise(Effect.provideService(effect, Crypto, crypto))

/** Everything random comes from the seed: two of the same seed behave alike. Never for keys outside tests. */
export const seededCrypto = (seed: number): CryptoService => {
  const dice = makeDice(seed)
  return nobleCrypto((length) => Uint8Array.from({ length }, () => dice.upTo(255)))
}

/** `FUZZ=20` runs every property twenty times as often. */
export const runs = (count: number): number => count * Number(process.env["FUZZ"] ?? 1)
