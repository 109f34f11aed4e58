/** The commands of a receipt: giving an incoming message its place in the conversation, and telling of it. */
import * as Effect from "effect/Effect"
import { content } from "../../content.ts"
import type { Handlers } from "../../host/handlers.ts"
import type { ContactMachines } from "../machines.ts"
import { entry, RECORD } from "../records.ts"
import { Application } from "../services.ts"

export const receiptHandlers: Handlers<ContactMachines, never, Application>["receipt"] = {
  prepare: {
    keepInHistory: Effect.fnUntraced(function* ({ gap, index, number }, { read }) {
      const text = content.decode((yield* read(RECORD.incoming(number)))!)
      if (text?.kind !== "text") return {}
      const { at, id, text: words } = text
      return {
        write: [[RECORD.history(index), entry.encode({ mine: false, id, number, at, text: words, gap })]],
        erase: [RECORD.incoming(number)],
      }
    }),
  },
  perform: {
    tellMessage: Effect.fnUntraced(function* ({ index }) {
      yield* (yield* Application).tell({ type: "message", index })
      return []
    }),
  },
}
