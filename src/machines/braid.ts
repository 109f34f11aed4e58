/**
 * The ML-KEM Braid of one session: the eleven states in which two sides agree on one post-quantum secret after the other, in
 * chunks that ride on ordinary messages. Keys, ciphertexts and chunks stay with the layer, which carries out the commands.
 * Docs: protocol.md, "Signal layer"; the ML-KEM Braid specification, §2.5, whose transitions are numbered here.
 *
 * One side holds a key and announces it (the first five states), the other encapsulates to it (the last six). After each epoch
 * they change places. A chunk that cannot be checked at once is kept; what completes a message is checked before the state moves.
 */
import { setup } from "xstate"
import { prepare } from "../core/host/command.ts"

/** Chunks of 32 bytes: header and MAC 96, key vector 1152, first ciphertext 960, second ciphertext and MAC 160. */
export const BRAID_CHUNKS = { header: 3, vector: 36, first: 30, second: 5 } as const

/** What it remembers: counters and names, no key and no text. */
export interface BraidContext {
  /** The epoch whose secret is being agreed, from 1 on. */
  readonly epoch: number
  /** Chunks sent of the message that we are sending. */
  readonly sent: number
  /** Different chunks received of the message that the peer is sending. */
  readonly received: number
}

/** `isNew`: no chunk of this number is kept of the message at hand. */
export interface ChunkArrived {
  /** Of which key. */
  readonly epoch: number
  /** Whether it was not there yet. */
  readonly isNew: boolean
}

/**
 * What a message carries is told (`…Arrived`) and changes nothing but what is kept; what was checked (`HeaderGenuine` …) is
 * told afterwards. A message that fails a check is refused whole.
 */
export type BraidEvent =
  | { readonly type: "SendAsked" }
  | { readonly type: "NothingArrived"; readonly epoch: number }
  | ({ readonly type: "HeaderChunkArrived" } & ChunkArrived)
  /** `acknowledges`: the peer has the first ciphertext. */
  | ({ readonly type: "VectorChunkArrived"; readonly acknowledges: boolean } & ChunkArrived)
  | { readonly type: "AcknowledgementArrived"; readonly epoch: number }
  | ({ readonly type: "FirstChunkArrived" } & ChunkArrived)
  | ({ readonly type: "SecondChunkArrived" } & ChunkArrived)
  | { readonly type: "HeaderGenuine" }
  | { readonly type: "VectorMatched"; readonly acknowledged: boolean }
  | { readonly type: "CiphertextGenuine" }

type Seen<E = BraidEvent> = { readonly context: BraidContext; readonly event: E }

const isCurrent = ({ context, event }: Seen): boolean => "epoch" in event && event.epoch === context.epoch
const isNewChunk = (seen: Seen): boolean => isCurrent(seen) && "isNew" in seen.event && seen.event.isNew
const completes = (seen: Seen, chunks: number): boolean => isNewChunk(seen) && seen.context.received + 1 === chunks
const isAcknowledged = (seen: Seen): boolean =>
  isCurrent(seen) && seen.event.type === "VectorChunkArrived" && seen.event.acknowledges

