/** Listening for one contact at addresses of its own. Docs: protocol.md, "Links". */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
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
): Effect.fn.Return<void, never, Scope.Scope> {
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

/** Where a contact listens, and whether it does now. What came in before stays open when it stops. */
export const makeEar = Effect.fnUntraced(function* (options: {
  /** Listeners that are open already; without them it listens again at its own addresses. */
  readonly listeners: ReadonlyArray<Listener> | undefined
  readonly transports: ReadonlyArray<Transport>
  readonly own: () => ReadonlyArray<Address>
  readonly onLink: (link: Link) => Effect.Effect<void>
  readonly onService: (news: ServiceNews) => void
}) {
  const { listeners, onLink, onService, own, transports } = options
  const scope = yield* Effect.scope
  let open: Scope.Closeable | undefined
  const attendTo = (listener: Listener) => attend(listener, onLink, onService)
  const begin = Effect.fnUntraced(function* (within: Scope.Closeable) {
    for (const listener of listeners ?? []) yield* Scope.provide(attendTo(listener), within)
    for (const address of listeners === undefined ? own() : []) {
      const transport = transports.find(({ kind }) => kind === address.kind)
      if (transport === undefined) continue
      const failed = ({ reason, service }: Unreachable) => {
        if (reason === "service" && service !== undefined) onService({ service, reachable: false })
      }
      const listening = Effect.flatMap(listenAgain(transport, address, failed), attendTo)
      yield* Effect.forkIn(Scope.provide(listening, within), within)
    }
  })
  return {
    /** Listens from now on, or no longer. */
    listen: Effect.fnUntraced(function* (on: boolean) {
      const before = open
      if (on === (before !== undefined)) return
      open = on ? yield* Scope.fork(scope) : undefined
      if (open !== undefined) yield* begin(open)
      if (before !== undefined) yield* Scope.close(before, Exit.void)
    }),
  }
})

/** Listens again where we listened before, however long it takes. Each failure is told. */
export const listenAgain = (
  transport: Transport,
  address: Address,
  onFailure: (failure: Unreachable) => void,
): Effect.Effect<Listener, never, Scope.Scope> =>
  transport.listen(address).pipe(
    Effect.tapError((failure) => Effect.sync(() => onFailure(failure))),
    Effect.retry(Schedule.jittered(Schedule.min([Schedule.exponential("1 second"), Schedule.spaced(LAST_PAUSE)]))),
    Effect.orDie,
  )
