/** All suppliers keep every promise of the Crypto port. */
import * as Effect from "effect/Effect"
import { describe, test } from "vitest"
import { cryptoConformance } from "../../../src/spec/conformance/crypto.ts"
import { suppliers, web } from "./suppliers.ts"

describe.each(web === undefined ? suppliers : [...suppliers, web])("$name", (supplier) => {
  for (const { name, run } of cryptoConformance) test(name, () => Effect.runPromise(run(supplier)))
})
