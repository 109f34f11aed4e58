/** The commands of a delivery: sealing one message, and repeating exactly what was sealed. */
import * as Effect from "effect/Effect"
import { content, isNumbered } from "../../content.ts"
import type { Crypto } from "../../crypto/crypto.ts"
import type { At, Handlers } from "../../host/handlers.ts"
import type { RecordId } from "../../store.ts"
import { type CascadeRecords, sealed } from "../cascade-records.ts"
import { dueAfter } from "../changes.ts"
import { type Life, maySeal } from "../life.ts"
import { type ContactMachines, SESSION } from "../machines.ts"
import { entry, outcome, outgoing, RECORD } from "../records.ts"
import { Wire } from "../services.ts"
import { counting, inPlaceOf, kept } from "./removal.ts"

const NOTHING = new Uint8Array()

export const deliveryHandlers = (
  records: CascadeRecords,
  life: Life,
): Handlers<ContactMachines, Crypto, Wire>["delivery"] => {
  /** Seals the content and keeps the frame: from here on the same bytes are sent until the peer has them. */
  const seal = Effect.fnUntraced(function* (at: At, number: number, bytes: Uint8Array) {
    if (!maySeal(at, life)) return {}
    const { transitions, write, frame } = yield* sealed(records, at, bytes)
    return {
      write: [...write, [RECORD.frame(number), frame] as const],
      transitions,
      events: [{ type: "Sealed" } as const],
    }
  })

  return {
    prepare: {
      seal: Effect.fnUntraced(function* ({ number }, at) {
        return yield* seal(at, number, outgoing.decode((yield* at.read(RECORD.outgoing(number)))!)!.content)
      }),

      // What is to take its place stands there already.
      sealTombstone: Effect.fnUntraced(function* ({ number }, at) {
        return yield* seal(at, number, outgoing.decode((yield* at.read(RECORD.outgoing(number)))!)!.content)
      }),

      forgetFrame: ({ apart, number }) =>
        Effect.succeed({ erase: [RECORD.frame(number), ...(apart ? [] : [RECORD.outgoing(number)])] }),

      keepOutcome: Effect.fnUntraced(function* ({ number, outcome: came }, at) {
        const waiting = outgoing.decode((yield* at.read(RECORD.outgoing(number)))!)!
        const what = content.decode(waiting.content)
        const write: Array<readonly [RecordId, Uint8Array]> = []
        if (came !== "deleted") write.push([RECORD.outcome(number), outcome.encode(came)])
        // Whoever withdrew it has replaced it already; the text itself is not needed for that.
        if (what !== undefined && isNumbered(what) && what.kind !== "tombstone" && what.kind !== "void") {
          const gap = what.kind === "text" && came !== "deleted"
          write.push([RECORD.outgoing(number), outgoing.encode(inPlaceOf(waiting, what, gap))])
        }
        return { write }
      }),

      startCounting: Effect.fnUntraced(function* ({ number }, at) {
        const { index } = outgoing.decode((yield* at.read(RECORD.outgoing(number)))!)!
        const message =
          index === undefined ? undefined : entry.decode((yield* at.read(RECORD.history(index))) ?? NOTHING)
        if (index === undefined || message === undefined || message.due !== undefined) return {}
        if (message.timer?.from !== "reading") return {}
        return { write: kept(index, { ...message, due: dueAfter(at.now, message.timer) }), ...counting }
      }),

      leaveWindow: Effect.fnUntraced(function* ({ number }, at) {
        const { weight = 0 } = outgoing.decode((yield* at.read(RECORD.outgoing(number)))!)!
        return { tell: [{ to: SESSION, event: { type: "DeliveryLeft", bytes: weight } }] }
      }),
    },
    perform: {
      transmit: Effect.fnUntraced(function* ({ number }, { read }) {
        const frame = yield* read(RECORD.frame(number))
        // Without the record the message was delivered meanwhile.
        if (frame === undefined) return []
        return (yield* (yield* Wire).transmit(frame)) ? [{ type: "Transmitted" }] : []
      }),
    },
  }
}
