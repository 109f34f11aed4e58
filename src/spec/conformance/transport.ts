/**
 * The acceptance suites of the Transport and Link ports, for any implementation and any test runner:
 *
 *     for (const { name, run } of transportConformance) test(name, () => Effect.runPromise(run({ here, there })))
 *
 * `linkConformance` alone is for links that come about otherwise, as those made by hand. Docs: architecture.md, "Ports".
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Check, LinkWorld, TransportWorld } from "./transport-check.ts"
import { linkChecks } from "./transport-links.ts"
import { reachChecks } from "./transport-reach.ts"

export { Nonconforming } from "./crypto-check.ts"
export type { Check, LinkWorld, TransportWorld } from "./transport-check.ts"

/** Every promise of a link, one check each. They share nothing and may run in any order. */
export const linkConformance: ReadonlyArray<Check<LinkWorld>> = linkChecks

/** The links of a transport: one side listens, the other connects. */
export const linksOf = ({ here, there, ...world }: TransportWorld): LinkWorld => ({
  ...world,
  open: Effect.gen(function* () {
    const listener = yield* here.listen()
    const accepting = yield* Effect.forkScoped(listener.accept)
    const connected = yield* there.connect(listener.address)
    return [yield* Fiber.join(accepting), connected] as const
  }),
})

/** Every promise of a transport, those of its links included. */
export const transportConformance: ReadonlyArray<Check<TransportWorld>> = [
  ...reachChecks,
  ...linkChecks.map(({ name, run }) => ({ name, run: (world: TransportWorld) => run(linksOf(world)) })),
]
