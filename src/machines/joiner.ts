/**
 * Pairing, the joiner's side: greets whoever the invite names, checks that it is them, and agrees the keys of the four
 * layers. Docs: protocol.md, "Handshake".
 */
import { assign, setup } from "xstate"
import { perform, prepare } from "../core/host/command.ts"
import type { RefusalReason } from "./inviter.ts"
import { repeatAfter } from "./repeating.ts"

export interface JoinerContext {
  /** Milliseconds until the invite expires, from the start of this instance. */
  readonly lifetime: number
  /** How often the message of the present state was sent. */
  readonly sent: number
  /** The link that our Hello was bound to, or the latest one since. */
  readonly via: string
}

export type JoinerEvent =
  | { readonly type: "LinkOpened"; readonly link: string }
  | { readonly type: "BundleArrived"; readonly frame: string; readonly via: string }
  | { readonly type: "BundleGenuine" }
  | { readonly type: "BundleRefused"; readonly reason: RefusalReason }
  | { readonly type: "ConfirmArrived"; readonly frame: string; readonly via: string }
  | { readonly type: "ConfirmGenuine" }
  | { readonly type: "ConfirmRefused" }
  | { readonly type: "PeerConfirmed" }
  | { readonly type: "Cancelled" }

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
    abandon: prepare<{ readonly reason: "expired" | "cancelled" }>(),
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
  context: ({ input }) => ({ ...input, sent: 0, via: "" }),
  states: {
    pairing: {
      initial: "awaitingLink",
      after: { lifetime: "expired" },
      on: { Cancelled: "cancelled" },
      states: {
        awaitingLink: { on: { LinkOpened: "preparingHello" } },
        // A Hello is bound to the channel of its link, so every new link gets a new one.
        preparingHello: {
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
          initial: "awaitingBundle",
          entry: [
            assign({ sent: ({ context }) => context.sent + 1 }),
            { type: "sendHello", params: ({ context }) => ({ via: context.via }) },
          ],
          after: { repeat: { target: "greeting", reenter: true } },
          on: { LinkOpened: "preparingHello" },
          states: {
            awaitingBundle: { on: { BundleArrived: "checkingBundle" } },
            checkingBundle: {
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
            awaitingConfirm: { on: { ConfirmArrived: "checkingConfirm" } },
            checkingConfirm: {
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
      entry: { type: "establish", params: {} },
      initial: "confirming",
      states: {
        confirming: {
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
    settled: { type: "final", entry: { type: "forgetHandshake", params: {} } },
    expired: { type: "final", entry: { type: "abandon", params: { reason: "expired" } } },
    cancelled: { type: "final", entry: { type: "abandon", params: { reason: "cancelled" } } },
  },
})
