/**
 * The Double Ratchet of one session: whose turn it is to renew the keys, how far each chain has come, and what is refused
 * before any key is touched. The keys stay with the layer, which carries out the commands. Docs: protocol.md, "Signal layer";
 * the Double Ratchet specification, revision 3, §3. Our turn waits until there is something to send.
 */
import { assign, setup } from "xstate"
import { prepare } from "../core/host/command.ts"

/** Signal's peers jump at most this far; a larger gap is an attack, not a loss. */
export const MAX_FORWARD_JUMP = 25_000

/** A counter is a uint32 on the wire. A chain that is used up waits for the peer's turn; it never wraps. */
export const MAX_COUNTER = 0xffff_ffff

/** What it remembers: counters and names, no key and no text. */
export interface DoubleRatchetContext {
  /** Counter of the next message in our sending chain. */
  readonly sent: number
  /** Counter of the last message in our sending chain before this one; 0 where there was none. */
  readonly previous: number
  /** Counter of the next message expected in the peer's newest chain. */
  readonly received: number
  /** Diffie-Hellman steps taken, both directions. */
  readonly epoch: number
  /** Message keys kept for frames that have not come. */
  readonly skipped: number
  /** Messages over all chains. */
  readonly sealed: number
  /** How many messages have opened. */
  readonly opened: number
}

/**
 * What a frame claims is told (`FrameOf…`) before its MAC can be checked, and changes nothing; what it proved (`…Opened`)
 * is told afterwards. `skipped` is how many message keys are kept from then on.
 */
export type DoubleRatchetEvent =
  | { readonly type: "BundleAccepted" }
  | { readonly type: "PreKeyMessageAccepted" }
  | { readonly type: "SealAsked" }
  | { readonly type: "FrameOfNewChain"; readonly counter: number }
  | { readonly type: "FrameOfCurrentChain"; readonly counter: number }
  | { readonly type: "FrameOfFormerChain"; readonly counter: number; readonly received: number; readonly last: number }
  | { readonly type: "FrameOfStoredKey"; readonly counter: number }
  | { readonly type: "NewChainOpened"; readonly counter: number; readonly previous: number; readonly skipped: number }
  | { readonly type: "CurrentChainOpened"; readonly counter: number; readonly skipped: number }
  | { readonly type: "LateFrameOpened"; readonly skipped: number }
  | { readonly type: "StoredKeysExpired"; readonly skipped: number }
  | { readonly type: "AnswerOverdue" }

/** Where a frame stands in its chain: its counter, the next one expected, and the last one there can be. */
interface Place {
  readonly counter: number
  readonly received: number
  readonly last: number
}

const parts = setup({
  types: { context: {} as DoubleRatchetContext, events: {} as DoubleRatchetEvent },
  actions: {
    /** A new ratchet key of ours, and from it a new root and a new sending chain. */
    turnSending: prepare<{ readonly epoch: number }>(),
    seal: prepare<{ readonly counter: number; readonly previous: number }>(),
    wrapInPreKeyMessage: prepare<{ readonly counter: number }>(),
    /** `skip` message keys are passed over, and kept, before the one of this frame. */
    openNewChain: prepare<{ readonly skip: number }>(),
    openCurrentChain: prepare<{ readonly skip: number }>(),
    openFormerChain: prepare<{ readonly skip: number }>(),
    openWithStoredKey: prepare<{ readonly counter: number }>(),
    /** The peer's turn leaves its former chain behind: nothing after `last` comes in it. */
    closeFormerChain: prepare<{ readonly last: number }>(),
    /** The peer's turn has used up our ratchet secret, and our next turn will replace our sending chain. */
    eraseSendingKeys: prepare<{ readonly epoch: number }>(),
    forgetPreKeys: prepare<{ readonly epoch: number }>(),
    eraseAllKeys: prepare<{ readonly epoch: number }>(),
  },
  guards: {
    mayCount: ({ context }) => context.sent <= MAX_COUNTER,
    isInReach: (_, { counter, last, received }: Place) =>
      counter >= received && counter <= last && counter - received <= MAX_FORWARD_JUMP,
  },
})

type Seen<E> = { readonly context: DoubleRatchetContext; readonly event: E }

const epoch = ({ context }: Seen<unknown>) => ({ epoch: context.epoch })

/** The next message of the sending chain. */
const seal = [
  { type: "seal", params: ({ context: { previous, sent } }: Seen<unknown>) => ({ counter: sent, previous }) },
  parts.assign(({ context }) => ({ sent: context.sent + 1, sealed: context.sealed + 1 })),
] as const

/** Until the peer is known to have the keys, each message brings along what it needs to compute them. */
const wrap = {
  type: "wrapInPreKeyMessage",
  params: ({ context }: Seen<unknown>) => ({ counter: context.sent - 1 }),
} as const

