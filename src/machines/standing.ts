/**
 * How we stand with the peer: whether what we have is what they last knew of us, or keys have to be agreed anew. Nothing is
 * sealed before they have vouched for it over a link that is open. Docs: protocol.md, "Standing" and "Healing".
 */
import { assign, setup } from "xstate"
import { perform, prepare } from "../core/host/command.ts"
import { repeatAfter } from "./repeating.ts"

/**
 * Why keys are agreed anew: from a backup, without its records, with a copy about, because a user goes on with a copy that had been
 * replaced, or because somebody asked for it.
 */
export type HealingReason = "restored" | "lost" | "cloned" | "reclaimed" | "renewed"

/** So long a new handshake may stand still before we ask again how things are, in milliseconds. */
export const HEALING_PATIENCE = 30_000

/** What it remembers: counters and names, no key and no text. */
export interface StandingContext {
  /** The life of our process in which the peer vouched for our state; null where none did, or the last link is gone. */
  readonly life: string | null
  /** Why we need new keys, or null: we do not. */
  readonly need: HealingReason | null
  /** Why new keys are being agreed now, whoever needs them. The peer's need is the peer's to keep: it may have been a copy's. */
  readonly reason: HealingReason | null
  /** The newest link; empty without one. */
  readonly via: string
  /** How often we asked since the link opened. */
  readonly sent: number
}

/** What can happen to it. */
export type StandingEvent =
  | { readonly type: "Started" }
  | { readonly type: "Examined"; readonly need: HealingReason | null }
  | { readonly type: "LinkOpened"; readonly link: string }
  | { readonly type: "LinkLost" }
  | { readonly type: "AskArrived"; readonly frame: string; readonly via: string }
  | { readonly type: "TellArrived"; readonly frame: string; readonly via: string }
  | { readonly type: "HelloArrived"; readonly frame: string; readonly via: string }
  /** The peer wants to be asked, over the link over which it said so: with two copies about, another one leads to the other. */
  | { readonly type: "PeerWants"; readonly via: string }
  | { readonly type: "PeerAgreed"; readonly life: string }
  /** `theirs`: the peer needs new keys, and we do not. */
  | { readonly type: "PeerDiffered"; readonly reason: HealingReason; readonly link: string; readonly theirs: boolean }
  /** The peer has agreed keys with another copy of us: this one has nothing more to say. */
  | { readonly type: "PeerMovedOn" }
  /** Our user goes on with this copy nonetheless. */
  | { readonly type: "Reclaimed" }
  | { readonly type: "RenewalAsked" }
  | { readonly type: "HealingFailed" }
  | { readonly type: "Agreed"; readonly life: string }

interface At {
  readonly context: StandingContext
}

const asking = ({ context }: At) => ({ link: context.via, wants: context.need !== null })
const via = ({ context }: At) => ({ via: context.via })
const differing = ({
  context,
  event,
}: At & { readonly event: Extract<StandingEvent, { readonly type: "PeerDiffered" }> }) => ({
  need: event.theirs ? context.need : event.reason,
  reason: event.reason,
  via: event.link,
})

