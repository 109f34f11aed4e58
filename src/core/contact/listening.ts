/** Listening for one contact at addresses of its own. Docs: protocol.md, "Links". */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { Scope } from "effect/Scope"
import type { Address, Link, Listener, Transport, Unreachable } from "../transport.ts"

/** Between two attempts to listen again, at most, in milliseconds. */
const LAST_PAUSE = 30_000
/** How often a listener is asked whether peers can still find us. */
const ASK_EVERY = 5_000

export interface ServiceNews {
  readonly service: string
  readonly reachable: boolean
}

/** Takes in every link that comes to a listener, and tells of its service, until the scope closes. */
export const attend = Effect.fnUntraced(function* (
  listener: Listener,
  onLink: (link: Link) => Effect.Effect<void>,
  onService: (news: ServiceNews) => void,
): Effect.fn.Return<void, never, Scope> {
  yield* Effect.forkScoped(Effect.forever(Effect.flatMap(listener.accept, onLink)))
  yield* Effect.forkScoped(
    Effect.gen(function* () {
      let last: boolean | undefined
      while (true) {
        const state = yield* listener.service
        if (state === undefined) return
        if (state.reachable !== last) onService({ service: state.name, reachable: state.reachable })
        last = state.reachable
        yield* Effect.sleep(ASK_EVERY)
      }
    }),
  )
})

/** Listens again where we listened before, however long it takes. Each failure is told. */
export const listenAgain = (
  transport: Transport,
  address: Address,
  onFailure: (failure: Unreachable) => void,
): Effect.Effect<Listener, never, Scope> =>
  transport.listen(address).pipe(
    Effect.tapError((failure) => Effect.sync(() => onFailure(failure))),
    Effect.retry(Schedule.jittered(Schedule.min([Schedule.exponential("1 second"), Schedule.spaced(LAST_PAUSE)]))),
    Effect.orDie,
  )
