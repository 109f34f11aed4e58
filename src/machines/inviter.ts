/**
 * The handshake, the inviter's side: waits for whoever holds the invite, or for the peer it has, offers the keys, and is done
 * when the peer has shown that it derived the same ones. Docs: protocol.md, "Handshake" and "Healing".
 */
import { assign, setup } from "xstate"
import { perform, prepare } from "../core/host/command.ts"
import { repeatAfter } from "./repeating.ts"

/** An Accept arrives within a few of these, or its sender is gone: the invite then waits for another Hello. */
export const MAX_OFFERS = 6

/** The peer may be away before its Confirm arrives; after this long it will not come back to it. */
export const CONFIRM_PATIENCE = 30 * 24 * 60 * 60_000

/** What it remembers: counters and names, no key and no text. */
export interface InviterContext {
  /** Milliseconds that the invite is good for, from the start of this instance. */
  readonly lifetime: number
  /** How often the message of the present state was sent. */
  readonly sent: number
  /** The link that the latest genuine message came over; our answer goes back the same way. */
  readonly via: string
  /** The link of the message that is being checked: whoever sent it. */
  readonly asking: string
  /** Whether a Bundle was made, which an Accept can answer. */
  readonly offered: boolean
  /** Whether this is a handshake beside a running session: then the peer may begin it anew at any time. */
  readonly again: boolean
  /** Whether an Accept was taken: from there on the running session takes in nothing more. */
  readonly agreed: boolean
}

/** Why a Hello was refused, for our own user. */
export type RefusalReason = "version" | "suites" | "invalid"

/** What can happen to it. */
export type InviterEvent =
  | { readonly type: "HelloArrived"; readonly frame: string; readonly via: string }
  | { readonly type: "HelloGenuine" }
  | { readonly type: "HelloRefused"; readonly reason: RefusalReason }
  | { readonly type: "AcceptArrived"; readonly frame: string; readonly via: string }
  | { readonly type: "AcceptGenuine" }
  | { readonly type: "AcceptRefused"; readonly reason: RefusalReason }
  | { readonly type: "ConfirmArrived"; readonly frame: string; readonly via: string }
  | { readonly type: "ConfirmGenuine" }
  | { readonly type: "ConfirmRefused" }
  | { readonly type: "LinkOpened"; readonly link: string }
  | { readonly type: "Cancelled" }
  /** Beside a running session: the peer has agreed keys with another copy of us. */
  | { readonly type: "Superseded" }

