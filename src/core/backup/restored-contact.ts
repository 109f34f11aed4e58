/**
 * A contact out of a backup, as it begins again: its conversation as it stood, and no keys but its own. It agrees new ones by
 * itself at the first link. Docs: protocol.md, "Healing".
 */
import { expiry } from "../../machines/expiry.ts"
import { link } from "../../machines/link.ts"
import { session } from "../../machines/session.ts"
import type { SessionContext, SessionEvent } from "../../machines/session-state.ts"
import { standing } from "../../machines/standing.ts"
import { EXPIRY, LINK, SESSION, STANDING } from "../contact/machines.ts"
import { begin, step, toRest } from "../host/step.ts"
import type { Role } from "../ids.ts"
import type { InstanceId, Row } from "../store.ts"
import type { ContactItem, Standing } from "./items.ts"

const EVENTS: Readonly<Record<Standing, ReadonlyArray<SessionEvent>>> = {
  open: [],
  paused: [{ type: "IdentityChanged" }],
  blocked: [{ type: "Blocked" }],
  blockedPaused: [{ type: "IdentityChanged" }, { type: "Blocked" }],
}

/** The machines of a restored contact. What was written and not acknowledged is given out again. */
export const restoredRows = (
  { counters, standing: stood }: ContactItem,
  role: Role,
  waitingBytes: number,
): ReadonlyMap<InstanceId, Row> => {
  // What our user had not decided, or had decided, still holds: nobody is unblocked or accepted by a restore.
  const stands = EVENTS[stood].reduce(
    (snapshot, event) => step(session, snapshot, event).snapshot,
    begin(session, { role, restored: true }).snapshot,
  )
  const idle = begin(link, undefined).snapshot
  const isBlocked = stood === "blocked" || stood === "blockedPaused"
  const fresh = toRest(stands)
  const context: SessionContext = {
    ...(fresh.context as SessionContext),
    ...counters,
    released: counters.peerHas,
    waitingBytes,
    readRepeated: counters.readTold,
  }
  const counting = toRest(begin(expiry, undefined).snapshot)
  return new Map<InstanceId, Row>([
    [SESSION, { ...fresh, context, timers: [] }],
    [STANDING, { ...toRest(begin(standing, { restored: true }).snapshot), timers: [] }],
    // A new process begins to look for the peer by itself.
    [LINK, { ...toRest(isBlocked ? step(link, idle, { type: "Paused" }).snapshot : idle), timers: [] }],
    // It looks at once for what has disappeared meanwhile.
    [EXPIRY, { ...counting, timers: [] }],
  ])
}
