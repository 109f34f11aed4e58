/** What a check of the Transport port is, and the few sentences that checks are made of. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { equal } from "../../core/crypto/bytes.ts"
import type { Link, LinkClosed, Transport, Unreachable } from "../../core/transport.ts"
import { filled, holds, Nonconforming } from "./crypto-check.ts"

/** Two ends that can be linked, for transports of any kind, by hand too. */
export interface LinkWorld {
  /** Opens a fresh link and gives both of its ends. */
  readonly open: Effect.Effect<readonly [Link, Link], Unreachable, Scope.Scope>
  /** Whether the network beneath may lose, repeat, reorder or damage frames. Default: false. */
  readonly lossy?: boolean
}

/** Two transports of one kind that can reach each other. They may be the same. */
export interface TransportWorld {
  /** One end. */
  readonly here: Transport
  /** The other. */
  readonly there: Transport
  /** Whether the network beneath may lose, repeat, reorder or damage frames. Default: false. */
  readonly lossy?: boolean
}

/** One promise of the port. `run` succeeds where it is kept. */
export interface Check<World> {
  /** What is promised. */
  readonly name: string
  /** Tries it on these. */
  readonly run: (world: World) => Effect.Effect<void, Nonconforming | Unreachable | LinkClosed>
}

/** A check that takes longer, by Effect's clock, waits for something that will not come. */
const PATIENCE = "30 seconds"

export const check = <World>(
  name: string,
  body: (world: World) => Effect.Effect<void, Nonconforming | Unreachable | LinkClosed, Scope.Scope>,
): Check<World> => ({
  name,
  run: (world) =>
    Effect.scoped(body(world)).pipe(
      Effect.timeoutOrElse({
        duration: PATIENCE,
        orElse: () => Effect.fail(new Nonconforming({ message: `${name}: still waiting` })),
      }),
    ),
})

/** A frame that is like no other of another number: tagged with it, and filled from it. */
export const frameOf = (number: number, length: number): Uint8Array => {
  const frame = filled(length, number + 1)
  new DataView(frame.buffer).setUint32(0, number)
  return frame
}

export const isOneOf = (frame: Uint8Array, frames: ReadonlyArray<Uint8Array>): boolean =>
  frames.some((other) => equal(frame, other))

/** The next frame is this one. On a lossy network it is sent until it comes, and others before it do not count. */
export const arrives = Effect.fnUntraced(function* (
  { lossy = false }: { readonly lossy?: boolean },
  [from, to]: readonly [Link, Link],
  frame: Uint8Array,
) {
  if (lossy) {
    const resend = Effect.forever(Effect.andThen(Effect.ignore(from.send(frame.slice())), Effect.sleep(20)))
    const receive = Effect.repeat(to.receive, { until: (received) => equal(received, frame) })
    yield* Effect.raceFirst(Effect.asVoid(receive), resend)
    return
  }
  yield* from.send(frame.slice())
  yield* holds("the frame that arrives is the one that was sent", equal(yield* to.receive, frame))
})

/** Fails as the port says: with this error, not with a result and not with a defect. */
export const failsWith = <E extends { readonly _tag: string }>(
  what: string,
  tag: E["_tag"],
  operation: Effect.Effect<unknown, E>,
): Effect.Effect<E, Nonconforming> => {
  const broken = (how: string) => Effect.fail(new Nonconforming({ message: `${what}: ${how}` }))
  return operation.pipe(
    Effect.matchEffect({
      onSuccess: () => broken("succeeded"),
      onFailure: (error) => (error._tag === tag ? Effect.succeed(error) : broken(`failed with ${error._tag}`)),
    }),
    Effect.catchDefect(() => broken("ended in a defect")),
  )
}
