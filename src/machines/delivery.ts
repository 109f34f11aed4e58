/**
 * One outgoing message, from acceptance until the peer has read it. Its sealed frame is a record, so every transmission
 * repeats the same bytes, until there have been so many that the peer may have given up the frame's keys: then it is sealed
 * anew, under the same number. Docs: protocol.md, "Delivery".
 */
import { assign, setup } from "xstate"
import { perform, prepare } from "../core/host/command.ts"

/** The pause before a repetition doubles from the first to the last of these, in milliseconds. */
export const FIRST_PAUSE = 1_000
export const LAST_PAUSE = 30_000

/**
 * So many transmissions without an answer, and the frame is taken to be beyond opening: Signal's peers keep the keys of five
 * chains, and turns go on while one frame is lost. The next sealing gets twice as many, so that a link which swallows everything
 * costs few places in the chains of the other layers.
 */
export const TRANSMISSIONS_A_SEALING = 3

/** What has no lifetime waits for ever: a hundred years, in milliseconds. */
const FOREVER = 100 * 365 * 24 * 60 * 60_000

/** A delivered message that nobody reads for this long no longer needs an instance: reading is told by number. */
export const UNREAD_PATIENCE = 24 * 60 * 60_000

/** What it remembers: counters and names, no key and no text. */
export interface DeliveryContext {
  /** The message's number in our numbered sequence. */
  readonly number: number
  /** How often the frame was handed to a link, over all sealings. */
  readonly attempt: number
  /** How often it was sealed. */
  readonly sealings: number
  /** Whether a link took the frame at least once. */
  readonly sent: boolean
  /** Milliseconds after which the message is no longer wanted, or null: never. */
  readonly lifetime: number | null
  /** Why the message will not arrive, or null: it may. */
  readonly outcome: Outcome | null
}

/** `deleted`: our user took it back, or what it changes is gone. */
export type Outcome = "failed" | "expired" | "deleted"

/** What can happen to it. */
export type DeliveryEvent =
  | { readonly type: "Sealed" }
  | { readonly type: "Transmitted" }
  | { readonly type: "LinkOpened" }
  /** `apart`: ahead of its turn; until that has come the content is kept. */
  | { readonly type: "Acknowledged"; readonly apart?: boolean }
  | { readonly type: "PeerRead" }
  | { readonly type: "Retired" }
  | { readonly type: "SessionEnded" }
  | { readonly type: "Withdrawn"; readonly outcome: Outcome }
  /** Nothing could be sealed, and now it can. */
  | { readonly type: "SealingAllowed" }
  /** What was sealed opens no more: keys were agreed anew. */
  | { readonly type: "KeysRenewed" }
  /** The content has another number now, and a delivery of its own. */
  | { readonly type: "Superseded" }

type At = { readonly context: DeliveryContext }

const number = ({ context }: At) => ({ number: context.number })
const forgotten = ({ context, event }: At & { readonly event: DeliveryEvent }) => ({
  number: context.number,
  apart: event.type === "Acknowledged" && event.apart === true,
})
const outcome = ({ context }: At) => ({ number: context.number, outcome: context.outcome ?? ("failed" as const) })

