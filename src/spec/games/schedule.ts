/**
 * Schedules: what the world does to two parties that speak through one layer. Plain data, so that a failure prints as the
 * few steps that lead to it. The arbitrary is unbiased: a schedule in which nothing goes wrong says little.
 */
import fc from "fast-check"
import type { Role } from "../../core/ids.ts"
import { CORRUPTIONS, type Corruption, PLACES } from "./corruption.ts"

/** `which` picks among the frames at hand, modulo their number; a step with nothing to pick does nothing. */
export type Step =
  /** Seals `count` plaintexts of `bytes` each. */
  | { readonly do: "send"; readonly from: Role; readonly count: number; readonly bytes: number }
  /** Hands over a frame that is under way, in any order. */
  | { readonly do: "deliver"; readonly to: Role; readonly which: number }
  | { readonly do: "drop"; readonly to: Role; readonly which: number }
  /** Hands over a frame once more. */
  | { readonly do: "repeat"; readonly to: Role; readonly which: number }
  /** Hands over an altered copy; the frame itself stays under way. */
  | { readonly do: "corrupt"; readonly to: Role; readonly which: number; readonly how: Corruption; readonly at: number }
  /** Hands a party's own frame back to it. */
  | { readonly do: "reflect"; readonly to: Role; readonly which: number }
  /** A thief copies the state. */
  | { readonly do: "leak"; readonly of: Role }
  /** The state goes to a record and comes back. */
  | { readonly do: "restore"; readonly of: Role }
  /** Time passes, and both expire what is old. */
  | { readonly do: "wait"; readonly days: number }
  /** A copy of the state is put one message before the end of its counter. */
  | { readonly do: "wearOut"; readonly of: Role }

const role: fc.Arbitrary<Role> = fc.constantFrom("inviter", "joiner")
const which = fc.noBias(fc.nat(63))

const corruption: fc.Arbitrary<Corruption> = fc.constantFrom(...CORRUPTIONS)

const send = fc.record({
  do: fc.constant("send" as const),
  from: role,
  count: fc.noBias(fc.integer({ min: 1, max: 4 })),
  bytes: fc.noBias(fc.nat(64)),
})

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: send },
  { weight: 10, arbitrary: fc.record({ do: fc.constant("deliver" as const), to: role, which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("drop" as const), to: role, which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("repeat" as const), to: role, which }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("corrupt" as const),
      to: role,
      which,
      how: corruption,
      at: fc.noBias(fc.nat(PLACES - 1)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reflect" as const), to: role, which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("leak" as const), of: role }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restore" as const), of: role }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("wait" as const), days: fc.constantFrom(1, 15, 31) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("wearOut" as const), of: role }) },
)

/** Up to `maxSteps` steps after a first exchange. The inviter sends first, as the protocol has it. */
export const schedule = (maxSteps: number): fc.Arbitrary<ReadonlyArray<Step>> =>
  fc.array(step, { minLength: 1, maxLength: maxSteps, size: "max" })
