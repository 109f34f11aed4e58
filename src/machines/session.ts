/**
 * A conversation with one contact: numbers what our user writes, puts what the peer wrote in order, and says what has to
 * be acknowledged. Docs: protocol.md, "Delivery".
 */
import { and, assign, setup, stateIn } from "xstate"
import { perform, prepare } from "../core/host/command.ts"
import {
  acknowledgement,
  type ChangeKind,
  changeIsNext,
  DELIVERY_WINDOW,
  givenUp,
  hasRoom,
  isNew,
  leave,
  nextIs,
  type SessionContext,
  type SessionEvent,
  skipped,
  takeNext,
} from "./session-state.ts"
import type { HealingReason } from "./standing.ts"

/** Nobody who keeps to the window is ever this far ahead of a missing message: then it is given up, and a gap is shown. */
export const MAX_EARLY = 4 * DELIVERY_WINDOW
/** What arrives within this time, in milliseconds, shares one acknowledgement. */
export const ACKNOWLEDGE_AFTER = 5
/** What was read is told once more after this long, in milliseconds, unless another acknowledgement has told it. */
export const REPEAT_AFTER = 3_000
/** After so many contents of ours were had, the MLS layer is asked whether it wants to renew its keys. */
export const REKEY_INTERVAL = 32

export const session = setup({
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
    }>(),
    endDeliveries: prepare<object>(),
    openFrame: prepare<{ readonly frame: string }>(),
    dropContent: prepare<{ readonly number: number }>(),
    startReceipt: prepare<{ readonly number: number }>(),
    showMessage: prepare<{ readonly number: number; readonly index: number; readonly gap: number }>(),
    takeChange: prepare<{ readonly number: number }>(),
    takeTimer: prepare<{ readonly number: number; readonly index: number }>(),
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
}).createMachine({
  id: "session",
  type: "parallel",
  context: ({ input }) => ({
    role: input.role,
    written: 0,
    released: 0,
    inFlight: 0,
    waitingBytes: 0,
    next: 0,
    early: [],
    gap: 0,
    history: 0,
    peerHas: 0,
    peerRead: 0,
    userRead: 0,
    readTold: 0,
    readRepeated: 0,
    unread: 0,
    resumesAt: 0,
    repeatsBelow: 0,
    isRestored: input.restored ?? false,
    failure: null,
  }),
  states: {
    conversation: {
      description: "What the two may do.",
      initial: "pairing",
      on: {
        // Written before there are keys, a message waits as a record.
        MessageWritten: {
          guard: "hasRoom",
          actions: [
            {
              type: "keepMessage",
              params: ({ context, event }) => ({
                number: context.written,
                index: context.history,
                id: event.id,
                at: event.at,
                lifetime: event.lifetime,
                replyTo: event.replyTo,
              }),
            },
            assign({
              written: ({ context }) => context.written + 1,
              history: ({ context }) => context.history + 1,
              waitingBytes: ({ context, event }) => context.waitingBytes + event.bytes,
            }),
          ],
        },
        ChangeWritten: {
          guard: "hasRoom",
          actions: [
            {
              type: "keepChange",
              params: ({ context, event }) => ({
                number: context.written,
                id: event.id,
                change: event.change,
                target: event.target,
              }),
            },
            assign({
              written: ({ context }) => context.written + 1,
              waitingBytes: ({ context, event }) => context.waitingBytes + event.bytes,
            }),
          ],
        },
        TimerSet: {
          guard: "hasRoom",
          actions: [
            {
              type: "keepTimer",
              params: ({ context, event }) => ({
                number: context.written,
                index: context.history,
                id: event.id,
                at: event.at,
              }),
            },
            assign({
              written: ({ context }) => context.written + 1,
              history: ({ context }) => context.history + 1,
            }),
          ],
        },
        MessageDropped: { actions: { type: "dropMessage", params: ({ event }) => ({ id: event.id }) } },
        ConversationCleared: {
          actions: { type: "clearConversation", params: ({ context }) => ({ index: context.history }) },
        },
        HistoryChanged: { actions: { type: "countUnread", params: ({ context }) => ({ upTo: context.userRead }) } },
        ProfileChanged: {
          actions: [
            { type: "keepProfile", params: ({ context }) => ({ number: context.written }) },
            assign({ written: ({ context }) => context.written + 1 }),
          ],
        },
        Compared: { actions: { type: "keepComparison", params: ({ event }) => ({ at: event.at }) } },
        UserRead: {
          actions: [
            {
              type: "settleReceipts",
              params: ({ context, event }) => ({
                from: context.userRead,
                upTo: Math.max(context.userRead, event.upTo),
              }),
            },
            assign({
              userRead: ({ context, event }) => Math.max(context.userRead, event.upTo),
            }),
          ],
        },
        Healed: {
          actions: [
            assign(({ context, event }) => ({
              ...(event.base !== null && {
                written: event.written,
                released: event.base,
                peerHas: event.base,
                inFlight: 0,
                waitingBytes: event.bytes,
              }),
              ...(event.theirs !== null && {
                resumesAt: Math.max(context.resumesAt, event.theirs),
                repeatsBelow: event.theirs + event.repeats,
              }),
              history: context.history + 1,
              isRestored: false,
            })),
            { type: "tellHealed", params: ({ event }) => ({ reason: event.reason }) },
          ],
        },
        UnreadCounted: { actions: assign({ unread: ({ event }) => event.unread }) },
      },
      states: {
        pairing: {
          description: "There are no keys yet; what is written waits.",
          // Out of a backup: the peer is known, and keys are agreed anew.
          always: { guard: "isRestored", target: "established" },
          on: {
            HandshakeFinished: {
              target: "established",
              actions: [
                { type: "tellPaired", params: {} },
                // The peer learns our name, and from its arrival that we are done.
                { type: "keepProfile", params: ({ context }) => ({ number: context.written }) },
                assign({ written: ({ context }) => context.written + 1 }),
              ],
            },
            HandshakeFailed: "failed",
            // The peer hears it once there are keys.
            ProfileChanged: { actions: { type: "keepName", params: {} } },
          },
        },
        established: {
          description: "Both have the keys.",
          initial: "open",
          always: [
            {
              guard: "textIsNext",
              actions: [
                {
                  type: "showMessage",
                  params: ({ context }) => ({ number: context.next, index: context.history, gap: context.gap }),
                },
                assign((at) => ({
                  ...takeNext(at),
                  gap: 0,
                  history: at.context.history + 1,
                  unread: at.context.unread + 1,
                })),
              ],
            },
            {
              guard: "profileIsNext",
              actions: [
                { type: "takeProfile", params: ({ context }) => ({ number: context.next }) },
                assign((at) => takeNext(at)),
              ],
            },
            // Renewed keys were taken over when they were opened; only their number counts here.
            { guard: "rekeyIsNext", actions: assign((at) => takeNext(at)) },
            {
              guard: "changeIsNext",
              actions: [
                { type: "takeChange", params: ({ context }) => ({ number: context.next }) },
                assign((at) => takeNext(at)),
              ],
            },
            {
              guard: "timerIsNext",
              actions: [
                {
                  type: "takeTimer",
                  params: ({ context }) => ({ number: context.next, index: context.history }),
                },
                assign((at) => ({ ...takeNext(at), history: at.context.history + 1 })),
              ],
            },
            { guard: "voidIsNext", actions: assign((at) => takeNext(at)) },
            { guard: "tombstoneIsNext", actions: assign((at) => ({ ...takeNext(at), gap: at.context.gap + 1 })) },
            { guard: "knownIsNext", actions: assign((at) => takeNext(at)) },
            { guard: "isPassed", actions: assign(skipped) },
          ],
          on: {
            FrameArrived: { actions: { type: "openFrame", params: ({ event }) => ({ frame: event.frame }) } },
            NumberedOpened: [
              {
                guard: "isTooEarly",
                actions: [
                  { type: "dropContent", params: ({ event }) => ({ number: event.number }) },
                  // It comes again under another seal; what the early ones wait for does not.
                  assign((at) => (at.context.early.length < MAX_EARLY ? {} : givenUp(at))),
                ],
              },
              {
                guard: "isNewText",
                actions: [
                  assign({
                    early: ({ context, event }) => [...context.early, { number: event.number, kind: event.kind }],
                  }),
                  { type: "startReceipt", params: ({ event }) => ({ number: event.number }) },
                ],
              },
              {
                guard: "isNewOther",
                actions: assign({
                  early: ({ context, event }) => [...context.early, { number: event.number, kind: event.kind }],
                }),
              },
            ],
            AcknowledgementOpened: {
              actions: [
                {
                  type: "settleDeliveries",
                  params: ({ event }) => ({ upTo: event.upTo, also: event.also, readUpTo: event.readUpTo }),
                },
                assign({
                  peerHas: ({ context, event }) => Math.max(context.peerHas, Math.min(event.upTo, context.written)),
                  peerRead: ({ context, event }) =>
                    Math.max(context.peerRead, Math.min(event.readUpTo, context.written)),
                }),
              ],
            },
            TypingOpened: { actions: { type: "tellTyping", params: ({ event }) => ({ active: event.active }) } },
            DeliveryLeft: [
              {
                guard: "mayRekey",
                actions: [
                  assign(({ context, event }) => leave(context, event.bytes)),
                  { type: "considerRekey", params: {} },
                ],
              },
              { actions: assign(({ context, event }) => leave(context, event.bytes)) },
            ],
            LinkOpened: { actions: { type: "wakeDeliveries", params: {} } },
            SealingAllowed: { actions: { type: "resumeSealing", params: {} } },
            RekeyMade: {
              actions: [
                { type: "keepRekey", params: ({ context }) => ({ number: context.written }) },
                assign({ written: ({ context }) => context.written + 1 }),
              ],
            },
            Blocked: "blocked",
          },
          states: {
            open: {
              description: "Messages go both ways.",
              always: {
                guard: "mayRelease",
                actions: [
                  { type: "startDelivery", params: ({ context }) => ({ number: context.released }) },
                  assign({
                    released: ({ context }) => context.released + 1,
                    inFlight: ({ context }) => context.inFlight + 1,
                  }),
                ],
              },
              on: {
                UserTyped: {
                  actions: [
                    { type: "sealTyping", params: ({ event }) => ({ active: event.active }) },
                    { type: "transmit", params: { frame: "typing" } },
                  ],
                },
                IdentityChanged: "paused",
              },
            },
            // The peer's identity is not the one we knew: nothing is sent until our user has decided.
            paused: {
              description: "The peer's identity is not the one we knew: nothing is sent until the user has decided.",
              entry: { type: "tellIdentityChanged", params: {} },
              on: {
                // Numbers that differ decide nothing.
                Compared: {
                  guard: "matches",
                  target: "open",
                  actions: [
                    { type: "acceptIdentity", params: {} },
                    { type: "keepComparison", params: ({ event }) => ({ at: event.at }) },
                  ],
                },
                ContinuedUnverified: { target: "open", actions: { type: "acceptIdentity", params: {} } },
                Blocked: "#session.conversation.blocked.undecided",
              },
            },
          },
        },
        blocked: {
          description: "The user wants nothing from this peer.",
          entry: [
            { type: "endDeliveries", params: {} },
            { type: "pauseLink", params: {} },
          ],
          initial: "decided",
          on: {
            DeliveryLeft: { actions: assign(({ context, event }) => leave(context, event.bytes)) },
          },
          states: {
            decided: {
              description: "Unblocking goes back to the open conversation.",
              on: {
                Unblocked: { target: "#session.conversation.established", actions: { type: "resumeLink", params: {} } },
              },
            },
            // A changed identity is not accepted by blocking and unblocking.
            undecided: {
              description: "Unblocking goes back to the question that was open.",
              on: {
                Unblocked: {
                  target: "#session.conversation.established.paused",
                  actions: { type: "resumeLink", params: {} },
                },
              },
            },
          },
        },
        failed: {
          description: "Pairing came to nothing.",
          type: "final",
          entry: [
            assign({
              failure: ({ context, event }) => (event.type === "HandshakeFailed" ? event.reason : context.failure),
            }),
            { type: "tellFailed", params: ({ context }) => ({ reason: context.failure ?? "refused" }) },
            { type: "endDeliveries", params: {} },
            { type: "pauseLink", params: {} },
          ],
        },
      },
    },
    acknowledging: {
      description: "How the peer learns what has arrived.",
      initial: "idle",
      states: {
        idle: {
          description: "Nothing is owed.",
          on: {
            NumberedOpened: "gathering",
            FrameRepeated: "gathering",
            LinkOpened: { guard: "hasReceived", target: "gathering" },
            SealingAllowed: { guard: "hasReceived", target: "gathering" },
            Healed: "gathering",
            UserRead: {
              guard: "mayTellOfReading",
              target: "gathering",
              actions: assign({ readTold: ({ context, event }) => Math.max(context.readTold, event.upTo) }),
            },
          },
        },
        gathering: {
          description: "What arrives together shares one acknowledgement.",
          on: {
            UserRead: {
              guard: "tellsOfReading",
              actions: assign({ readTold: ({ context, event }) => Math.max(context.readTold, event.upTo) }),
            },
          },
          after: {
            acknowledgeAfter: [
              {
                guard: "isEstablished",
                target: "said",
                actions: [
                  { type: "sealAcknowledgement", params: acknowledgement },
                  { type: "transmit", params: { frame: "acknowledgement" } },
                ],
              },
              // Whoever is blocked is told nothing, not even that they were read.
              { target: "idle" },
            ],
          },
        },
        // A lost acknowledgement of a message is asked for by its repetition. Nobody asks what was read, so it is said again.
        said: {
          description: "An acknowledgement went out and may be lost.",
          on: {
            NumberedOpened: "gathering",
            FrameRepeated: "gathering",
            LinkOpened: "gathering",
            SealingAllowed: "gathering",
            Healed: "gathering",
            UserRead: {
              guard: "mayTellOfReading",
              target: "gathering",
              actions: assign({ readTold: ({ context, event }) => Math.max(context.readTold, event.upTo) }),
            },
          },
          after: {
            repeatAfter: [
              {
                guard: and(["isEstablished", "repeatsReading"]),
                target: "idle",
                actions: [
                  assign({ readRepeated: ({ context }) => context.readTold }),
                  { type: "sealAcknowledgement", params: acknowledgement },
                  { type: "transmit", params: { frame: "acknowledgement" } },
                ],
              },
              { target: "idle" },
            ],
          },
        },
      },
    },
  },
})
