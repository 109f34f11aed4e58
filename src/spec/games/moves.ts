/**
 * Moves: what two parties, and an adversary on the wire between them, do in a game on the cascade. Plain data, so that a
 * failure prints as the few moves that lead to it.
 */
import fc from "fast-check"
import type { Role } from "../../core/ids.ts"
import { PLACES } from "./corruption.ts"

/** `which` picks among the frames at hand, modulo their number; a move with nothing to pick does nothing. */
export type Move =
  | { readonly do: "send"; readonly from: Role; readonly bytes: number }
  | { readonly do: "deliver"; readonly to: Role; readonly which: number }
  /** The same frame again. */
  | { readonly do: "repeat"; readonly to: Role; readonly which: number }
  /** A frame, or the honest layer's ciphertext in it, with bytes altered. */
  | {
      readonly do: "tamper"
      readonly to: Role
      readonly which: number
      readonly how: "flip" | "cut" | "grow"
      readonly at: number
      readonly deep: boolean
    }
  /** The honest layer's ciphertext of one message, in fresh outer layers: a splice, and a replay that the outer ones miss. */
  | { readonly do: "splice"; readonly to: Role; readonly which: number }
  /** What a party sent, handed back to it: the frame, or the honest layer's ciphertext in outer layers of the peer. */
  | { readonly do: "reflect"; readonly to: Role; readonly which: number; readonly deep: boolean }
  /** Content of the adversary's own in all layers but the honest one. */
  | { readonly do: "remove"; readonly to: Role; readonly bytes: number }
  /** A genuine ciphertext in its outer layers but one. */
  | { readonly do: "removeOuter"; readonly to: Role; readonly which: number; readonly layer: number }
  /** One of its outer layers put on twice. */
  | { readonly do: "double"; readonly to: Role; readonly which: number; readonly layer: number }
  /** Its outer layers put on in another order. */
  | { readonly do: "reorder"; readonly to: Role; readonly which: number }
  /** A frame of this session, in another session of the same two. */
  | { readonly do: "otherSession"; readonly to: Role; readonly which: number }
  /** Bytes that are no frame. */
  | { readonly do: "invent"; readonly to: Role; readonly bytes: number }

/** What an adversary tries. */
export type Attack = Exclude<Move["do"], "send" | "deliver">

const to: fc.Arbitrary<Role> = fc.constantFrom("inviter", "joiner")
const which = fc.noBias(fc.nat(31))
const layer = fc.nat(3)
/** Content lengths: around nothing, and around the edges of the first buckets. */
const bytes = fc.oneof(fc.nat(40), fc.constantFrom(239, 240, 255, 256, 495, 496, 1_000))

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("send" as const), from: to, bytes }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("deliver" as const), to, which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("repeat" as const), to, which }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("tamper" as const),
      to,
      which,
      how: fc.constantFrom("flip" as const, "flip" as const, "cut" as const, "grow" as const),
      at: fc.noBias(fc.nat(PLACES - 1)),
      deep: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("splice" as const), to, which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("reflect" as const), to, which, deep: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("remove" as const), to, bytes }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("removeOuter" as const), to, which, layer }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("double" as const), to, which, layer }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reorder" as const), to, which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("otherSession" as const), to, which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("invent" as const), to, bytes: fc.nat(5_000) }) },
)

/** Up to `maxMoves` moves, after which the driver has both sides send once more. */
export const moves = (maxMoves: number): fc.Arbitrary<ReadonlyArray<Move>> =>
  fc.array(move, { minLength: 1, maxLength: maxMoves, size: "max" })
