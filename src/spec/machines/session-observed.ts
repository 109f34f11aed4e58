/**
 * The session machine alone as an observation of delivery: what its commands would have come to. One side is the machine, the
 * other is whatever events say. Docs: invariants.md, "Delivery".
 */
import type { NumberedKind, SessionContext, SessionEvent } from "../../machines/session-state.ts"
import type { Acknowledged, DeliveryObservation, Early, Repeated, Shown } from "../invariants/delivery.ts"
import { NOTHING_OBSERVED } from "../invariants/delivery.ts"
import { isIn, type Step } from "./life.ts"

const ME = 0

/** Reads a life of the session machine. Only an established one opens frames, so whatever else comes counts for nothing. */
export const observedSession = (steps: ReadonlyArray<Step>): DeliveryObservation => {
  const shown: Array<Shown> = []
  const acknowledged: Array<Acknowledged> = []
  const repeated: Array<Repeated> = []
  const early: Array<Early> = []
  const had = new Map<number, NumberedKind>()
  steps.forEach(({ commands, context, event: happened, to }, i) => {
    const event = happened as SessionEvent
    const { early: waiting, next } = context as SessionContext
    const dropped = commands.some(({ type }) => type === "dropContent")
    if (event.type === "NumberedOpened" && isIn(to, "conversation.established")) {
      if (!dropped && !had.has(event.number)) had.set(event.number, event.kind)
      if (event.number > next && !dropped) {
        early.push({
          to: ME,
          number: event.number,
          noticed: waiting.some(({ number }) => number === event.number) && isIn(to, "acknowledging.gathering"),
        })
      }
    }
    if (event.type === "FrameRepeated" && isIn(to, "conversation.established")) {
      // An acknowledgement is under way once the gathering ends, by a timer that always rings.
      repeated.push({ to: ME, number: i, acknowledgedAgain: isIn(to, "acknowledging.gathering") })
    }
    for (const { params, type } of commands) {
      if (type === "showMessage") {
        const { gap, number } = params as { readonly number: number; readonly gap: number }
        shown.push({ to: ME, number, gap })
      }
      if (type === "sealAcknowledgement") {
        const { also, upTo } = params as { readonly upTo: number; readonly also: ReadonlyArray<number> }
        const told = [...Array.from({ length: upTo }, (_, number) => number), ...also]
        for (const number of told)
          acknowledged.push({ by: ME, number, durable: had.has(number), sent: had.has(number) })
      }
    }
  })
  // The peer wrote what was opened, and whatever lies between it: that has not come.
  const last = Math.max(-1, ...had.keys())
  const accepted = Array.from({ length: last + 1 }, (_, number) => {
    const kind = had.get(number)
    return {
      by: 1 as const,
      number,
      text: kind === "text" || kind === "tombstone",
      outcome:
        kind === undefined
          ? ("pending" as const)
          : kind === "tombstone"
            ? ("expired" as const)
            : ("delivered" as const),
    }
  })
  return { ...NOTHING_OBSERVED, accepted, shown, told: shown, acknowledged, repeated, early }
}
