/** What a session counts, what it hears, and what can be asked of its counters. The statechart is in session.ts. */

import type { HealingReason } from "./standing.ts"

/** So many of our messages are under way at once; the rest wait as records. */
export const DELIVERY_WINDOW = 64

/**
 * What a numbered content is for. A tombstone takes the place of a message that expired before it was had; what is known came
 * under an earlier number, before keys were agreed anew.
 */
export type NumberedKind = "text" | "profile" | "rekey" | "tombstone" | "known" | ChangeKind | "timer" | "void"

/** What alters a message that was sent before. */
export type ChangeKind = "edit" | "deletion" | "reaction"

/** Nobody who keeps to the window is ever this far ahead of a missing message: then it is given up, and a gap is shown. */
export const MAX_EARLY = 4 * DELIVERY_WINDOW

/** Contents of ours that may wait for the peer, and their bytes: whoever writes more has to wait. */
export const MAX_WAITING = 4_096
export const MAX_WAITING_BYTES = 16 * 1024 * 1024

/** What it remembers: counters and names, no key and no text. */
export interface SessionContext {
  /** Which side of the pairing it was. */
  readonly role: "inviter" | "joiner"
  /** How many numbered contents we have accepted; the next one gets this number. */
  readonly written: number
  /** How many of them have been given to deliveries. */
  readonly released: number
  /** Deliveries that hold a place in the window. */
  readonly inFlight: number
  /** Bytes of our texts that the peer does not have yet. */
  readonly waitingBytes: number
  /** The peer's next number to be taken in. */
  readonly next: number
  /** What came ahead of its turn. */
  readonly early: ReadonlyArray<{ readonly number: number; readonly kind: NumberedKind }>
  /** Tombstones since the last text of the peer. */
  readonly gap: number
  /** Entries of the conversation, ours and theirs; the next one gets this index. */
  readonly history: number
  /** The peer has all of our numbers below this one. */
  readonly peerHas: number
  /** The peer's user has read our numbers below this one. */
  readonly peerRead: number
  /** Our user has read the peer's numbers below this one. */
  readonly userRead: number
  /** What the peer is told of that: behind `userRead` while read receipts are off. */
  readonly readTold: number
  /** What of that was said twice: acknowledgements are not repeated by anybody else, and one may be lost. */
  readonly readRepeated: number
  /** Texts of the peer that our user has not read. */
  readonly unread: number
  /** The peer sends from this number on, whatever came before; what did come is still shown in its order. */
  readonly resumesAt: number
  /** Below this number the peer may repeat, under another number, what we have. */
  readonly repeatsBelow: number
  /**
   * What waited for an earlier one when the peer's numbers were given anew, under its old numbers: it takes the place at which the
   * peer repeats it. What is not repeated, the peer has no more; its turn comes after everything that is.
   */
  readonly aside: SessionContext["early"]
  /** Numbers of ours that the peer has ahead of their turn: should it come back without them, they are needed again. */
  readonly apart: ReadonlyArray<number>
  /** From a backup, and not healed yet. */
  readonly isRestored: boolean
  /** Why pairing failed. */
  readonly failure: string | null
}

/** What can happen to it. */
export type SessionEvent =
  | { readonly type: "HandshakeFinished" }
  | { readonly type: "HandshakeFailed"; readonly reason: string }
  | {
      readonly type: "MessageWritten"
      readonly id: string
      readonly at: number
      readonly lifetime: number | null
      /** The id of the message that it answers. */
      readonly replyTo: string | null
      /** Of the text. */
      readonly bytes: number
    }
  | {
      readonly type: "ChangeWritten"
      readonly id: string
      readonly change: ChangeKind
      readonly target: string
      readonly bytes: number
    }
  | { readonly type: "TimerSet"; readonly id: string; readonly at: number }
  /** A message was taken out of the history by our user alone. */
  | { readonly type: "MessageDropped"; readonly id: string }
  | { readonly type: "ConversationCleared" }
  /** Entries are not there any more. */
  | { readonly type: "HistoryChanged" }
  | { readonly type: "ProfileChanged" }
  | { readonly type: "RekeyMade" }
  | { readonly type: "FrameArrived"; readonly frame: string }
  | { readonly type: "FrameRepeated" }
  | {
      readonly type: "NumberedOpened"
      readonly number: number
      readonly kind: NumberedKind
      /** The number, among those set aside, under which it came before. */
      readonly before?: number
    }
  | {
      readonly type: "AcknowledgementOpened"
      readonly upTo: number
      readonly also: ReadonlyArray<number>
      readonly readUpTo: number
    }
  | { readonly type: "TypingOpened"; readonly active: boolean }
  /** A change came in its turn together with the message that it is about, which has its place now. */
  | { readonly type: "TargetPlaced"; readonly number: number }
  | { readonly type: "LinkOpened" }
  | { readonly type: "DeliveryLeft"; readonly bytes: number }
  | { readonly type: "UserRead"; readonly upTo: number; readonly tell: boolean }
  | { readonly type: "UnreadCounted"; readonly unread: number }
  | { readonly type: "UserTyped"; readonly active: boolean }
  | { readonly type: "SealingAllowed" }
  | {
      readonly type: "Healed"
      /** Our contents from here on have new numbers; null: they keep those they have. */
      readonly base: number | null
      /** One past the last of ours, where they have new numbers. */
      readonly written: number
      /** Bytes that wait for the peer. */
      readonly bytes: number
      /** As `base`, of the peer's. */
      readonly theirs: number | null
      /** How many of theirs may be known. */
      readonly repeats: number
      readonly reason: HealingReason
    }
  /** Another copy of this state goes on with the peer; this one is silent. */
  | { readonly type: "Replaced" }
  | { readonly type: "IdentityChanged" }
  | { readonly type: "Compared"; readonly at: number | null }
  | { readonly type: "ContinuedUnverified" }
  | { readonly type: "Blocked" }
  | { readonly type: "Unblocked" }

