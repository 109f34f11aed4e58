/** The commands of a delivery: sealing one message, and repeating exactly what was sealed. */
import * as Effect from "effect/Effect"
import { content } from "../../content.ts"
import type { Crypto } from "../../crypto/crypto.ts"
import type { At, Handlers } from "../../host/handlers.ts"
import { type CascadeRecords, sealed } from "../cascade-records.ts"
import { type ContactMachines, SESSION } from "../machines.ts"
import { outcome, outgoing, RECORD } from "../records.ts"
import { Application, Wire } from "../services.ts"

export const deliveryHandlers = (
  records: CascadeRecords,
): Handlers<ContactMachines, Crypto, Wire | Application>["delivery"] => {
  /** Seals the content and keeps the frame: from here on the same bytes are sent until the peer has them. */
  const seal = Effect.fnUntraced(function* (at: At, number: number, bytes: Uint8Array) {
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

      sealTombstone: Effect.fnUntraced(function* ({ number }, at) {
        const { content: bytes } = outgoing.decode((yield* at.read(RECORD.outgoing(number)))!)!
        const { id } = content.decode(bytes) as { readonly id: Uint8Array }
        return yield* seal(at, number, content.encode({ kind: "tombstone", id, number }))
      }),

      forgetFrame: ({ number }) => Effect.succeed({ erase: [RECORD.frame(number), RECORD.outgoing(number)] }),

      keepOutcome: ({ number, outcome: came }) =>
        Effect.succeed({ write: [[RECORD.outcome(number), outcome.encode(came)]] }),

      leaveWindow: () => Effect.succeed({ tell: [{ to: SESSION, event: { type: "DeliveryLeft" } }] }),
    },
    perform: {
      transmit: Effect.fnUntraced(function* ({ number }, { read }) {
        const frame = yield* read(RECORD.frame(number))
        // Without the record the message was delivered meanwhile.
        if (frame === undefined) return []
        return (yield* (yield* Wire).transmit(frame)) ? [{ type: "Transmitted" }] : []
      }),

      tell: Effect.fnUntraced(function* ({ number, outcome: came }) {
        yield* (yield* Application).tell({ type: "delivery", number, outcome: came })
        return []
      }),
    },
  }
}
