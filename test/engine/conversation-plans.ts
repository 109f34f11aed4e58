/** What may happen in a conversation in a bad world, and any series of it. It is played in conversation.ts. */
import fc from "fast-check"
import type { Faults } from "../../src/adapters/transport/faulty.ts"
import type { Side } from "../../src/spec/invariants/delivery.ts"

export type Move =
  | {
      readonly do: "send"
      readonly by: Side
      readonly count: number
      readonly long: boolean
      readonly expires: boolean
    }
  | { readonly do: "read"; readonly by: Side }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "cut" }
  | { readonly do: "part"; readonly who: Side; readonly on: boolean }
  | { readonly do: "close"; readonly who: Side }
  /** `after` milliseconds into the acceptance of a message. */
  | { readonly do: "die"; readonly who: Side; readonly after: number }

export interface Plan {
  readonly seed: number
  readonly faults: readonly [Faults, Faults]
  /** Whether commits take time. */
  readonly slow: boolean
  readonly moves: ReadonlyArray<Move>
}

const side: fc.Arbitrary<Side> = fc.constantFrom(0, 1)
const chance = (max: number) =>
  fc.noBias(fc.double({ min: 0, max, noNaN: true })).map((value) => Math.round(value * 100) / 100)

const faults: fc.Arbitrary<Faults> = fc.record({
  loss: chance(0.3),
  duplicate: chance(0.3),
  reorder: chance(0.3),
  corrupt: chance(0.15),
  delay: fc.constantFrom<Faults["delay"][]>(0, 20, [0, 300]).map((delay) => delay ?? 0),
})

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("send" as const),
      by: side,
      count: fc.noBias(fc.integer({ min: 1, max: 8 })),
      long: fc.noBias(fc.nat(7)).map((n) => n === 0),
      expires: fc.noBias(fc.nat(5)).map((n) => n === 0),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("read" as const), by: side }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1, 20, 900, 5_000, 60_000) }),
  },
  { weight: 2, arbitrary: fc.constant({ do: "cut" } as const) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("part" as const), who: side, on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("close" as const), who: side }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("die" as const), who: side, after: fc.noBias(fc.nat(15)) }) },
)

export const plans: fc.Arbitrary<Plan> = fc.record({
  seed: fc.nat(),
  faults: fc.tuple(faults, faults),
  slow: fc.boolean(),
  moves: fc.array(move, { minLength: 3, maxLength: 14, size: "max" }),
})
