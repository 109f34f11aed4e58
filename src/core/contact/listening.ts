/** Listening for one contact at addresses of its own. Docs: protocol.md, "Links". */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { Scope } from "effect/Scope"
import { type Address, attendOf, type Listener, type Taker, type Transport, type Unreachable } from "../transport.ts"

/** Between two attempts to listen again, at most, in milliseconds. */
const LAST_PAUSE = 30_000
/** How often a listener is asked whether peers can still find us. */
const ASK_EVERY = 5_000

export interface ServiceNews {
  readonly service: string
  readonly reachable: boolean
}

/** Who listens. */
export interface Listening extends Taker {
  readonly onService: (news: ServiceNews) => void
}

/** Listens at a contact's addresses until the scope closes: with listeners that are open already, or again. */
export const listenFor = Effect.fnUntraced(function* (
  own: ReadonlyArray<Address>,
  transports: ReadonlyArray<Transport>,
  listeners: ReadonlyArray<Listener> | undefined,
  listening: Listening,
): Effect.fn.Return<void, never, Scope> {
  for (const listener of listeners ?? []) yield* takeFrom(listener, listening)
  for (const address of listeners === undefined ? own : []) {
    const transport = transports.find(({ kind }) => kind === address.kind)
    if (transport === undefined) continue
    const failed = ({ reason, service }: Unreachable) => {
      if (reason === "service" && service !== undefined) listening.onService({ service, reachable: false })
    }
    const again = listenAgain(transport, address, failed)
    yield* Effect.forkScoped(Effect.flatMap(again, (listener) => takeFrom(listener, listening)))
  }
})

/** Takes in every link that comes to a listener, and tells of its service. */
const takeFrom = Effect.fnUntraced(function* (
  listener: Listener,
  listening: Listening,
): Effect.fn.Return<void, never, Scope> {
  const attend = attendOf(listener.accept)
  if (attend !== undefined) attend(listening)
  else yield* Effect.forkScoped(Effect.forever(Effect.map(listener.accept, (link) => listening.onLink(link))))
  yield* Effect.forkScoped(
    Effect.gen(function* () {
      let last: boolean | undefined
      while (true) {
        const state = yield* listener.service
        if (state === undefined) return
        if (state.reachable !== last) listening.onService({ service: state.name, reachable: state.reachable })
        last = state.reachable
        yield* Effect.sleep(ASK_EVERY)
      }
    }),
  )
})

/** Listens again where we listened before, however long it takes. Each failure is told. */
const listenAgain = (
  transport: Transport,
  address: Address,
  onFailure: (failure: Unreachable) => void,
): Effect.Effect<Listener, never, Scope> =>
  transport.listen(address).pipe(
    Effect.tapError((failure) => Effect.sync(() => onFailure(failure))),
    Effect.retry(Schedule.jittered(Schedule.min([Schedule.exponential("1 second"), Schedule.spaced(LAST_PAUSE)]))),
    Effect.orDie,
  )
