/** The session's acknowledgements: gathered for a moment, sealed as one, and said again where they tell of reading. */
import { and, assign } from "xstate"
import { sessionSetup } from "./session-setup.ts"
import { acknowledgement } from "./session-state.ts"

export const acknowledging = sessionSetup.createStateConfig({
  description: "How the peer learns what has arrived.",
  initial: "idle",
  states: {
    idle: {
      description: "Nothing is owed.",
      on: {
        NumberedOpened: "gathering",
        FrameRepeated: "gathering",
        LinkOpened: { guard: "hasReceived", target: "gathering" },
        SealingAllowed: { guard: "hasReceived", target: "gathering" },
        Healed: "gathering",
        UserRead: {
          guard: "mayTellOfReading",
          target: "gathering",
          actions: assign({ readTold: ({ context, event }) => Math.max(context.readTold, event.upTo) }),
        },
      },
    },
    gathering: {
      description: "What arrives together shares one acknowledgement.",
      on: {
        UserRead: {
          guard: "tellsOfReading",
          actions: assign({ readTold: ({ context, event }) => Math.max(context.readTold, event.upTo) }),
        },
      },
      after: {
        acknowledgeAfter: [
          {
            guard: "isEstablished",
            target: "said",
            actions: [
              { type: "sealAcknowledgement", params: acknowledgement },
              { type: "transmit", params: { frame: "acknowledgement" } },
            ],
          },
          // Whoever is blocked is told nothing, not even that they were read.
          { target: "idle" },
        ],
      },
    },
    // A lost acknowledgement of a message is asked for by its repetition. Nobody asks what was read, so it is said again.
    said: {
      description: "An acknowledgement went out and may be lost.",
      on: {
        NumberedOpened: "gathering",
        FrameRepeated: "gathering",
        LinkOpened: "gathering",
        SealingAllowed: "gathering",
        Healed: "gathering",
        UserRead: {
          guard: "mayTellOfReading",
          target: "gathering",
          actions: assign({ readTold: ({ context, event }) => Math.max(context.readTold, event.upTo) }),
        },
      },
      after: {
        repeatAfter: [
          {
            guard: and(["isEstablished", "repeatsReading"]),
            target: "idle",
            actions: [
              assign({ readRepeated: ({ context }) => context.readTold }),
              { type: "sealAcknowledgement", params: acknowledgement },
              { type: "transmit", params: { frame: "acknowledgement" } },
            ],
          },
          { target: "idle" },
        ],
      },
    },
  },
})
