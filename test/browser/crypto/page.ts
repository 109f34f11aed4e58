/** What runs in the page of the WebCrypto tests. Errors cross to the test as text. */
import * as Effect from "effect/Effect"
import { defaultCrypto } from "../../../src/adapters/crypto/default.ts"
import { cryptoConformance } from "../../../src/spec/conformance/crypto.ts"
import { agreement } from "./agreement.ts"
import { readLate, servedByRuntime } from "./operations.ts"

const crypto = defaultCrypto()

export const supplier = (): string => crypto.name

export const checks = (): ReadonlyArray<string> => cryptoConformance.map(({ name }) => name)

export const check = (name: string): Promise<void> => {
  const found = cryptoConformance.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no check ${name}`)
  return Effect.runPromise(found.run(crypto))
}

export const agrees = (name: string, runs: number): Promise<void> => agreement[name]!(crypto, runs)

export const served = (): Promise<ReadonlyArray<string>> => servedByRuntime(crypto)

export const late = (): Promise<ReadonlyArray<string>> => readLate(defaultCrypto)
