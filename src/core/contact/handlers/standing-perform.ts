/** What leaves this process of how we stand with the peer: asks and tells, and the links that are closed. Docs: protocol.md, "Standing". */
import * as Effect from "effect/Effect"
import { encodeFrame } from "../../frame.ts"
import type { Handlers } from "../../host/handlers.ts"
import { type Life, staleLinks } from "../life.ts"
import type { ContactMachines } from "../machines.ts"
import { asked, lives, RECORD } from "../records.ts"
import { Application, Wire } from "../services.ts"

type Perform = Handlers<ContactMachines, never, Wire | Application>["standing"]["perform"]

export const standingPerform = (life: Life): Perform => ({
  sendAsk: Effect.fnUntraced(function* ({ via }, { read }) {
    const question = asked.decode((yield* read(RECORD.asked(via))) ?? new Uint8Array())
    if (question === undefined) return []
    yield* (yield* Wire).transmit(encodeFrame({ kind: "ask", message: question.message }), via, true)
    return []
  }),

  sendTell: Effect.fnUntraced(function* ({ via }, { read }) {
    const message = yield* read(RECORD.tell(via))
    if (message !== undefined) yield* (yield* Wire).transmit(encodeFrame({ kind: "tell", message }), via, true)
    return []
  }),

  leaveDoubted: Effect.fnUntraced(function* () {
    for (const link of life.doubted) {
      life.doubted.delete(link)
      life.over.delete(link)
      yield* (yield* Wire).leave(link)
    }
    return []
  }),

  leaveStale: Effect.fnUntraced(function* (_, { read }) {
    const latest = lives.decode((yield* read(RECORD.peerLives)) ?? new Uint8Array())?.at(-1)
    if (latest === undefined) return []
    for (const link of staleLinks(life, latest)) {
      life.over.delete(link)
      yield* (yield* Wire).leave(link)
    }
    return []
  }),

  // Whoever was left with the old keys may still take a link for the peer's: where it is closed they ask again.
  leaveOthers: ({ via }) => done(Wire.use(({ leaveOthers }) => leaveOthers(via))),
  stopListening: () => done(Wire.use(({ listen }) => listen(false))),
  listenAgain: () => done(Wire.use(({ listen }) => listen(true))),

  tellCloned: () => done(Application.use(({ tell }) => tell({ type: "cloneDetected" }))),
})

const done = <R>(effect: Effect.Effect<void, never, R>) => Effect.as(effect, [])
