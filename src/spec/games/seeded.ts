/** A Crypto that repeats itself: everything random comes from a seed. For simulations; never for keys that matter. */
import type { CryptoService } from "../../core/crypto/crypto.ts"
import { nobleCrypto } from "../../core/crypto/noble.ts"
import { makeDice } from "../simulation/dice.ts"

/** Two of the same seed draw the same bytes in the same order. */
export const seededCrypto = (seed: number): CryptoService => {
  const dice = makeDice(seed)
  return nobleCrypto((length) => Uint8Array.from({ length }, () => dice.upTo(255)))
}
