/** What layer tests run with: the runtime's own cryptography, else noble. */
import * as Effect from "effect/Effect"
import { nativeCrypto } from "../../../src/adapters/crypto/native.ts"
import { systemRandom } from "../../../src/adapters/crypto/random.ts"
import { Crypto, type CryptoService } from "../../../src/core/crypto/crypto.ts"
import { nobleCrypto } from "../../../src/core/crypto/noble.ts"

export const crypto: CryptoService = nativeCrypto() ?? nobleCrypto(systemRandom)

export const run = <A, E>(effect: Effect.Effect<A, E, Crypto>): Promise<A> =>
  Effect.runPromise(Effect.provideService(effect, Crypto, crypto))

const FUZZ = Number(process.env["FUZZ"] ?? 1)

/** `FUZZ=20` runs every property twenty times as often. */
export const runs = (count: number): number => count * FUZZ

/** How long a test with `runs` may take, in milliseconds. */
export const PATIENCE = 120_000 * FUZZ
