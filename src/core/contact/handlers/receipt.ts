/** The commands of a receipt: giving an incoming message its place in the conversation, and telling of it. */
import * as Effect from "effect/Effect"
import { content } from "../../content.ts"
import type { Handlers } from "../../host/handlers.ts"
import { dueAfter } from "../changes.ts"
import { type ContactMachines, SESSION } from "../machines.ts"
import { RECORD } from "../records.ts"
import { Application } from "../services.ts"
import { counting, findMessage, kept } from "./removal.ts"

export const receiptHandlers: Handlers<ContactMachines, never, Application>["receipt"] = {
  prepare: {
    keepInHistory: Effect.fnUntraced(function* ({ as, gap, index, number }, at) {
      const text = content.decode((yield* at.read(RECORD.incoming(number))) ?? new Uint8Array())
      const erase = [RECORD.incoming(number)]
      // It disappeared while it waited for its turn; or its id is that of another message, which must stay findable.
      if (text?.kind !== "text" || (yield* findMessage(at, text.id)) !== undefined) {
        return { erase, tell: [{ to: SESSION, event: { type: "HistoryChanged" } }] }
      }
      const { at: sentAt, id, replyTo, text: words, timer } = text
      const message = { mine: false, id, number: as, at: sentAt, text: words, gap, ...(replyTo && { replyTo }) }
      if (timer === undefined) return { write: kept(index, message), erase }
      if (timer.from === "reading") return { write: kept(index, { ...message, timer }), erase }
      // The sender's clock may be wrong; nothing is kept longer for that.
      const due = dueAfter(Math.min(sentAt, at.now), timer)
      return { write: kept(index, { ...message, timer, due }), erase, ...counting }
    }),
  },
  perform: {
    tellMessage: Effect.fnUntraced(function* ({ index }) {
      yield* (yield* Application).tell({ type: "message", index })
      return []
    }),
  },
}
