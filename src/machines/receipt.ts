/** One incoming message, from its opening until our user has read it. Docs: protocol.md, "Delivery". */
import { setup } from "xstate"
import { perform, prepare } from "../core/host/command.ts"

/** An unread message needs no instance after this long: reading is recorded by position. */
export const UNREAD_PATIENCE = 24 * 60 * 60_000

/** What it remembers: counters and names, no key and no text. */
export interface ReceiptContext {
  /** The message's number in the peer's sequence. */
  readonly number: number
}

/** What can happen to it. */
export type ReceiptEvent =
  /** `as`: the number of its place in the conversation. */
  | { readonly type: "TurnCame"; readonly as: number; readonly index: number; readonly gap: number }
  | { readonly type: "UserRead" }
  /** It has come again under another number, which has a receipt of its own. */
  | { readonly type: "Superseded" }
  | { readonly type: "Retired" }

/** One incoming message. */
export const receipt = setup({
  types: {
    context: {} as ReceiptContext,
    events: {} as ReceiptEvent,
    input: {} as { readonly number: number },
  },
  actions: {
    keepInHistory: prepare<{
      readonly number: number
      readonly as: number
      readonly index: number
      readonly gap: number
    }>(),
    tellMessage: perform<{ readonly number: number; readonly index: number }>(),
  },
  delays: { unreadPatience: UNREAD_PATIENCE },
}).createMachine({
  id: "receipt",
  initial: "awaitingTurn",
  context: ({ input }) => ({ ...input }),
  states: {
    // Durable and acknowledged, but a message that was written before it has not come yet.
    awaitingTurn: {
      description: "Durable and acknowledged, but a message that was written before it has not come.",
      on: {
        TurnCame: {
          target: "shown",
          actions: [
            {
              type: "keepInHistory",
              params: ({ context, event }) => ({
                number: context.number,
                as: event.as,
                index: event.index,
                gap: event.gap,
              }),
            },
            { type: "tellMessage", params: ({ context, event }) => ({ number: context.number, index: event.index }) },
          ],
        },
        Superseded: "settled",
      },
    },
    shown: {
      description: "In the history, in its place.",
      after: { unreadPatience: "settled" },
      on: { UserRead: "read", Retired: "settled" },
    },
    read: { description: "Our user has read it.", type: "final" },
    settled: { description: "Nobody waits for it to be read.", type: "final" },
  },
})