const parts = setup({
  types: { context: {} as BraidContext, events: {} as BraidEvent },
  actions: {
    /** A fresh key of ours, its header under our MAC. */
    sampleKeys: prepare<{ readonly epoch: number }>(),
    /** A secret for the peer's key, and the first ciphertext, which needs the header alone. */
    encapsulateFirst: prepare<{ readonly epoch: number }>(),
    /** The second ciphertext, which needs the whole key. */
    encapsulateSecond: prepare<{ readonly epoch: number }>(),

    sendNothing: prepare<{ readonly epoch: number }>(),
    sendHeaderChunk: prepare<{ readonly chunk: number }>(),
    sendVectorChunk: prepare<{ readonly chunk: number; readonly acknowledge: boolean }>(),
    sendAcknowledgement: prepare<{ readonly epoch: number }>(),
    sendFirstChunk: prepare<{ readonly chunk: number }>(),
    sendSecondChunk: prepare<{ readonly chunk: number }>(),

    /** Keeps the chunk that arrived, as the `number`th of its message. */
    keepChunk: prepare<{ readonly number: number }>(),
    checkHeader: prepare<{ readonly epoch: number }>(),
    checkVector: prepare<{ readonly acknowledged: boolean }>(),
    takeFirst: prepare<{ readonly epoch: number }>(),
    /** Decapsulates, and checks the MAC over both ciphertexts. */
    checkCiphertext: prepare<{ readonly epoch: number }>(),
  },
  guards: {
    isCurrent,
    isNewChunk,
    isAcknowledged,
    isNewAcknowledged: (seen: Seen) => isNewChunk(seen) && isAcknowledged(seen),
    isOfNextEpoch: ({ context, event }: Seen) => "epoch" in event && event.epoch === context.epoch + 1,
    completesHeader: (seen: Seen) => completes(seen, BRAID_CHUNKS.header),
    completesVector: (seen: Seen) => completes(seen, BRAID_CHUNKS.vector),
    completesFirst: (seen: Seen) => completes(seen, BRAID_CHUNKS.first),
    completesSecond: (seen: Seen) => completes(seen, BRAID_CHUNKS.second),
    wasAcknowledged: ({ event }: Seen) => event.type === "VectorMatched" && event.acknowledged,
  },
})

const ofEpoch = ({ context }: Seen) => ({ epoch: context.epoch })

/** The next chunk of what is being sent. */
const chunk = ({ context }: Seen) => ({ chunk: context.sent })
const countSent = parts.assign(({ context }) => ({ sent: context.sent + 1 }))
const sendHeaderChunk = [{ type: "sendHeaderChunk", params: chunk }, countSent] as const
const sendFirstChunk = [{ type: "sendFirstChunk", params: chunk }, countSent] as const
const sendSecondChunk = [{ type: "sendSecondChunk", params: chunk }, countSent] as const
const sendVectorChunk = (acknowledge: boolean) =>
  [
    { type: "sendVectorChunk", params: ({ context }: Seen) => ({ chunk: context.sent, acknowledge }) },
    countSent,
  ] as const
const sendNothing = { type: "sendNothing", params: ofEpoch } as const

/** One chunk more of what is being received. */
const keepChunk = [
  { type: "keepChunk", params: ({ context }: Seen) => ({ number: context.received }) },
  parts.assign(({ context }) => ({ received: context.received + 1 })),
] as const
const checkVector = {
  type: "checkVector",
  params: (seen: Seen) => ({ acknowledged: isAcknowledged(seen) }),
} as const

/** The next epoch begins, in the other place. */
const nextEpoch = parts.assign(({ context }) => ({ epoch: context.epoch + 1, sent: 0, received: 0 }))
const beginSecond = [parts.assign({ sent: 0, received: 0 }), { type: "encapsulateSecond", params: ofEpoch }] as const

