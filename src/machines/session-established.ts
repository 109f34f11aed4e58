/** The session once there are keys: the peer's contents are taken in by their numbers, and ours leave through deliveries. */
import { and, assign } from "xstate"
import { sessionSetup } from "./session-setup.ts"
import { givenUp, keptApart, leave, MAX_EARLY, moved, numbersOf, skipped, takeNext } from "./session-state.ts"

export const established = sessionSetup.createStateConfig({
  description: "Both have the keys.",
  initial: "open",
  always: [
    {
      guard: "textIsNext",
      actions: [
        {
          type: "showMessage",
          params: ({ context }) => ({ ...numbersOf({ context }), index: context.history, gap: context.gap }),
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
        { type: "takeProfile", params: ({ context }) => ({ number: numbersOf({ context }).number }) },
        assign((at) => takeNext(at)),
      ],
    },
    // Renewed keys were taken over when they were opened; only their number counts here.
    { guard: "rekeyIsNext", actions: assign((at) => takeNext(at)) },
    {
      guard: "changeIsNext",
      actions: [
        { type: "takeChange", params: ({ context }) => ({ number: numbersOf({ context }).number, placed: false }) },
        assign((at) => takeNext(at)),
      ],
    },
    {
      guard: "timerIsNext",
      actions: [
        {
          type: "takeTimer",
          params: ({ context }) => ({ ...numbersOf({ context }), index: context.history }),
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
        guard: and(["isMoved", "isNewText"]),
        actions: [
          { type: "leaveAside", params: ({ event }) => ({ number: event.before ?? event.number }) },
          assign(moved),
          { type: "startReceipt", params: ({ event }) => ({ number: event.number }) },
        ],
      },
      {
        guard: and(["isMoved", "isNewOther"]),
        actions: [
          { type: "leaveAside", params: ({ event }) => ({ number: event.before ?? event.number }) },
          assign(moved),
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
          params: ({ context, event }) => ({
            upTo: event.upTo,
            also: event.also,
            readUpTo: event.readUpTo,
            apart: keptApart({ context }, event),
            passed: context.apart.filter((number) => !keptApart({ context }, event).includes(number)),
          }),
        },
        assign({
          apart: ({ context, event }) => keptApart({ context }, event),
          peerHas: ({ context, event }) => Math.max(context.peerHas, Math.min(event.upTo, context.written)),
          peerRead: ({ context, event }) => Math.max(context.peerRead, Math.min(event.readUpTo, context.written)),
        }),
      ],
    },
    TargetPlaced: {
      actions: { type: "takeChange", params: ({ event }) => ({ number: event.number, placed: true }) },
    },
    TypingOpened: { actions: { type: "tellTyping", params: ({ event }) => ({ active: event.active }) } },
    DeliveryLeft: [
      {
        guard: "mayRekey",
        actions: [assign(({ context, event }) => leave(context, event.bytes)), { type: "considerRekey", params: {} }],
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
})
