/**
 * The acceptance suite of the Crypto port, for any supplier and any test runner:
 *
 *   for (const { name, run } of cryptoConformance) test(name, () => Effect.runPromise(run(supplier)))
 *
 * A supplier that passes may replace ours without a peer noticing. Docs: protocol.md, "Primitives"; invariant HS-3.
 */
import { answers } from "./crypto-answers.ts"
import type { CryptoCheck } from "./crypto-check.ts"
import { habits } from "./crypto-habits.ts"
import { rejections } from "./crypto-rejections.ts"

export { type CryptoCheck, Nonconforming } from "./crypto-check.ts"

/** Every promise of the port, one check each. They share nothing and may run in any order. */
export const cryptoConformance: ReadonlyArray<CryptoCheck> = [...answers, ...rejections, ...habits]
