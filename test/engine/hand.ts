/** A transport by hand that needs no network: codes are tickets for a link in memory. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { memoryNetwork } from "../../src/adapters/transport/memory.ts"
import { type HandTransport, Unreachable } from "../../src/core/transport.ts"

/** All who use the same one can reach each other. */
export const handNetwork = (): HandTransport => {
  const network = memoryNetwork().transport()
  /** Who waits for their answer to be taken, by its code. */
  const waiting = new Map<string, Deferred.Deferred<void>>()
  return {
    kind: "manual",
    offer: Effect.gen(function* () {
      const listener = yield* network.listen()
      return {
        code: listener.address.at,
        accept: Effect.fnUntraced(function* (answer: Uint8Array) {
          const taken = waiting.get(answer.join())
          if (taken === undefined) return yield* new Unreachable({ reason: "invalid" })
          waiting.delete(answer.join())
          yield* Deferred.succeed(taken, undefined)
          return yield* listener.accept
        }),
      }
    }),
    answer: Effect.fnUntraced(function* (offer: Uint8Array) {
      const scope = yield* Effect.scope
      if (offer.length !== 16) return yield* new Unreachable({ reason: "invalid" })
      const code = crypto.getRandomValues(new Uint8Array(16))
      const taken = yield* Deferred.make<void>()
      waiting.set(code.join(), taken)
      const address = { kind: "memory", at: offer }
      const link = Effect.andThen(Deferred.await(taken), Scope.provide(network.connect(address), scope))
      return { code, link }
    }),
  }
}
