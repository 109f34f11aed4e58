/** A few seconds of the decoder fuzzer at every test run. FUZZ scales the number of inputs; FUZZ_SEED replays a run. */
import { expect, test } from "vitest"
import { codec, uint } from "../../src/core/codec/codec.ts"
import { list } from "../../src/core/codec/composite.ts"
import type { Decoder } from "../../src/spec/decoders.ts"
import { allDecoders } from "./all-decoders.ts"
import { type Fault, fuzz, printed } from "./fuzz.ts"

const decoders = await allDecoders()
const inputs = Number(process.env["FUZZ"] ?? 50_000)
const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 0x1_0000_0000)

test(`no decoder throws, takes over 5 ms or accepts what is not canonical (seed ${seed})`, () => {
  const report = fuzz(decoders, { inputs, seed })
  expect(report.faults, printed(report)).toEqual([])
  expect(report.inputs).toBe(inputs)
})

test("every decoder accepts its seeds, and gives them back", () => {
  for (const { decode, name, reencode, seeds } of decoders) {
    expect(seeds.length, name).toBeGreaterThan(0)
    for (const bytes of seeds) {
      expect(decode(bytes), name).toBeDefined()
      if (reencode !== undefined) expect(Buffer.from(reencode(bytes)!).equals(bytes), name).toBe(true)
    }
  }
})

test("damaged encodings are near enough to valid ones that some are accepted", () => {
  const open = decoders.filter(({ reencode }) => reencode !== undefined) // the others are under a MAC
  for (const { accepted, inputs: tried, name } of fuzz(open, { inputs: 300 * open.length, seed: 1 }).decoders) {
    expect(accepted, name).toBeGreaterThan(0)
    expect(accepted, name).toBeLessThan(tried)
  }
})

const sound = codec(list(uint(), 8), 64)
const seeds = [[], [1, 2, 3], [24, 300, 70_000]].map(sound.encode)
const faulty: ReadonlyArray<readonly [Fault["what"], Partial<Decoder>]> = [
  ["threw", { decode: (bytes) => JSON.parse(`[${bytes.join()}${bytes[0] === 0x9f ? "," : ""}]`) }],
  ["slow", { decode: (bytes) => (bytes[0] === 0x9b ? spin(6) : undefined) }],
  ["not canonical", { decode: (bytes) => bytes[0], reencode: (bytes) => bytes.slice(0, 1) }],
  ["changed its input", { decode: (bytes) => void bytes.fill(0) }],
]

const spin = (milliseconds: number): undefined => {
  for (const start = performance.now(); performance.now() - start < milliseconds; );
}

test.each(faulty)("the fuzzer catches a decoder that %s", (what, fault) => {
  const { faults } = fuzz([{ name: "faulty", decode: sound.decode, seeds, ...fault }], { inputs: 5_000, seed: 7 })
  expect(faults.map((found) => found.what)).toContain(what)
})

test("a fault comes again from its seed and number alone", () => {
  const throwing: Decoder = {
    name: "throwing",
    seeds,
    decode: (bytes) => {
      if (bytes.length > 40) throw new Error("long")
    },
  }
  const [first] = fuzz([throwing], { inputs: 1_000, seed: 3 }).faults
  expect(fuzz([throwing], { inputs: 1_000, seed: 3, only: first!.index }).faults).toEqual([first])
})
