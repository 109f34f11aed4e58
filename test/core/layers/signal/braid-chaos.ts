/** Seeded chaos with the braid, in runs of their own seeds: each replays alone. */
import { nativeCrypto } from "../../../../src/adapters/crypto/native.ts"
import type { CryptoService } from "../../../../src/core/crypto/crypto.ts"
import { nobleCrypto } from "../../../../src/core/crypto/noble.ts"
import { type BraidObservation, runBraid } from "../../../../src/spec/games/braid-run.ts"
import { makeDice } from "../../../../src/spec/simulation/dice.ts"

/** The runtime's primitives where the braid uses any, with every draw from the seed. */
export const diceCrypto = (seed: number): CryptoService => {
  const dice = makeDice(seed)
  const random = (length: number) => Uint8Array.from({ length }, () => dice.upTo(255))
  return { ...(nativeCrypto() ?? nobleCrypto(random)), random }
}

const TICKS_A_RUN = 5_000

/** Runs of TICKS_A_RUN until `ticks` are over, from ascending seeds. */
export function* braidChaos(seed: number, ticks: number): Generator<BraidObservation> {
  for (let i = 0; i * TICKS_A_RUN < ticks; i++)
    yield runBraid(diceCrypto(seed + i), seed + i, Math.min(TICKS_A_RUN, ticks - i * TICKS_A_RUN))
}
