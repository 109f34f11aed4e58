/**
 * A conversation with one contact: numbers what our user writes, puts what the peer wrote in order, and says what has to
 * be acknowledged. Docs: protocol.md, "Delivery".
 */
import { assign } from "xstate"
import { acknowledging } from "./session-acknowledging.ts"
import { established } from "./session-established.ts"
import { sessionSetup } from "./session-setup.ts"
import { goOnFrom, leave } from "./session-state.ts"

/** The conversation: numbering, order, acknowledgements. */
export const session = sessionSetup.createMachine({
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
    aside: [],
    apart: [],
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
                apart: [],
              }),
              ...(event.theirs !== null && goOnFrom({ context }, event.theirs, event.repeats)),
              history: context.history + 1,
              isRestored: false,
            })),
            { type: "tellHealed", params: ({ event }) => ({ reason: event.reason }) },
          ],
        },
        Replaced: {
          actions: [
            { type: "keepReplaced", params: ({ context }) => ({ index: context.history }) },
            assign({ history: ({ context }) => context.history + 1 }),
            { type: "tellReplaced", params: {} },
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
        established,
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
    acknowledging,
  },
})
