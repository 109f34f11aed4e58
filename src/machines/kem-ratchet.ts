/**
 * The KEM ratchet: whose turn is the latest, and which message keys may still be made. Turns alternate and are numbered
 * from 1, the inviter's first; the joiner's handshake message counts as turn 0. Docs: protocol.md, "KEM layer".
 */
import { assign, setup } from "xstate"
import { prepare } from "../core/host/command.ts"

/** A frame that is further ahead than this is an attack, not a loss. Bounds the work for a frame that proves forged. */
export const MAX_SKIP = 1_000

/** Messages of one turn. A peer that answers none of 2³¹ is gone; the 32-bit field is never near its end. */
export const MAX_INDEX = 2 ** 31

/** Turns of one session; as MAX_INDEX. */
export const MAX_TURN = 2 ** 31

/** What it remembers: counters and names, no key and no text. */
export interface KemRatchetContext {
  /** The latest turn that either side began. */
  readonly turn: number
  /** Messages sealed in our latest turn, and in the one before it. */
  readonly sent: number
  /** How many messages our turn before this one had. */
  readonly previouslySent: number
  /** The next index in the peer's latest turn that we know of. */
  readonly received: number
  /** Over all turns. */
  readonly sealed: number
  /** How many messages have opened. */
  readonly opened: number
}

/** Where a frame says that it stands. Unproven until it has opened. */
export interface FramePlace {
  /** Which turn of the ratchet. */
  readonly turn: number
  /** Which message of the turn. */
  readonly index: number
  /** How many messages the sender's turn before this one had. */
  readonly previous: number
}

/** A message of a turn. */
export type TurnIndex = Pick<FramePlace, "turn" | "index">

/** What can happen to it. */
export type KemRatchetEvent =
  | { readonly type: "SecretsAgreed"; readonly role: "inviter" | "joiner" }
  | { readonly type: "MessageSubmitted" }
  /** `stored`: a key was kept for this place when its frame was missing. */
  | ({ readonly type: "FrameArrived"; readonly stored: boolean } & FramePlace)
  | { readonly type: "LateFrameOpened" }
  | { readonly type: "FrameOpened"; readonly index: number }
  | ({ readonly type: "PeerTurnOpened" } & TurnIndex)