/** Pairing, the side that made the invite. */
export const inviter = setup({
  types: {
    context: {} as InviterContext,
    events: {} as InviterEvent,
    input: {} as { readonly lifetime: number; readonly again?: boolean },
  },
  actions: {
    checkHello: prepare<{ readonly frame: string }>(),
    checkAccept: prepare<{ readonly frame: string }>(),
    checkConfirm: prepare<{ readonly frame: string }>(),
    finish: prepare<object>(),
    abandon: prepare<{ readonly reason: "expired" | "cancelled" | "superseded" }>(),
    sendBundle: perform<{ readonly via: string }>(),
    sendConfirm: perform<{ readonly via: string }>(),
    tellRefusal: perform<{ readonly reason: RefusalReason }>(),
  },
  guards: {
    mayOffer: ({ context }) => context.sent < MAX_OFFERS,
    hasOffered: ({ context }) => context.offered,
    mayBeginAnew: ({ context }) => context.again,
  },
  delays: {
    lifetime: ({ context }) => context.lifetime,
    confirmPatience: CONFIRM_PATIENCE,
    repeat: repeatAfter,
  },
}).createMachine({
  id: "inviter",
  initial: "pairing",
  context: ({ input }) => ({
    lifetime: input.lifetime,
    sent: 0,
    via: "",
    asking: "",
    offered: false,
    again: input.again ?? false,
    agreed: false,
  }),
  on: { Superseded: ".superseded" },
  states: {
    pairing: {
      description: "The invite is out, and nobody has used it up.",
      initial: "awaitingHello",
      after: { lifetime: "expired" },
      on: { Cancelled: "cancelled" },
      states: {
        awaitingHello: {
          description: "Waits for whoever holds the invite.",
          entry: assign({ sent: 0 }),
          on: {
            HelloArrived: "checkingHello",
            // It may come late, or again after a damaged one: the peer will not greet anew once it has accepted.
            AcceptArrived: { guard: "hasOffered", target: "checkingAccept" },
          },
        },
        checkingHello: {
          description: "Checks that the greeting was made with the invite's secret.",
          entry: [
            assign({ asking: ({ event }) => (event.type === "HelloArrived" ? event.via : ""), sent: 0 }),
            {
              type: "checkHello",
              params: ({ event }) => ({ frame: event.type === "HelloArrived" ? event.frame : "" }),
            },
          ],
          on: {
            HelloGenuine: {
              target: "offering",
              actions: assign({ via: ({ context }) => context.asking, offered: true }),
            },
            HelloRefused: {
              target: "awaitingHello",
              actions: { type: "tellRefusal", params: ({ event }) => ({ reason: event.reason }) },
            },
          },
        },
        offering: {
          description: "Sends the keys, and repeats them until they are accepted.",
          entry: [
            assign({ sent: ({ context }) => context.sent + 1 }),
            { type: "sendBundle", params: ({ context }) => ({ via: context.via }) },
          ],
          after: {
            repeat: [{ guard: "mayOffer", target: "offering", reenter: true }, { target: "awaitingHello" }],
          },
          on: {
            // The peer started again, perhaps over another link. The same Hello gets the same Bundle.
            HelloArrived: "checkingHello",
            AcceptArrived: "checkingAccept",
          },
        },
        checkingAccept: {
          description: "Checks the answer and agrees the keys of all four layers.",
          entry: [
            assign({ asking: ({ event }) => (event.type === "AcceptArrived" ? event.via : ""), sent: 0 }),
            {
              type: "checkAccept",
              params: ({ event }) => ({ frame: event.type === "AcceptArrived" ? event.frame : "" }),
            },
          ],
          on: {
            AcceptGenuine: {
              target: "#inviter.agreed",
              actions: assign({ via: ({ context }) => context.asking, agreed: true }),
            },
            AcceptRefused: {
              target: "awaitingHello",
              actions: { type: "tellRefusal", params: ({ event }) => ({ reason: event.reason }) },
            },
          },
        },
      },
    },
    // The one-time keys are used up: only this peer can finish, so the invite's own lifetime no longer matters.
    agreed: {
      description: "The one-time keys are used up: only this peer can finish.",
      initial: "confirming",
      after: { confirmPatience: "expired" },
      on: { Cancelled: "cancelled" },
      states: {
        confirming: {
          description: "Shows the peer that it has the same keys, and repeats it.",
          initial: "awaitingConfirm",
          entry: [
            assign({ sent: ({ context }) => context.sent + 1 }),
            { type: "sendConfirm", params: ({ context }) => ({ via: context.via }) },
          ],
          after: { repeat: { target: "confirming", reenter: true } },
          on: {
            AcceptArrived: {
              target: "confirming",
              reenter: true,
              actions: assign({ via: ({ event }) => event.via }),
            },
            LinkOpened: {
              target: "confirming",
              reenter: true,
              actions: assign({ via: ({ event }) => event.link }),
            },
          },
          states: {
            awaitingConfirm: {
              description: "Waits for the peer to show the same.",
              on: {
                ConfirmArrived: "checkingConfirm",
                // Beside a running session: the peer has lost what it had agreed, and greets anew.
                HelloArrived: { guard: "mayBeginAnew", target: "checkingHello" },
              },
            },
            checkingHello: {
              description: "Checks a greeting of a peer that begins anew; what was agreed holds until it is genuine.",
              entry: [
                assign({
                  asking: ({ context, event }) => (event.type === "HelloArrived" ? event.via : context.asking),
                }),
                {
                  type: "checkHello",
                  params: ({ event }) => ({ frame: event.type === "HelloArrived" ? event.frame : "" }),
                },
              ],
              on: {
                HelloGenuine: {
                  target: "#inviter.pairing.offering",
                  actions: assign({ via: ({ context }) => context.asking, offered: true, agreed: false, sent: 0 }),
                },
                HelloRefused: "awaitingConfirm",
              },
            },
            // One that is refused changes nothing: it neither hastens nor delays what is repeated.
            checkingConfirm: {
              description: "Checks that the peer's keys and transcript are its own.",
              entry: {
                type: "checkConfirm",
                params: ({ event }) => ({ frame: event.type === "ConfirmArrived" ? event.frame : "" }),
              },
              on: { ConfirmGenuine: "#inviter.established", ConfirmRefused: "awaitingConfirm" },
            },
          },
        },
      },
    },
    established: {
      description: "Both have shown the same keys: the conversation may begin.",
      type: "final",
      entry: { type: "finish", params: {} },
    },
    expired: {
      description: "Nobody finished in time; the invite is dead.",
      type: "final",
      entry: { type: "abandon", params: { reason: "expired" } },
    },
    cancelled: {
      description: "The user withdrew the invite.",
      type: "final",
      entry: { type: "abandon", params: { reason: "cancelled" } },
    },
    superseded: {
      description:
        "Of the two who were agreeing keys anew one is a copy that does not go on: what was begun is dropped.",
      type: "final",
      entry: { type: "abandon", params: { reason: "superseded" } },
    },
  },
})
