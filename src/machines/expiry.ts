/**
 * What disappears from one conversation, and when. The messages that are counted are records, sorted by the time at which
 * they are due; this machine knows only how long it is until the first of them. It lives while anything is counted.
 * Docs: protocol.md, "Disappearing messages".
 */
import { assign, setup } from "xstate"
import { perform, prepare } from "../core/host/command.ts"

/** What it remembers: counters and names, no key and no text. */
export interface ExpiryContext {
  /** Milliseconds until the first message is due, as of the last look; 0 when more is due than one commit takes. */
  readonly pause: number
}

/** What can happen to it. */
export type ExpiryEvent =
  /** Something began to be counted. */
  | { readonly type: "Changed" }
  /** Our user wants nothing of what was said until now. */
  | { readonly type: "Cleared" }
  /** The process began: time has passed, and the clock may have been set. */
  | { readonly type: "Opened" }
  /** Null: nothing is counted. */
  | { readonly type: "Planned"; readonly pause: number | null }

/** What disappears from one conversation, and when. */
export const expiry = setup({
  types: { context: {} as ExpiryContext, events: {} as ExpiryEvent },
  actions: {
    plan: prepare<object>(),
    eraseDue: prepare<object>(),
    scrub: perform<object>(),
  },
  guards: {
    isDoneForNow: ({ event }) => event.type === "Planned" && event.pause !== null && event.pause > 0,
    isNothingLeft: ({ event }) => event.type === "Planned" && event.pause === null,
  },
  delays: { untilDue: ({ context }) => context.pause },
}).createMachine({
  id: "expiry",
  initial: "planning",
  context: { pause: 0 },
  on: {
    Changed: ".planning",
    Cleared: ".erasing",
    Opened: ".erasing",
    Planned: [
      { guard: "isNothingLeft", target: ".settled" },
      { target: ".waiting", reenter: true, actions: assign({ pause: ({ event }) => event.pause ?? 0 }) },
    ],
  },
  states: {
    planning: {
      description: "Looking for the message that disappears first.",
      entry: { type: "plan", params: {} },
    },
    waiting: {
      description: "Nothing is due yet.",
      after: { untilDue: "erasing" },
    },
    // A commit erases so many messages; where more are due, the next one follows at once.
    erasing: {
      description: "What is due is taken out of every record.",
      entry: { type: "eraseDue", params: {} },
      // A storage may keep what was erased from its records for a while: it is told when all of it is.
      on: {
        Planned: [
          { guard: "isNothingLeft", target: "settled", actions: { type: "scrub", params: {} } },
          {
            guard: "isDoneForNow",
            target: "waiting",
            actions: [assign({ pause: ({ event }) => event.pause ?? 0 }), { type: "scrub", params: {} }],
          },
          { target: "waiting", actions: assign({ pause: ({ event }) => event.pause ?? 0 }) },
        ],
      },
    },
    settled: { description: "Nothing is counted any more.", type: "final" },
  },
})