/** Whether the peer knows us as we are. */
export const standing = setup({
  types: {
    context: {} as StandingContext,
    events: {} as StandingEvent,
    input: {} as { readonly restored: boolean },
  },
  actions: {
    examine: prepare<object>(),
    makeAsk: prepare<{ readonly link: string; readonly wants: boolean }>(),
    answerAsk: prepare<{ readonly frame: string; readonly via: string }>(),
    checkTell: prepare<{ readonly frame: string; readonly via: string }>(),
    admitHello: prepare<{ readonly frame: string; readonly via: string }>(),
    allowSealing: prepare<object>(),
    beginHealing: prepare<{ readonly link: string; readonly reason: HealingReason }>(),
    stepAside: prepare<object>(),
    stepForward: prepare<object>(),
    stayAside: prepare<object>(),
    sendAsk: perform<{ readonly via: string }>(),
    sendTell: perform<{ readonly via: string }>(),
    leaveStale: perform<object>(),
    leaveDoubted: perform<object>(),
    leaveOthers: perform<{ readonly via: string }>(),
    stopListening: perform<object>(),
    listenAgain: perform<object>(),
    tellCloned: perform<object>(),
  },
  guards: {
    isRestored: ({ context }) => context.need === "restored",
    hasLink: ({ context }) => context.via !== "",
    isElsewhere: ({ context, event }) => event.type === "PeerWants" && event.via !== context.via,
    findsCopy: ({ context, event }) =>
      event.type === "PeerDiffered" && event.reason === "cloned" && context.need !== "cloned",
  },
  delays: { repeat: repeatAfter, patience: HEALING_PATIENCE },
}).createMachine({
  id: "standing",
  initial: "unpaired",
  context: ({ input }) => ({ life: null, need: input.restored ? "restored" : null, reason: null, via: "", sent: 0 }),
  on: {
    LinkLost: { actions: assign({ via: "", life: null }) },
  },
  states: {
    unpaired: {
      description: "There are no keys yet that could be stale.",
      always: { guard: "isRestored", target: "paired" },
      on: {
        LinkOpened: { actions: assign({ via: ({ event }) => event.link }) },
        Agreed: [
          {
            guard: "hasLink",
            target: "paired.current",
            actions: [
              assign({ life: ({ event }) => event.life }),
              { type: "makeAsk", params: asking },
              { type: "sendAsk", params: via },
            ],
          },
          { target: "paired" },
        ],
      },
    },
    paired: {
      description: "There are keys, or there were.",
      initial: "resting",
      on: {
        // What an earlier life was told holds no longer: this one may run on a copy.
        Started: {
          target: ".resting",
          reenter: true,
          actions: [assign({ life: null, via: "", sent: 0 }), { type: "examine", params: {} }],
        },
        // Whoever only wanted new keys, and finds that the old ones are gone, says so: counters are gone with them.
        Examined: {
          actions: assign({
            need: ({ context, event }) =>
              context.need === "renewed" ? (event.need ?? "renewed") : (context.need ?? event.need),
          }),
        },
        LinkLost: { target: ".resting", actions: assign({ via: "", life: null }) },
        LinkOpened: { target: ".asking", actions: assign({ via: ({ event }) => event.link, sent: 0 }) },
        AskArrived: {
          actions: [
            { type: "answerAsk", params: ({ event }) => ({ frame: event.frame, via: event.via }) },
            { type: "leaveDoubted", params: {} },
            { type: "sendTell", params: ({ event }) => ({ via: event.via }) },
          ],
        },
        TellArrived: {
          actions: { type: "checkTell", params: ({ event }) => ({ frame: event.frame, via: event.via }) },
        },
        HelloArrived: {
          actions: { type: "admitHello", params: ({ event }) => ({ frame: event.frame, via: event.via }) },
        },
        RenewalAsked: [
          {
            guard: "hasLink",
            target: ".asking",
            actions: assign({ need: ({ context }) => context.need ?? "renewed", sent: 0 }),
          },
          { actions: assign({ need: ({ context }) => context.need ?? "renewed" }) },
        ],
        PeerAgreed: { target: ".current", actions: assign({ life: ({ event }) => event.life, reason: null }) },
        PeerDiffered: [
          {
            guard: "findsCopy",
            target: ".healing",
            reenter: true,
            actions: [assign(differing), { type: "tellCloned", params: {} }],
          },
          {
            target: ".healing",
            reenter: true,
            actions: assign(differing),
          },
        ],
        PeerMovedOn: "replaced",
        HealingFailed: [{ guard: "hasLink", target: ".asking", actions: assign({ sent: 0 }) }, { target: ".resting" }],
        Agreed: [
          {
            guard: "hasLink",
            target: ".current",
            reenter: true,
            actions: [
              assign({ life: ({ event }) => event.life, need: null, reason: null }),
              // Over the others somebody may still speak whom the peer has left with the old keys.
              { type: "leaveOthers", params: via },
              { type: "makeAsk", params: asking },
              { type: "sendAsk", params: via },
            ],
          },
          { target: ".resting", actions: assign({ life: null, need: null, reason: null }) },
        ],
      },
      states: {
        resting: { description: "No link is open, and nothing is sealed." },
        asking: {
          description: "Asks the peer what they last knew of us. What was sealed before may be repeated.",
          entry: [
            assign({ sent: ({ context }) => context.sent + 1 }),
            { type: "makeAsk", params: asking },
            { type: "sendAsk", params: via },
          ],
          after: { repeat: { target: "asking", reenter: true } },
          on: { PeerWants: { target: "asking", reenter: true, actions: assign({ via: ({ event }) => event.via }) } },
        },
        current: {
          description: "The peer knows us as we are: what is written is sealed.",
          entry: [
            { type: "allowSealing", params: {} },
            { type: "leaveStale", params: {} },
          ],
          on: {
            // Every link is asked over, so that the peer knows which life speaks over which.
            LinkOpened: {
              actions: [
                assign({ via: ({ event }) => event.link }),
                { type: "makeAsk", params: ({ event }) => ({ link: event.link, wants: false }) },
                { type: "sendAsk", params: ({ event }) => ({ via: event.link }) },
              ],
            },
            PeerWants: { target: "asking", actions: assign({ via: ({ event }) => event.via }) },
          },
        },
        healing: {
          description: "One of the two is behind, or wants new keys: these are being agreed under the recovery secret.",
          entry: [
            // With keys that are only to be renewed the conversation goes on meanwhile.
            assign({ life: ({ context }) => (context.reason === "renewed" ? context.life : null) }),
            {
              type: "beginHealing",
              params: ({ context }) => ({ link: context.via, reason: context.reason ?? "renewed" }),
            },
          ],
          after: { patience: "asking" },
          on: {
            // Over the link that we know they were asked already.
            PeerWants: {
              guard: "isElsewhere",
              target: "asking",
              actions: assign({ via: ({ event }) => event.via, sent: 0 }),
            },
          },
        },
      },
    },
    // Two copies that each healed as often as the other one had would take turns for ever.
    replaced: {
      description:
        "The peer agreed keys with another copy of this state: this one is silent until its user wants it back.",
      entry: [
        assign({ life: null, need: null, reason: null, via: "", sent: 0 }),
        { type: "stepAside", params: {} },
        { type: "stopListening", params: {} },
      ],
      on: {
        LinkOpened: { actions: { type: "stayAside", params: {} } },
        Reclaimed: {
          target: "paired",
          actions: [
            assign({ need: "reclaimed" }),
            { type: "stepForward", params: {} },
            { type: "listenAgain", params: {} },
          ],
        },
      },
    },
  },
})