/** The post-quantum half of the Signal layer's ratchet. */
export const braid = parts.createMachine({
  id: "braid",
  /** §2.6: where the session's initiator begins. Its responder begins in `noHeaderReceived`. */
  initial: "keysUnsampled",
  context: { epoch: 1, sent: 0, received: 0 },
  states: {
    // Holding the epoch's key.
    keysUnsampled: {
      description: "This side holds the epoch's next key and has not drawn it yet.",
      on: {
        // (1)
        SendAsked: { target: "keysSampled", actions: [{ type: "sampleKeys", params: ofEpoch }, ...sendHeaderChunk] },
      },
    },
    keysSampled: {
      description: "The key is drawn, and its header goes out chunk by chunk.",
      on: {
        SendAsked: { actions: [...sendHeaderChunk] },
        // (2)
        FirstChunkArrived: {
          guard: "isCurrent",
          target: "headerSent",
          actions: [parts.assign({ sent: 0, received: 0 }), ...keepChunk],
        },
      },
    },
    headerSent: {
      description: "The peer answers with its first ciphertext while the rest of the key goes out.",
      on: {
        SendAsked: { actions: [...sendVectorChunk(false)] },
        FirstChunkArrived: [
          // (3)
          {
            guard: "completesFirst",
            target: "ct1Received",
            actions: [...keepChunk, { type: "takeFirst", params: ofEpoch }, parts.assign({ received: 0 })],
          },
          { guard: "isNewChunk", actions: [...keepChunk] },
        ],
      },
    },
    ct1Received: {
      description: "The first ciphertext is whole; the rest of the key still goes out, with word that it is.",
      on: {
        SendAsked: { actions: [...sendVectorChunk(true)] },
        // (4)
        SecondChunkArrived: {
          guard: "isCurrent",
          target: "ekSentCt1Received",
          actions: [parts.assign({ sent: 0, received: 0 }), ...keepChunk],
        },
      },
    },
    ekSentCt1Received: {
      description: "The peer has the whole key and sends the second ciphertext.",
      on: {
        SendAsked: { actions: { type: "sendAcknowledgement", params: ofEpoch } },
        SecondChunkArrived: [
          { guard: "completesSecond", actions: [...keepChunk, { type: "checkCiphertext", params: ofEpoch }] },
          { guard: "isNewChunk", actions: [...keepChunk] },
        ],
        // (5)
        CiphertextGenuine: { target: "noHeaderReceived", actions: nextEpoch },
      },
    },

    // Encapsulating to the peer's key.
    noHeaderReceived: {
      description: "The peer holds the epoch's key; its header has not come whole.",
      on: {
        SendAsked: { actions: sendNothing },
        HeaderChunkArrived: [
          { guard: "completesHeader", actions: [...keepChunk, { type: "checkHeader", params: ofEpoch }] },
          { guard: "isNewChunk", actions: [...keepChunk] },
        ],
        // (6)
        HeaderGenuine: { target: "headerReceived", actions: [parts.assign({ received: 0 })] },
      },
    },
    headerReceived: {
      description: "The header is whole and genuine; the next message makes the first ciphertext.",
      on: {
        // (7)
        SendAsked: {
          target: "ct1Sampled",
          actions: [{ type: "encapsulateFirst", params: ofEpoch }, ...sendFirstChunk],
        },
      },
    },
    ct1Sampled: {
      description: "The first ciphertext goes out chunk by chunk, and the rest of the key comes in.",
      on: {
        SendAsked: { actions: [...sendFirstChunk] },
        VectorChunkArrived: [
          { guard: "completesVector", actions: [...keepChunk, checkVector] },
          // (8)
          { guard: "isNewAcknowledged", target: "ct1Acknowledged", actions: [...keepChunk] },
          { guard: "isAcknowledged", target: "ct1Acknowledged" },
          { guard: "isNewChunk", actions: [...keepChunk] },
        ],
        AcknowledgementArrived: { guard: "isCurrent", target: "ct1Acknowledged" },
        VectorMatched: [
          // (9)
          { guard: "wasAcknowledged", target: "ct2Sampled", actions: [...beginSecond] },
          // (10)
          { target: "ekReceivedCt1Sampled", actions: [parts.assign({ received: 0 })] },
        ],
      },
    },
    ekReceivedCt1Sampled: {
      description: "The whole key is here, but not yet word that the peer has the first ciphertext.",
      on: {
        SendAsked: { actions: [...sendFirstChunk] },
        // (12)
        VectorChunkArrived: { guard: "isAcknowledged", target: "ct2Sampled", actions: [...beginSecond] },
        AcknowledgementArrived: { guard: "isCurrent", target: "ct2Sampled", actions: [...beginSecond] },
      },
    },
    ct1Acknowledged: {
      description: "The peer has the first ciphertext; the rest of its key is still on the way.",
      on: {
        SendAsked: { actions: sendNothing },
        VectorChunkArrived: [
          { guard: "completesVector", actions: [...keepChunk, checkVector] },
          { guard: "isNewChunk", actions: [...keepChunk] },
        ],
        // (11)
        VectorMatched: { target: "ct2Sampled", actions: [...beginSecond] },
      },
    },
    ct2Sampled: {
      description: "The second ciphertext goes out until the peer shows that it has the epoch's secret.",
      on: {
        SendAsked: { actions: [...sendSecondChunk] },
        // (13): whatever it carries, it says that the peer has the epoch's secret.
        "*": { guard: "isOfNextEpoch", target: "keysUnsampled", actions: nextEpoch },
      },
    },
  },
})