/** The turns of the KEM layer. */
export const kemRatchet = setup({
  types: { context: {} as KemRatchetContext, events: {} as KemRatchetEvent },
  actions: {
    takeTurn: prepare<{ readonly turn: number }>(),
    sealMessage: prepare<FramePlace>(),
    openWithStoredKey: prepare<TurnIndex>(),
    openInLatestTurn: prepare<TurnIndex & { readonly skip: number }>(),
    openInNewTurn: prepare<TurnIndex & { readonly skipPrevious: number }>(),
    beginTurn: assign({
      turn: ({ context }) => context.turn + 1,
      previouslySent: ({ context }) => context.sent,
      sent: 0,
    }),
    beginPeerTurn: assign({ turn: (_, { turn }: TurnIndex) => turn, received: 0 }),
    countSealed: assign({ sent: ({ context }) => context.sent + 1, sealed: ({ context }) => context.sealed + 1 }),
    countOpened: assign({ opened: ({ context }) => context.opened + 1 }),
    countOpenedAt: assign({
      received: (_, { index }: { readonly index: number }) => index + 1,
      opened: ({ context }) => context.opened + 1,
    }),
  },
  guards: {
    isInviter: (_, { role }: { readonly role: string }) => role === "inviter",
    mayTakeTurn: ({ context }) => context.turn < MAX_TURN,
    maySeal: ({ context }) => context.sent < MAX_INDEX,
    isLate: (_, { stored }: { readonly stored: boolean }) => stored,
    /** At or ahead of the next index of the peer's latest turn. */
    isInLatestTurn: ({ context }, { index, latest, turn }: FramePlace & { readonly latest: number }) =>
      turn >= 1 &&
      turn === latest &&
      index < MAX_INDEX &&
      index >= context.received &&
      index - context.received <= MAX_SKIP,
    /** The peer's answer to our latest turn. Before the peer's first turn there is nothing that could be missing. */
    isNewTurn: ({ context }, { index, previous, turn }: FramePlace) =>
      turn === context.turn + 1 &&
      turn <= MAX_TURN &&
      index < MAX_INDEX &&
      previous >= context.received &&
      (context.turn > 1 || previous === 0) &&
      previous - context.received + index <= MAX_SKIP,
  },
}).createMachine({
  id: "kemRatchet",
  initial: "agreeing",
  context: { turn: 0, sent: 0, previouslySent: 0, received: 0, sealed: 0, opened: 0 },
  states: {
    agreeing: {
      description: "There are no secrets yet.",
      on: {
        SecretsAgreed: [
          { guard: { type: "isInviter", params: ({ event }) => event }, target: "following" },
          { target: "awaitingFirstTurn" },
        ],
      },
    },
    /** The joiner's beginning: it has no ratchet key of the inviter to take a turn to. */
    awaitingFirstTurn: {
      description: "The joiner begins here: it has no key of the inviter to take a turn to.",
      on: {
        FrameArrived: {
          guard: { type: "isNewTurn", params: ({ event }) => event },
          actions: { type: "openInNewTurn", params: ({ event }) => ({ ...placeOf(event), skipPrevious: 0 }) },
        },
        PeerTurnOpened: {
          target: "following",
          actions: [
            { type: "beginPeerTurn", params: ({ event }) => event },
            { type: "countOpenedAt", params: ({ event }) => event },
          ],
        },
      },
    },
    /** The latest turn is the peer's: the next message takes a turn of ours. */
    following: {
      description: "The latest turn is the peer's: the next message takes a turn of ours.",
      on: {
        MessageSubmitted: {
          guard: "mayTakeTurn",
          target: "leading",
          actions: [
            "beginTurn",
            { type: "takeTurn", params: ({ context }) => ({ turn: context.turn }) },
            { type: "sealMessage", params: ({ context }) => nextPlace(context) },
            "countSealed",
          ],
        },
        FrameArrived: [
          {
            guard: { type: "isLate", params: ({ event }) => event },
            actions: { type: "openWithStoredKey", params: ({ event }) => placeOf(event) },
          },
          {
            guard: { type: "isInLatestTurn", params: ({ context, event }) => ({ ...event, latest: context.turn }) },
            actions: {
              type: "openInLatestTurn",
              params: ({ context, event }) => ({ ...placeOf(event), skip: event.index - context.received }),
            },
          },
        ],
        LateFrameOpened: { actions: "countOpened" },
        FrameOpened: { actions: { type: "countOpenedAt", params: ({ event }) => event } },
      },
    },
    /** The latest turn is ours; the peer may still be sending in its own before it. */
    leading: {
      description: "The latest turn is ours; the peer may still be sending in its own before it.",
      on: {
        MessageSubmitted: {
          guard: "maySeal",
          actions: [{ type: "sealMessage", params: ({ context }) => nextPlace(context) }, "countSealed"],
        },
        FrameArrived: [
          {
            guard: { type: "isLate", params: ({ event }) => event },
            actions: { type: "openWithStoredKey", params: ({ event }) => placeOf(event) },
          },
          {
            guard: { type: "isInLatestTurn", params: ({ context, event }) => ({ ...event, latest: context.turn - 1 }) },
            actions: {
              type: "openInLatestTurn",
              params: ({ context, event }) => ({ ...placeOf(event), skip: event.index - context.received }),
            },
          },
          {
            guard: { type: "isNewTurn", params: ({ event }) => event },
            actions: {
              type: "openInNewTurn",
              params: ({ context, event }) => ({
                ...placeOf(event),
                skipPrevious: event.previous - context.received,
              }),
            },
          },
        ],
        LateFrameOpened: { actions: "countOpened" },
        FrameOpened: { actions: { type: "countOpenedAt", params: ({ event }) => event } },
        PeerTurnOpened: {
          target: "following",
          actions: [
            { type: "beginPeerTurn", params: ({ event }) => event },
            { type: "countOpenedAt", params: ({ event }) => event },
          ],
        },
      },
    },
  },
})

const placeOf = ({ index, turn }: TurnIndex): TurnIndex => ({ turn, index })

const nextPlace = (context: KemRatchetContext): FramePlace => ({
  turn: context.turn,
  index: context.sent,
  previous: context.previouslySent,
})