const newChain = {
  guard: {
    type: "isInReach",
    params: ({ event }: Seen<{ counter: number }>) => ({ counter: event.counter, received: 0, last: MAX_COUNTER }),
  },
  actions: { type: "openNewChain", params: ({ event }: Seen<{ counter: number }>) => ({ skip: event.counter }) },
} as const

const currentChain = {
  guard: {
    type: "isInReach",
    params: ({ context, event }: Seen<{ counter: number }>) => ({
      counter: event.counter,
      received: context.received,
      last: MAX_COUNTER,
    }),
  },
  actions: {
    type: "openCurrentChain",
    params: ({ context, event }: Seen<{ counter: number }>) => ({ skip: event.counter - context.received }),
  },
} as const

/** The peer has taken its turn: its new chain is the current one, and the next turn is ours. */
const turnReceived = [
  { type: "closeFormerChain", params: ({ event }: Seen<{ previous: number }>) => ({ last: event.previous }) },
  parts.assign(({ context, event }) =>
    event.type === "NewChainOpened"
      ? {
          received: event.counter + 1,
          epoch: context.epoch + 1,
          skipped: event.skipped,
          opened: context.opened + 1,
        }
      : {},
  ),
  { type: "eraseSendingKeys", params: epoch },
] as const

const frameReceived = parts.assign(({ context, event }) => {
  const opened = context.opened + 1
  if (event.type === "CurrentChainOpened") return { received: event.counter + 1, skipped: event.skipped, opened }
  return event.type === "LateFrameOpened" ? { skipped: event.skipped, opened } : {}
})

const forgetPreKeys = { type: "forgetPreKeys", params: epoch } as const

/** The turns of the Signal layer's Double Ratchet. */
export const doubleRatchet = parts.createMachine({
  id: "doubleRatchet",
  initial: "agreeing",
  context: { sent: 0, previous: 0, received: 0, epoch: 0, skipped: 0, sealed: 0, opened: 0 },
  states: {
    agreeing: {
      description: "There are no keys yet.",
      on: {
        BundleAccepted: {
          target: "initiating",
          actions: [assign({ epoch: 1 }), { type: "turnSending", params: epoch }],
        },
        PreKeyMessageAccepted: "answering",
      },
    },
    initiating: {
      description: "The joiner has computed the keys and has sent nothing.",
      on: {
        SealAsked: { target: "awaitingAnswer", actions: [...seal, wrap] },
        AnswerOverdue: "abandoned",
      },
    },
    awaitingAnswer: {
      description: "Each message brings along what the peer needs to compute the keys.",
      on: {
        SealAsked: { guard: "mayCount", actions: [...seal, wrap] },
        FrameOfNewChain: newChain,
        FrameOfCurrentChain: currentChain,
        NewChainOpened: { target: "conversing.ourTurn", actions: [...turnReceived, forgetPreKeys] },
        CurrentChainOpened: { target: "conversing.theirTurn", actions: [frameReceived, forgetPreKeys] },
        AnswerOverdue: "abandoned",
      },
    },
    answering: {
      description: "The inviter takes its keys from the peer's first message.",
      on: {
        FrameOfNewChain: newChain,
        NewChainOpened: { target: "conversing.ourTurn", actions: [...turnReceived] },
      },
    },
    conversing: {
      description: "Both sides have the keys and take turns renewing them.",
      initial: "ourTurn",
      on: {
        FrameOfCurrentChain: currentChain,
        FrameOfFormerChain: {
          guard: { type: "isInReach", params: ({ event }) => event },
          actions: { type: "openFormerChain", params: ({ event }) => ({ skip: event.counter - event.received }) },
        },
        FrameOfStoredKey: {
          actions: { type: "openWithStoredKey", params: ({ event }) => ({ counter: event.counter }) },
        },
        CurrentChainOpened: { actions: frameReceived },
        LateFrameOpened: { actions: frameReceived },
        StoredKeysExpired: { actions: assign({ skipped: ({ event }) => event.skipped }) },
      },
      states: {
        ourTurn: {
          description: "The next message begins a new chain of ours.",
          on: {
            SealAsked: {
              target: "theirTurn",
              actions: [
                assign(({ context }) => ({
                  previous: Math.max(context.sent - 1, 0),
                  sent: 0,
                  epoch: context.epoch + 1,
                })),
                { type: "turnSending", params: epoch },
                ...seal,
              ],
            },
          },
        },
        theirTurn: {
          description: "Our chain goes on until the peer begins a new one.",
          on: {
            SealAsked: { guard: "mayCount", actions: [...seal] },
            FrameOfNewChain: newChain,
            NewChainOpened: { target: "ourTurn", actions: [...turnReceived] },
          },
        },
      },
    },
    abandoned: {
      description: "Nobody answered; all keys are erased.",
      type: "final",
      entry: { type: "eraseAllKeys", params: epoch },
    },
  },
})
