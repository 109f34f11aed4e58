/**
 * Renewing the MLS keys: a commit travels as ordinary numbered content, so it is delivered like any message.
 * Docs: protocol.md, "MLS layer".
 */
import * as Effect from "effect/Effect"
import { content } from "../../content.ts"
import { Crypto } from "../../crypto/crypto.ts"
import type { Handlers } from "../../host/handlers.ts"
import { rekey, sottoCascade, wantsRekey } from "../../layers/profile.ts"
import type { CascadeRecords } from "../cascade-records.ts"
import { type Life, maySeal } from "../life.ts"
import { type ContactMachines, STANDING } from "../machines.ts"
import { outgoing, RECORD } from "../records.ts"

type SessionPrepare = Handlers<ContactMachines, Crypto, never>["session"]["prepare"]

export const rekeyHandlers = (
  records: CascadeRecords,
  life: Life,
): Pick<SessionPrepare, "considerRekey" | "keepRekey"> => ({
  considerRekey: Effect.fnUntraced(function* (_, at) {
    if (!maySeal(at, life)) return {}
    const state = yield* records.read(at)
    if (state === undefined) return {}
    // Long before a counter comes to its end (RT-8).
    if (sottoCascade.isWornOut(state)) return { tell: [{ to: STANDING, event: { type: "RenewalAsked" } }] }
    if (!wantsRekey(state)) return {}
    const made = yield* Effect.option(rekey(state))
    if (made._tag === "None") return {}
    return {
      write: [...records.writes(made.value.state), [RECORD.rekey, made.value.commit]],
      events: [{ type: "RekeyMade" }],
    }
  }),

  keepRekey: Effect.fnUntraced(function* ({ number }, at) {
    const commit = (yield* at.read(RECORD.rekey))!
    const bytes = content.encode({ kind: "rekey", id: (yield* Crypto).random(16), number, commit })
    return { write: [[RECORD.outgoing(number), outgoing.encode({ content: bytes })]], erase: [RECORD.rekey] }
  }),
})