export interface At {
  readonly context: SessionContext
}

/** What has been set aside has its turn where the peer repeats nothing more; at once, where more was than anybody honest leaves. */
const isAsideNext = ({ aside, next, repeatsBelow }: SessionContext): boolean =>
  aside.length > 0 && (next >= repeatsBelow || aside.length > MAX_EARLY)

/** What is to be taken in now, if it is here. */
const turn = (context: SessionContext) =>
  isAsideNext(context) ? context.aside[0] : context.early.find(({ number }) => number === context.next)

/** Under which number it is kept, and which one its place in the conversation has. */
export const numbersOf = ({ context }: At) =>
  isAsideNext(context)
    ? { number: context.aside[0]!.number, as: context.next - 1 }
    : { number: context.next, as: context.next }

/** Whether what is to be taken in now is here, and of this kind. */
export const nextIs = ({ context }: At, kind: NumberedKind) => turn(context)?.kind === kind

export const isChange = (kind: NumberedKind): kind is ChangeKind =>
  kind === "edit" || kind === "deletion" || kind === "reaction"

/** Whether what is to be taken in now is here, and alters a message. */
export const changeIsNext = ({ context }: At) => {
  const kind = turn(context)?.kind
  return kind !== undefined && isChange(kind)
}

/** Whether one more content of so many bytes may wait. A deletion always may: it takes things away. */
export const hasRoom = ({ context }: At, event: SessionEvent) => {
  if (event.type === "ChangeWritten" && event.change === "deletion") return true
  const bytes = "bytes" in event ? event.bytes : 0
  const waiting = context.written - context.released + context.inFlight
  return waiting < MAX_WAITING && (bytes === 0 || context.waitingBytes + bytes <= MAX_WAITING_BYTES)
}

/** Whether the peer's number was not had before. */
export const isNew = ({ context }: At, number: number) =>
  number >= context.next && context.early.every((other) => other.number !== number)

/** All that the peer may be told of what we have. */
export const acknowledgement = ({ context }: At) => ({
  upTo: context.next,
  also: context.early.map(({ number }) => number).slice(0, DELIVERY_WINDOW),
  readUpTo: context.readTold,
})

/** What was to be taken in has been: what comes after it is next. */
export const takeNext = ({ context }: At) =>
  isAsideNext(context)
    ? { aside: context.aside.slice(1) }
    : { next: context.next + 1, early: context.early.filter(({ number }) => number !== context.next) }

/** The peer's numbers go on from `theirs`; of what waits, what has a content is set aside. */
export const goOnFrom = ({ context }: At, theirs: number, repeats: number) => {
  const waiting = context.early
    .filter(({ kind }) => !WITHOUT_CONTENT.includes(kind))
    .sort((a, b) => a.number - b.number)
  return {
    next: Math.max(context.next, theirs),
    early: [],
    aside: [...context.aside, ...waiting],
    repeatsBelow: theirs + repeats,
  }
}
const WITHOUT_CONTENT: ReadonlyArray<NumberedKind> = ["known", "rekey", "tombstone", "void"]

/** What was set aside takes the place at which the peer repeats it. */
export const moved = ({
  context,
  event,
}: At & { readonly event: Extract<SessionEvent, { type: "NumberedOpened" }> }) => ({
  early: [...context.early, { number: event.number, kind: event.kind }],
  aside: context.aside.filter(({ number }) => number !== event.before),
})

/** Of what the peer says that it has ahead of its turn: what was sent at all. Nobody honest has more. */
export const keptApart = (
  { context }: At,
  { also, upTo }: { readonly also: ReadonlyArray<number>; readonly upTo: number },
): ReadonlyArray<number> =>
  [...new Set([...context.apart, ...also])]
    .filter((number) => number >= upTo && number >= context.peerHas && number < context.released)
    .slice(0, MAX_EARLY)

/** A delivery gave its place in the window back, and with it so many bytes. */
export const leave = (context: SessionContext, bytes: number) => ({
  inFlight: context.inFlight - 1,
  waitingBytes: Math.max(0, context.waitingBytes - bytes),
})
/** What of the peer's numbers is passed over, up to the next one that is here. */
export const skipped = ({ context }: At) => ({
  next: Math.min(context.resumesAt, ...context.early.map(({ number }) => number).filter((n) => n >= context.next)),
})

/** So much came ahead of a number that its sender cannot have it any more: everything before the first that is here is missing. */
export const givenUp = ({ context }: At) => {
  const first = Math.min(...context.early.map(({ number }) => number))
  return { resumesAt: Math.max(context.resumesAt, first), gap: context.gap + first - context.next }
}
