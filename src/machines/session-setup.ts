/** What the session's statechart is made of: its commands, its guards and its times. The chart is in session.ts. */
import { setup, stateIn } from "xstate"
import { perform, prepare } from "../core/host/command.ts"
import {
  type ChangeKind,
  changeIsNext,
  DELIVERY_WINDOW,
  hasRoom,
  isNew,
  MAX_EARLY,
  nextIs,
  type SessionContext,
  type SessionEvent,
} from "./session-state.ts"
import type { HealingReason } from "./standing.ts"

/** What arrives within this time, in milliseconds, shares one acknowledgement. */
export const ACKNOWLEDGE_AFTER = 5
/** What was read is told once more after this long, in milliseconds, unless another acknowledgement has told it. */
export const REPEAT_AFTER = 3_000
/** After so many contents of ours were had, the MLS layer is asked whether it wants to renew its keys. */
export const REKEY_INTERVAL = 32

export const sessionSetup = setup({
  types: {
    context: {} as SessionContext,
    events: {} as SessionEvent,
    input: {} as { readonly role: "inviter" | "joiner"; readonly restored?: boolean },
  },
  actions: {
    keepMessage: prepare<{
      readonly number: number
      readonly index: number
      readonly id: string
      readonly at: number
      readonly lifetime: number | null
      readonly replyTo: string | null
    }>(),
    keepChange: prepare<{
      readonly number: number
      readonly id: string
      readonly change: ChangeKind
      readonly target: string
    }>(),
    keepTimer: prepare<{ readonly number: number; readonly index: number; readonly id: string; readonly at: number }>(),
    dropMessage: prepare<{ readonly id: string }>(),
    clearConversation: prepare<{ readonly index: number }>(),
    countUnread: prepare<{ readonly upTo: number }>(),
    keepReplaced: prepare<{ readonly index: number }>(),
    keepName: prepare<object>(),
    keepProfile: prepare<{ readonly number: number }>(),
    considerRekey: prepare<object>(),
    keepRekey: prepare<{ readonly number: number }>(),
    startDelivery: prepare<{ readonly number: number }>(),
    wakeDeliveries: prepare<object>(),
    resumeSealing: prepare<object>(),
    settleDeliveries: prepare<{
      readonly upTo: number
      readonly also: ReadonlyArray<number>
      readonly readUpTo: number
      /** Of those, or of earlier ones, the contents are still kept. */
      readonly apart: ReadonlyArray<number>
      /** Contents that were kept until now. */
      readonly passed: ReadonlyArray<number>
    }>(),
    endDeliveries: prepare<object>(),
    openFrame: prepare<{ readonly frame: string }>(),
    dropContent: prepare<{ readonly number: number }>(),
    startReceipt: prepare<{ readonly number: number }>(),
    leaveAside: prepare<{ readonly number: number }>(),
    showMessage: prepare<{
      readonly number: number
      readonly as: number
      readonly index: number
      readonly gap: number
    }>(),
    /** `placed`: what it is about has its place now, if it ever gets one. */
    takeChange: prepare<{ readonly number: number; readonly placed: boolean }>(),
    takeTimer: prepare<{ readonly number: number; readonly as: number; readonly index: number }>(),
    takeProfile: prepare<{ readonly number: number }>(),
    settleReceipts: prepare<{ readonly from: number; readonly upTo: number }>(),
    sealAcknowledgement: prepare<{
      readonly upTo: number
      readonly also: ReadonlyArray<number>
      readonly readUpTo: number
    }>(),
    sealTyping: prepare<{ readonly active: boolean }>(),
    keepComparison: prepare<{ readonly at: number | null }>(),
    pauseLink: prepare<object>(),
    resumeLink: prepare<object>(),
    transmit: perform<{ readonly frame: "acknowledgement" | "typing" }>(),
    tellTyping: perform<{ readonly active: boolean }>(),
    tellPaired: perform<object>(),
    tellFailed: perform<{ readonly reason: string }>(),
    tellIdentityChanged: perform<object>(),
    tellHealed: perform<{ readonly reason: HealingReason }>(),
    tellReplaced: perform<object>(),
    acceptIdentity: prepare<object>(),
  },
  guards: {
    isTooEarly: ({ context, event }) =>
      event.type === "NumberedOpened" &&
      isNew({ context }, event.number) &&
      // What everything else waits for is never too early.
      ((context.early.length >= MAX_EARLY && event.number !== context.next) ||
        event.number >= context.next + 4 * MAX_EARLY),
    isNewText: ({ context, event }) =>
      event.type === "NumberedOpened" && event.kind === "text" && isNew({ context }, event.number),
    isNewOther: ({ context, event }) => event.type === "NumberedOpened" && isNew({ context }, event.number),
    isMoved: ({ event }) => event.type === "NumberedOpened" && event.before !== undefined,
    textIsNext: (at) => nextIs(at, "text"),
    changeIsNext,
    timerIsNext: (at) => nextIs(at, "timer"),
    voidIsNext: (at) => nextIs(at, "void"),
    hasRoom: ({ context, event }) => hasRoom({ context }, event),
    profileIsNext: (at) => nextIs(at, "profile"),
    rekeyIsNext: (at) => nextIs(at, "rekey"),
    tombstoneIsNext: (at) => nextIs(at, "tombstone"),
    knownIsNext: (at) => nextIs(at, "known"),
    // Whatever is next has not come, and never will.
    isPassed: ({ context }) => context.next < context.resumesAt,
    isRestored: ({ context }) => context.isRestored,
    // What a backup says of numbers is settled with the peer first.
    mayRelease: ({ context }) =>
      !context.isRestored && context.inFlight < DELIVERY_WINDOW && context.released < context.written,
    mayRekey: ({ context }) => context.written % REKEY_INTERVAL === REKEY_INTERVAL - 1,
    hasReceived: ({ context }) => context.next > 0 || context.early.length > 0,
    isEstablished: stateIn({ conversation: "established" }),
    repeatsReading: ({ context }) => context.readTold > context.readRepeated,
    tellsOfReading: ({ event }) => event.type === "UserRead" && event.tell,
    matches: ({ event }) => event.type === "Compared" && event.at !== null,
    mayTellOfReading: ({ context, event }) =>
      event.type === "UserRead" && event.tell && (context.next > 0 || context.early.length > 0),
  },
  delays: { acknowledgeAfter: ACKNOWLEDGE_AFTER, repeatAfter: REPEAT_AFTER },
})
