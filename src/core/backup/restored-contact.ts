/** A contact out of a backup, as it begins again: its conversation as it stood, and no keys but its own. */
import { expiry } from "../../machines/expiry.ts"
import { session } from "../../machines/session.ts"
import type { SessionContext } from "../../machines/session-state.ts"
import { EXPIRY, SESSION } from "../contact/machines.ts"
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
  const fresh = toRest(begin(session, { role }).snapshot)
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
    // It looks at once for what has disappeared meanwhile.
    [EXPIRY, { ...counting, timers: [] }],
  ])
}
