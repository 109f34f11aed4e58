/**
 * The way to one peer: whether there is one, how good it is, and when to look for it again. It decides; the live links
 * themselves belong to the process and are not in its context. Docs: protocol.md, "Links".
 */
import { assign, setup } from "xstate"
import { perform, prepare } from "../core/host/command.ts"

/** How long one attempt may take: ICE gives up at about the same time. */
export const DIAL_PATIENCE = 25_000
/** How often an open link is asked for a sign of life. */
export const PROBE_EVERY = 15_000
/** A link that has not answered a probe for this long is degraded. */
export const ECHO_PATIENCE = 8_000
/** A degraded link is given up after this long. */
export const DEGRADED_PATIENCE = 15_000
/** After so many failures in a row we stop dialling; we still listen. */
export const MAX_ATTEMPTS = 12
/** Having given up, we try again after this long. */
export const LONG_REST = 15 * 60_000

/** What it remembers: counters and names, no key and no text. */
export interface LinkContext {
  /** Failed attempts in a row. */
  readonly attempt: number
  /** How often an open link was lost and came back. */
  readonly reconnects: number
  /** Whether a link was ever open. */
  readonly everOpen: boolean
  /** The pause that was drawn before the next attempt, in milliseconds. */
  readonly pause: number
  /** The last failure: a word and, where one is to blame, the service as host:port. */
  readonly reason: string | null
  /** Whether the service that finds peers is in reach. */
  readonly service: string | null
}

/** What can happen to it. */
export type LinkEvent =
  | { readonly type: "Started" }
  | { readonly type: "LinkOpened"; readonly link: string }
  | { readonly type: "LinkLost" }
  | { readonly type: "DialFailed"; readonly reason: string; readonly service: string | null }
  | { readonly type: "PeerFound" }
  | { readonly type: "NobodyToDial" }
  | { readonly type: "PauseDrawn"; readonly pause: number }
  | { readonly type: "EchoArrived" }
  | { readonly type: "UserAsked" }
  | { readonly type: "NetworkReturned" }
  | { readonly type: "Paused" }
  | { readonly type: "Resumed" }

/** The way to the peer. */
export const link = setup({
  types: { context: {} as LinkContext, events: {} as LinkEvent },
  actions: {
    drawPause: prepare<{ readonly attempt: number }>(),
    announceOpen: prepare<{ readonly link: string }>(),
    dial: perform<{ readonly attempt: number }>(),
    probe: perform<object>(),
    hangUp: perform<object>(),
  },
  guards: { exhausted: ({ context }) => context.attempt >= MAX_ATTEMPTS },
  delays: {
    dialPatience: DIAL_PATIENCE,
    probeEvery: PROBE_EVERY,
    echoPatience: ECHO_PATIENCE,
    degradedPatience: DEGRADED_PATIENCE,
    longRest: LONG_REST,
    pause: ({ context }) => context.pause,
  },
}).createMachine({
  id: "link",
  initial: "connecting",
  context: { attempt: 0, reconnects: 0, everOpen: false, pause: 0, reason: null, service: null },
  on: {
    // A new process has no live link, whatever the last one had.
    Started: { target: ".connecting", reenter: true },
    Paused: ".paused",
  },
  states: {
    connecting: {
      description: "Looks for the peer and opens a path to it.",
      initial: "looking",
      entry: { type: "dial", params: ({ context }) => ({ attempt: context.attempt }) },
      after: { dialPatience: { target: "reconnecting", actions: assign({ reason: "timeout", service: null }) } },
      on: {
        LinkOpened: "linked",
        NobodyToDial: "waiting",
        DialFailed: {
          target: "reconnecting",
          actions: assign({ reason: ({ event }) => event.reason, service: ({ event }) => event.service }),
        },
        UserAsked: { target: "connecting", reenter: true },
      },
      states: {
        looking: { description: "The peer has not answered.", on: { PeerFound: "opening" } },
        // The peer answered; what remains is a path for frames.
        opening: { description: "The peer answered; what remains is a path for frames." },
      },
    },
    linked: {
      description: "There is a path to the peer.",
      initial: "open",
      entry: [
        assign({
          attempt: 0,
          reconnects: ({ context }) => context.reconnects + (context.everOpen ? 1 : 0),
          everOpen: true,
          reason: null,
          service: null,
        }),
        { type: "announceOpen", params: ({ event }) => ({ link: event.type === "LinkOpened" ? event.link : "" }) },
      ],
      on: {
        LinkLost: "reconnecting",
        // Another way to the same peer: what waits may go at once.
        LinkOpened: { actions: { type: "announceOpen", params: ({ event }) => ({ link: event.link }) } },
      },
      states: {
        open: {
          description: "It works.",
          initial: "quiet",
          states: {
            quiet: { description: "It showed a sign of life lately.", after: { probeEvery: "probing" } },
            probing: {
              description: "Asked for a sign of life, and waits for it.",
              entry: { type: "probe", params: {} },
              after: { echoPatience: "#link.linked.degraded" },
              on: { EchoArrived: "quiet" },
            },
          },
        },
        degraded: {
          description: "It does not answer; it may yet.",
          entry: { type: "probe", params: {} },
          after: { degradedPatience: { target: "#link.reconnecting", actions: { type: "hangUp", params: {} } } },
          on: { EchoArrived: "open" },
        },
      },
    },
    reconnecting: {
      description: "The path was lost, or could not be opened.",
      initial: "drawingPause",
      entry: assign({ attempt: ({ context }) => context.attempt + 1 }),
      always: { guard: "exhausted", target: "givenUp" },
      on: { LinkOpened: "linked", UserAsked: "connecting", NetworkReturned: "connecting" },
      states: {
        drawingPause: {
          description: "Draws how long to wait, so that both sides do not dial at once.",
          entry: { type: "drawPause", params: ({ context }) => ({ attempt: context.attempt }) },
          on: { PauseDrawn: { target: "resting", actions: assign({ pause: ({ event }) => event.pause }) } },
        },
        resting: { description: "Waits before it dials again.", after: { pause: "#link.connecting" } },
      },
    },
    // We know no address of the peer: it has to find us.
    waiting: {
      description: "No address of the peer is known: the peer has to find us.",
      on: { LinkOpened: "linked", UserAsked: "connecting", NetworkReturned: "connecting" },
    },
    givenUp: {
      description: "Too many attempts failed in a row; it rests for long, and listens.",
      entry: assign({ attempt: 0 }),
      after: { longRest: "connecting" },
      on: { LinkOpened: "linked", UserAsked: "connecting", NetworkReturned: "connecting" },
    },
    paused: {
      description: "The user wants no link.",
      entry: { type: "hangUp", params: {} },
      on: { Resumed: "connecting", Started: {} },
    },
  },
})
