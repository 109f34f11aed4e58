/** The decoder fuzzer: no input makes a decoder throw, take long, or accept bytes that are not the encoding of what they say. */
import type { Decoder } from "../../src/spec/decoders.ts"
import { arbitraryInput, inputGenerator } from "./mutate.ts"

/** More than a hundred times what the dearest decoder needs for 16 KiB. */
export const MAX_MILLISECONDS = 5
/** A pause of the garbage collector or of the machine does not strike each of these too. */
const REPEATS = 7
/** A run that goes wrong everywhere should still end with a readable report. */
const MAX_FAULTS = 20

export interface Fault {
  readonly decoder: string
  readonly index: number
  readonly what: "threw" | "slow" | "not canonical" | "changed its input"
  readonly detail: string
  /** The input in hexadecimal. */
  readonly input: string
}

export interface Report {
  readonly seed: number
  readonly inputs: number
  /** How many inputs each decoder accepted, of how many. */
  readonly decoders: ReadonlyArray<{ readonly name: string; readonly inputs: number; readonly accepted: number }>
  readonly slowestMilliseconds: number
  readonly faults: ReadonlyArray<Fault>
}

/** Input `index` goes to decoder `index % decoders.length`. With `only`, that one input is run and no other. */
export const fuzz = (
  decoders: ReadonlyArray<Decoder>,
  { inputs, only, seed }: { readonly seed: number; readonly inputs: number; readonly only?: number | undefined },
): Report => {
  const counts = decoders.map(({ name }) => ({ name, inputs: 0, accepted: 0 }))
  const faults: Array<Fault> = []
  let slowestMilliseconds = 0
  for (let index = only ?? 0; index < (only === undefined ? inputs : only + 1) && faults.length < MAX_FAULTS; index++) {
    const turn = index % decoders.length
    const decoder = decoders[turn]!
    const input = arbitraryInput(inputGenerator(seed, index), decoder.seeds)
    const outcome = examine(decoder, input)
    counts[turn]!.inputs += 1
    if (outcome.accepted) counts[turn]!.accepted += 1
    slowestMilliseconds = Math.max(slowestMilliseconds, outcome.milliseconds)
    for (const [what, detail] of outcome.faults)
      faults.push({ decoder: decoder.name, index, what, detail, input: Buffer.from(input).toString("hex") })
  }
  return {
    seed,
    inputs: counts.reduce((sum, count) => sum + count.inputs, 0),
    decoders: counts,
    slowestMilliseconds,
    faults,
  }
}

interface Outcome {
  readonly accepted: boolean
  readonly milliseconds: number
  readonly faults: ReadonlyArray<readonly [Fault["what"], string]>
}

const examine = (decoder: Decoder, input: Uint8Array): Outcome => {
  const before = input.slice()
  try {
    let { milliseconds, value } = timed(decoder, input)
    for (let again = 0; milliseconds > MAX_MILLISECONDS && again < REPEATS; again++)
      milliseconds = Math.min(milliseconds, timed(decoder, input).milliseconds)
    const faults: Array<readonly [Fault["what"], string]> = []
    if (milliseconds > MAX_MILLISECONDS) faults.push(["slow", `${milliseconds.toFixed(1)} ms at best`])
    if (!isSame(before, input)) faults.push(["changed its input", ""])
    const accepted = value !== undefined
    const back = accepted && decoder.reencode !== undefined ? decoder.reencode(input) : input
    if (back === undefined || !isSame(back, input))
      faults.push(["not canonical", back === undefined ? "" : Buffer.from(back).toString("hex")])
    return { accepted, milliseconds, faults }
  } catch (error) {
    return { accepted: false, milliseconds: 0, faults: [["threw", String(error)]] }
  }
}

const timed = (decoder: Decoder, input: Uint8Array) => {
  const start = performance.now()
  const value = decoder.decode(input)
  return { value, milliseconds: performance.now() - start }
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

export const printed = ({ decoders, faults, inputs, seed, slowestMilliseconds }: Report): string =>
  [
    `${inputs} inputs, seed ${seed}, slowest ${slowestMilliseconds.toFixed(2)} ms, ${faults.length} faults`,
    ...decoders.map(({ accepted, inputs: tried, name }) => `  ${name}: ${accepted} of ${tried} accepted`),
    ...faults.map(
      ({ decoder, detail, index, input, what }) =>
        `  FAULT ${decoder} ${what} ${detail}\n    again: FUZZ_SEED=${seed} FUZZ_ONLY=${index}\n    input: ${input}`,
    ),
  ].join("\n")
