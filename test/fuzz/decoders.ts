/**
 * Runs the decoder fuzzer by itself: `FUZZ=1000000 node test/fuzz/decoders.ts`. FUZZ is the number of inputs, FUZZ_SEED the seed
 * (the time of day if left out, and printed), FUZZ_ONLY the number of a single input to run again. Ends with 1 on a fault.
 */
import { allDecoders } from "./all-decoders.ts"
import { fuzz, printed } from "./fuzz.ts"

const number = (name: string, otherwise: number | undefined) =>
  process.env[name] === undefined ? otherwise : Number(process.env[name])

const report = fuzz(await allDecoders(), {
  inputs: number("FUZZ", 1_000_000)!,
  seed: number("FUZZ_SEED", Date.now() % 0x1_0000_0000)!,
  only: number("FUZZ_ONLY", undefined),
})
console.log(printed(report))
if (report.faults.length > 0) process.exitCode = 1
