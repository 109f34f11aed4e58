/** The commands that both sides of a handshake give alike. */
import * as Effect from "effect/Effect"
import type { RefusalReason } from "../../../machines/inviter.ts"
import { encodeFrame } from "../../frame.ts"
import type { At } from "../../host/handlers.ts"
import { SESSION, STANDING } from "../machines.ts"
import { HANDSHAKE_RECORDS, HEALING_RECORDS } from "../records.ts"
import { Application, Wire } from "../services.ts"
import { deskAt, isAgain } from "./handshake-records.ts"

/** A handshake ends without a session: its secrets go. Of pairing the session hears why; healing is tried again. */
export const abandon = ({ reason }: { readonly reason: "expired" | "cancelled" | "superseded" }, at: At) =>
  Effect.succeed(
    isAgain(at)
      ? { erase: HEALING_RECORDS, tell: [{ to: STANDING, event: { type: "HealingFailed" } }] as const }
      : { erase: HANDSHAKE_RECORDS, tell: [{ to: SESSION, event: { type: "HandshakeFailed", reason } }] as const },
  )

/** Sends our Hello, over the link whose channel it is bound to and no other: the peer binds what it hears to the same. */
export const sendHello = ({ via }: { readonly via: string }, at: At) =>
  send(at, deskAt(at).hello, via, (message) => encodeFrame({ kind: "hello", message }), true)

/** Sends a kept handshake message over the link that asked for it; without the record the handshake went on meanwhile. */
export const sendMessage =
  (kind: "bundle" | "accept") =>
  ({ via }: { readonly via: string }, at: At) =>
    send(at, deskAt(at)[kind], via, (message) => encodeFrame({ kind, message }))

/** Sends our Confirm, the same bytes each time. */
export const sendConfirm = ({ via }: { readonly via: string }, at: At) =>
  send(at, deskAt(at).confirm, via, (frame) => frame)

export const tellRefusal = Effect.fnUntraced(function* ({ reason }: { readonly reason: RefusalReason }) {
  yield* (yield* Application).tell({ type: "refused", reason })
  return []
})

const send = Effect.fnUntraced(function* (
  at: At,
  record: string,
  via: string,
  toFrame: (bytes: Uint8Array) => Uint8Array,
  only = false,
) {
  const bytes = yield* at.read(record)
  if (bytes !== undefined) yield* (yield* Wire).transmit(toFrame(bytes), via, only)
  return []
})
