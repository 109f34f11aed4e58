/** Spans that cover their bytes, and a crypto of its own for them: shared by the tests of `describe`. */
import { assert } from "vitest"
import { describe } from "../../src/spec/describe/describe.ts"
import { type OpenedBy, type Opener, type Span, tilingProblems } from "../../src/spec/describe/span.ts"
import { seededCrypto } from "../../src/spec/games/seeded.ts"

export const crypto = seededCrypto(1)

/** All spans, from the outside in. */
export const flat = (spans: ReadonlyArray<Span>): ReadonlyArray<Span> =>
  spans.flatMap((span) => [span, ...flat(span.parts ?? []), ...flat(span.opens?.spans ?? [])])

export const tiles = (bytes: Uint8Array, open?: Opener): ReadonlyArray<Span> => {
  const spans = describe(bytes, open)
  assert.deepStrictEqual(tilingProblems(spans, bytes.length), [])
  return spans
}

/** Of somebody who kept the plaintexts; `stop`: but for this one. */
export const openerOf =
  (plaintexts: Partial<Record<OpenedBy, Uint8Array>>, stop?: OpenedBy): Opener =>
  (by) =>
    by === stop ? undefined : plaintexts[by]