/** One outgoing message. */
export const delivery = setup({
  types: {
    context: {} as DeliveryContext,
    events: {} as DeliveryEvent,
    input: {} as { readonly number: number; readonly lifetime: number | null },
  },
  actions: {
    seal: prepare<{ readonly number: number }>(),
    sealTombstone: prepare<{ readonly number: number }>(),
    startCounting: prepare<{ readonly number: number }>(),
    forgetFrame: prepare<{ readonly number: number; readonly apart: boolean }>(),
    keepOutcome: prepare<{ readonly number: number; readonly outcome: Outcome }>(),
    leaveWindow: prepare<{ readonly number: number }>(),
    transmit: perform<{ readonly number: number }>(),
  },
  guards: {
    mayBeStale: ({ context }) => context.attempt >= TRANSMISSIONS_A_SEALING * 2 ** Math.min(context.sealings - 1, 32),
  },
  delays: {
    pause: ({ context }) => Math.min(FIRST_PAUSE * 2 ** Math.min(context.attempt - 1, 16), LAST_PAUSE),
    lifetime: ({ context }) => context.lifetime ?? FOREVER,
    unreadPatience: UNREAD_PATIENCE,
  },
}).createMachine({
  id: "delivery",
  initial: "underway",
  context: ({ input }) => ({ ...input, attempt: 0, sealings: 0, sent: false, outcome: null }),
  states: {
    underway: {
      description: "The message travels until the peer is known to have it.",
      initial: "queued",
      after: { lifetime: { target: "withdrawn", actions: assign({ outcome: "expired", attempt: 0, sealings: 0 }) } },
      on: {
        Acknowledged: "delivered",
        Withdrawn: {
          target: "withdrawn",
          actions: assign({ outcome: ({ event }) => event.outcome, attempt: 0, sealings: 0 }),
        },
        KeysRenewed: { target: ".queued", reenter: false, actions: assign({ attempt: 0, sealings: 0 }) },
        Superseded: "settled",
        SessionEnded: { target: "withdrawn", actions: assign({ outcome: "failed", attempt: 0, sealings: 0 }) },
      },
      states: {
        queued: {
          description: "It is sealed under all four layers, as soon as the peer has vouched for our keys.",
          entry: { type: "seal", params: number },
          on: {
            Sealed: { target: "sealed", actions: assign({ sealings: ({ context }) => context.sealings + 1 }) },
            SealingAllowed: { target: "queued", reenter: true },
          },
        },
        sealed: {
          description: "The frame is kept and waits to be handed to a link.",
          entry: { type: "transmit", params: number },
          // Without a link the frame rests here; the next link takes it.
          on: { Transmitted: "sent", LinkOpened: { target: "sealed", reenter: true } },
        },
        sent: {
          description: "A link took the frame; it is repeated until it is acknowledged.",
          entry: assign({ sent: true, attempt: ({ context }) => context.attempt + 1 }),
          after: { pause: [{ guard: "mayBeStale", target: "queued" }, { target: "sealed" }] },
          on: { LinkOpened: "sealed" },
        },
      },
    },
    delivered: {
      description: "The peer has it durably.",
      entry: [
        { type: "startCounting", params: number },
        { type: "leaveWindow", params: number },
        { type: "forgetFrame", params: forgotten },
      ],
      after: { unreadPatience: "settled" },
      on: { PeerRead: "read", Retired: "settled" },
    },
    read: {
      description: "The peer's user has read it.",
      type: "final",
    },
    // The peer counts numbers, so a message that will not arrive leaves a tombstone, which takes its place and travels until it
    // is had: without it everything written later would wait for ever.
    withdrawn: {
      description: "It expired or failed; a tombstone takes its place in the peer's sequence.",
      initial: "burying",
      entry: { type: "keepOutcome", params: outcome },
      on: {
        Acknowledged: {
          target: "settled",
          actions: [
            { type: "leaveWindow", params: number },
            { type: "forgetFrame", params: forgotten },
          ],
        },
        KeysRenewed: { target: ".burying", reenter: false, actions: assign({ attempt: 0, sealings: 0 }) },
        Superseded: "settled",
      },
      states: {
        burying: {
          description: "The tombstone is sealed, as soon as the peer has vouched for our keys.",
          entry: { type: "sealTombstone", params: number },
          on: {
            Sealed: { target: "buried", actions: assign({ sealings: ({ context }) => context.sealings + 1 }) },
            SealingAllowed: { target: "burying", reenter: true },
          },
        },
        buried: {
          description: "The tombstone waits to be handed to a link.",
          entry: { type: "transmit", params: number },
          on: { Transmitted: "mourning", LinkOpened: { target: "buried", reenter: true } },
        },
        mourning: {
          description: "A link took the tombstone; it is repeated until it is acknowledged.",
          entry: assign({ attempt: ({ context }) => context.attempt + 1 }),
          after: { pause: [{ guard: "mayBeStale", target: "burying" }, { target: "buried" }] },
          on: { LinkOpened: "buried" },
        },
      },
    },
    settled: { description: "Nothing more is expected of this message.", type: "final" },
  },
})
