/**
 * The handshake, the joiner's side: greets whoever the invite names, or the peer it has, checks that it is them, and agrees the
 * keys of the four layers. Docs: protocol.md, "Handshake" and "Healing".
 */
import { assign, setup } from "xstate"
import { perform, prepare } from "../core/host/command.ts"
import type { RefusalReason } from "./inviter.ts"
import { repeatAfter } from "./repeating.ts"

/** What it remembers: counters and names, no key and no text. */
export interface JoinerContext {
  /** Milliseconds until the invite expires, from the start of this instance. */
  readonly lifetime: number
  /** How often the message of the present state was sent. */
  readonly sent: number
  /** The link that our Hello was bound to, or the latest one since. */
  readonly via: string
  /** Whether the peer has shown that it has the same keys. */
  readonly established: boolean
}

/** What can happen to it. */
export type JoinerEvent =
  | { readonly type: "LinkOpened"; readonly link: string }
  | { readonly type: "BundleArrived"; readonly frame: string; readonly via: string }
  | { readonly type: "BundleGenuine" }
  | { readonly type: "BundleRefused"; readonly reason: RefusalReason }
  | { readonly type: "ConfirmArrived"; readonly frame: string; readonly via: string }
  | { readonly type: "ConfirmGenuine" }
  | { readonly type: "ConfirmRefused" }
  | { readonly type: "PeerConfirmed" }
  | { readonly type: "Restarted" }
  /** Beside a running session: the peer has agreed keys with another copy of us. */
  | { readonly type: "Superseded" }

/** Pairing, the side that used it. */
export const joiner = setup({
  types: {
    context: {} as JoinerContext,
    events: {} as JoinerEvent,
    input: {} as { readonly lifetime: number },
  },
  actions: {
    makeHello: prepare<{ readonly link: string }>(),
    checkBundle: prepare<{ readonly frame: string }>(),
    checkConfirm: prepare<{ readonly frame: string }>(),
    establish: prepare<object>(),
    forgetHandshake: prepare<object>(),
    abandon: prepare<{ readonly reason: "expired" | "superseded" }>(),
    sendHello: perform<{ readonly via: string }>(),
    sendAccept: perform<{ readonly via: string }>(),
    sendConfirm: perform<{ readonly via: string }>(),
    tellRefusal: perform<{ readonly reason: RefusalReason }>(),
  },
  delays: {
    lifetime: ({ context }) => context.lifetime,
    repeat: repeatAfter,
  },
}).createMachine({
  id: "joiner",
  initial: "pairing",
  context: ({ input }) => ({ ...input, sent: 0, via: "", established: false }),
  // Beside a running session only: the peer does not know what was agreed so far, so it is agreed anew.
  on: {
    Restarted: { target: ".pairing", reenter: true, actions: assign({ sent: 0, established: false }) },
    Superseded: ".superseded",
  },
  states: {
    pairing: {
      description: "The invite is in use, and the inviter has not confirmed.",
      initial: "awaitingLink",
      after: { lifetime: "expired" },
      states: {
        awaitingLink: {
          description: "Waits for a link to the place that the invite names.",
          on: { LinkOpened: "preparingHello" },
        },
        // A Hello is bound to the channel of its link, so every new link gets a new one.
        preparingHello: {
          description: "Makes a greeting for this link.",
          entry: [
            assign({ via: ({ context, event }) => (event.type === "LinkOpened" ? event.link : context.via), sent: 0 }),
            {
              type: "makeHello",
              params: ({ context, event }) => ({ link: event.type === "LinkOpened" ? event.link : context.via }),
            },
          ],
          always: "greeting",
        },
        // A frame that is refused changes nothing: it neither hastens nor delays what is repeated.
        greeting: {
          description: "Greets the inviter, and repeats it until the keys come.",
          initial: "awaitingBundle",
          entry: [
            assign({ sent: ({ context }) => context.sent + 1 }),
            { type: "sendHello", params: ({ context }) => ({ via: context.via }) },
          ],
          after: { repeat: { target: "greeting", reenter: true } },
          on: { LinkOpened: "preparingHello" },
          states: {
            awaitingBundle: { description: "Waits for the inviter's keys.", on: { BundleArrived: "checkingBundle" } },
            checkingBundle: {
              description: "Checks that they are those that the invite promised.",
              entry: {
                type: "checkBundle",
                params: ({ event }) => ({ frame: event.type === "BundleArrived" ? event.frame : "" }),
              },
              on: {
                BundleGenuine: { target: "#joiner.pairing.accepting", actions: assign({ sent: 0 }) },
                BundleRefused: {
                  target: "awaitingBundle",
                  actions: { type: "tellRefusal", params: ({ event }) => ({ reason: event.reason }) },
                },
              },
            },
          },
        },
        accepting: {
          description: "Has agreed the keys of all four layers, and repeats its answer.",
          initial: "awaitingConfirm",
          entry: [
            assign({ sent: ({ context }) => context.sent + 1 }),
            { type: "sendAccept", params: ({ context }) => ({ via: context.via }) },
          ],
          after: { repeat: { target: "accepting", reenter: true } },
          on: {
            LinkOpened: { target: "accepting", reenter: true, actions: assign({ via: ({ event }) => event.link }) },
          },
          states: {
            awaitingConfirm: {
              description: "Waits for the inviter to show that it has the same keys.",
              on: { ConfirmArrived: "checkingConfirm" },
            },
            checkingConfirm: {
              description: "Checks that the inviter's keys and transcript are its own.",
              entry: {
                type: "checkConfirm",
                params: ({ event }) => ({ frame: event.type === "ConfirmArrived" ? event.frame : "" }),
              },
              on: {
                ConfirmGenuine: { target: "#joiner.established", actions: assign({ sent: 0 }) },
                ConfirmRefused: "awaitingConfirm",
              },
            },
          },
        },
      },
    },
    // Our Confirm may be lost: it is repeated until the peer's first message shows that it arrived.
    established: {
      description: "The inviter has shown the same keys.",
      entry: [assign({ established: true }), { type: "establish", params: {} }],
      initial: "confirming",
      states: {
        confirming: {
          description: "Shows the same in its turn, and repeats it until the first message comes.",
          entry: [
            assign({ sent: ({ context }) => context.sent + 1 }),
            { type: "sendConfirm", params: ({ context }) => ({ via: context.via }) },
          ],
          after: { repeat: { target: "confirming", reenter: true } },
          on: {
            ConfirmArrived: { target: "confirming", reenter: true, actions: assign({ via: ({ event }) => event.via }) },
            LinkOpened: { target: "confirming", reenter: true, actions: assign({ via: ({ event }) => event.link }) },
          },
        },
      },
      on: { PeerConfirmed: "settled" },
    },
    settled: {
      description: "The peer has it: the handshake is over and its records are erased.",
      type: "final",
      entry: { type: "forgetHandshake", params: {} },
    },
    expired: {
      description: "The invite ran out before both had confirmed.",
      type: "final",
      entry: { type: "abandon", params: { reason: "expired" } },
    },
    // A user who gives up a pairing removes the contact, and its machines with it.
    superseded: {
      description: "Another copy of us goes on with this peer: what was begun here is dropped.",
      type: "final",
      entry: { type: "abandon", params: { reason: "superseded" } },
    },
  },
})
