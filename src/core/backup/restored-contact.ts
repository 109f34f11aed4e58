/**
 * A contact out of a backup, as it begins again: its conversation as it stood, and no keys but its own. It agrees new ones by
 * itself at the first link. Docs: protocol.md, "Healing".
 */
import { expiry } from "../../machines/expiry.ts"
import { link } from "../../machines/link.ts"
import { session } from "../../machines/session.ts"
import type { SessionContext } from "../../machines/session-state.ts"
import { standing } from "../../machines/standing.ts"
import { EXPIRY, LINK, SESSION, STANDING } from "../contact/machines.ts"
import { begin, toRest } from "../host/step.ts"
import type { Role } from "../ids.ts"
import type { InstanceId, Row } from "../store.ts"
import type { ContactItem } from "./items.ts"

/** The machines of a restored contact. What was written and not acknowledged is given out again. */
export const restoredRows = (
  { counters }: ContactItem,
  role: Role,
  waitingBytes: number,
): ReadonlyMap<InstanceId, Row> => {
  const fresh = toRest(begin(session, { role, restored: true }).snapshot)
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
    [LINK, { ...toRest(begin(link, undefined).snapshot), timers: [] }],
    // It looks at once for what has disappeared meanwhile.
    [EXPIRY, { ...counting, timers: [] }],
  ])
}
