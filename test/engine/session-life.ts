/** A short life of the session machine alone, in which the second message comes before the first. */

import { session } from "../../src/machines/session.ts"
import type { SessionEvent } from "../../src/machines/session-state.ts"
import type { DeliveryObservation } from "../../src/spec/invariants/delivery.ts"
import { live } from "../../src/spec/machines/life.ts"
import { observedSession } from "../../src/spec/machines/session-observed.ts"

const EVENTS: ReadonlyArray<SessionEvent> = [
  { type: "HandshakeFinished" },
  { type: "NumberedOpened", number: 1, kind: "text" },
  { type: "NumberedOpened", number: 0, kind: "text" },
]

export const secondFirst = async (): Promise<DeliveryObservation> =>
  observedSession(
    live(
      session,
      { role: "inviter" },
      EVENTS.map((tell) => ({ tell })),
    ),
  )
