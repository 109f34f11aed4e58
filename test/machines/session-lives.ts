/** Any order of events that a session can see, as whole lives of its statechart. */
import fc from "fast-check"
import type { EventObject } from "xstate"
import { session } from "../../src/machines/session.ts"
import { DELIVERY_WINDOW, MAX_EARLY, type SessionContext, type SessionEvent } from "../../src/machines/session-state.ts"
import { type Happening, type Host, happenings, live, type Step } from "../../src/spec/machines/life.ts"

const number = fc.oneof(
  { weight: 8, arbitrary: fc.noBias(fc.nat(12)) },
  { weight: 1, arbitrary: fc.integer({ min: MAX_EARLY - 1, max: 6 * MAX_EARLY }) },
  { weight: 1, arbitrary: fc.constant(Number.MAX_SAFE_INTEGER) },
)

const numbered = fc.record({
  type: fc.constant("NumberedOpened" as const),
  number,
  kind: fc.constantFrom(
    ...(["text", "text", "profile", "rekey", "tombstone", "edit", "deletion", "reaction", "timer", "void"] as const),
  ),
})

export const MESSAGE = {
  type: "MessageWritten" as const,
  id: "00",
  at: 0,
  lifetime: null,
  replyTo: null,
  bytes: 5,
} satisfies SessionEvent

const event: fc.Arbitrary<SessionEvent> = fc.oneof(
  { weight: 12, arbitrary: numbered },
  { weight: 6, arbitrary: fc.constant(MESSAGE) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...(["edit", "deletion", "reaction"] as const).map(
        (change) => ({ type: "ChangeWritten", id: "01", change, target: "00", bytes: 3 }) as const,
      ),
    ),
  },
  { weight: 1, arbitrary: fc.constant({ type: "TimerSet", id: "02", at: 0 } as const) },
  { weight: 1, arbitrary: fc.constant({ type: "MessageDropped", id: "00" } as const) },
  { weight: 1, arbitrary: fc.constant({ type: "ConversationCleared" } as const) },
  { weight: 1, arbitrary: fc.constant({ type: "HistoryChanged" } as const) },
  { weight: 3, arbitrary: fc.constant({ type: "HandshakeFinished" } as const) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("HandshakeFailed" as const), reason: fc.constant("expired") }),
  },
  { weight: 1, arbitrary: fc.constant({ type: "ProfileChanged" } as const) },
  { weight: 1, arbitrary: fc.constant({ type: "RekeyMade" } as const) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("FrameArrived" as const), frame: fc.constant("arrived/1") }) },
  { weight: 2, arbitrary: fc.constant({ type: "FrameRepeated" } as const) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("AcknowledgementOpened" as const),
      upTo: number,
      also: fc.array(number, { maxLength: 3 }),
      readUpTo: number,
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("TypingOpened" as const), active: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("TargetPlaced" as const), number: fc.nat(300) }) },
  { weight: 2, arbitrary: fc.constant({ type: "LinkOpened" } as const) },
  { weight: 4, arbitrary: fc.constant({ type: "DeliveryLeft", bytes: 5 } as const) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("UserRead" as const), upTo: fc.nat(12), tell: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("UserTyped" as const), active: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ type: "IdentityChanged" } as const) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("Compared" as const), at: fc.constantFrom(null, 1_893_456_000_000) }),
  },
  { weight: 1, arbitrary: fc.constant({ type: "ContinuedUnverified" } as const) },
  { weight: 1, arbitrary: fc.constant({ type: "Blocked" } as const) },
  { weight: 1, arbitrary: fc.constant({ type: "Unblocked" } as const) },
)

/** Lives in which a delivery leaves only if one was started, and what is counted is counted: as the host sees to. */
export const host: Host = {
  answers: ({ type }) =>
    type === "settleReceipts" || type === "countUnread" ? [{ type: "UnreadCounted", unread: 0 } as EventObject] : [],
  isPossible: ({ type }, context) => type !== "DeliveryLeft" || (context as SessionContext).inFlight > 0,
}

export const lives = fc.tuple(fc.boolean(), fc.boolean(), happenings(event, 80)).map(([paired, written, happened]) => {
  const first: ReadonlyArray<Happening<SessionEvent>> = paired ? [{ tell: { type: "HandshakeFinished" } }] : []
  const burst = written ? Array.from({ length: DELIVERY_WINDOW }, () => ({ tell: MESSAGE })) : []
  return live(session, { role: "inviter" }, [...first, ...burst, ...happened], host)
})

export const contextOf = ({ context }: Step) => context as SessionContext
