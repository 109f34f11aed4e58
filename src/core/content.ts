/**
 * Content: what stands inside the innermost layer. Docs: protocol.md, "Content".
 *
 * Whatever has a number shares one reliable sequence a sender, from 0. The others are told once, and the next of their kind
 * replaces them. A kind that this version does not know is refused like any damage.
 */
import { bool, bytes, choice, codec, fixed, refine, text, uint, type Value } from "./codec/codec.ts"
import { list, optional, struct, union } from "./codec/composite.ts"
import { ROLE_NUMBERS } from "./ids.ts"

/** In UTF-8. More goes by file transfer. */
export const MAX_TEXT_BYTES = 64 * 1024
/** A display name, in UTF-8. */
export const MAX_NAME_BYTES = 128
/** An MLS commit of two members with X-Wing is about 5 KB. */
export const MAX_COMMIT_BYTES = 16 * 1024
/** Numbers acknowledged out of order at once; those beyond wait for the next acknowledgement. */
export const MAX_ACKNOWLEDGED_APART = 64
/** An emoji: the longest that Unicode recommends has 35 bytes. Whether it is one is asked where it is applied. */
export const MAX_EMOJI_BYTES = 64
/** A message that disappears does so after a year at the latest, in milliseconds. */
export const MAX_TIMER = 365 * 24 * 60 * 60_000
/** Timer settings of one side that are counted; a person makes one a second for a century. */
export const MAX_TIMER_CHANGES = 0xffff_ffff
/** The last millisecond that a `Date` can hold (ECMA-262 §21.4.1.1). */
export const MAX_TIME = 8_640_000_000_000_000

/** Why keys were agreed anew. */
export const REASON_NUMBERS = { cloned: 1, restored: 2, lost: 3, renewed: 4, reclaimed: 5 } as const
/** The first of these that applies to either side counts for both. */
export const REASONS = ["reclaimed", "cloned", "restored", "lost", "renewed"] as const
/** Numbers that a side may claim: beyond it the sequence would come near the end of what can be counted. */
const MAX_CLAIMED = 2 ** 48

/** Where a side stood when keys were agreed anew. Docs: protocol.md, "Healing". */
export const resumeShape = struct({
  reason: [1, choice(REASON_NUMBERS)],
  /** The life of the process that speaks. */
  life: [2, fixed(16)],
  /** How many numbers the side has given. */
  written: [3, uint(MAX_CLAIMED)],
  /** One past the highest number that it has of the other. */
  ahead: [4, uint(MAX_CLAIMED)],
  /** Contents that it does not know the other to have. */
  repeats: [5, uint(MAX_CLAIMED)],
})
export type Resume = Value<typeof resumeShape>

const messageId = fixed(16)
const number = uint()

const acknowledgement = struct({
  /** Every number below it was durably received. */
  upTo: [1, number],
  /** Numbers above `upTo` that were received too, ascending. */
  also: [2, refine(list(number, MAX_ACKNOWLEDGED_APART), isAscending)],
  /** Every number below it was shown to the person. Absent when they do not tell. */
  readUpTo: [3, optional(number)],
})

/** When messages disappear: so many milliseconds after they were read, or after they were sent. */
const timer = struct({
  after: [1, refine(uint(MAX_TIMER), (after) => after > 0)],
  from: [2, choice({ reading: 1, sending: 2 })],
})
export type Timer = Value<typeof timer>
export { timer as timerShape }

const kinds = union("kind", {
  text: [
    1,
    struct({
      id: [1, messageId],
      number: [2, number],
      at: [3, uint(MAX_TIME)],
      text: [4, text(MAX_TEXT_BYTES)],
      /** The id of the message that it answers, of either side. */
      replyTo: [5, optional(messageId)],
      /** When it disappears on both sides; absent: never. */
      timer: [6, optional(timer)],
    }),
  ],
  acknowledgement: [2, acknowledgement],
  typing: [3, struct({ active: [1, bool] })],
  profile: [4, struct({ id: [1, messageId], number: [2, number], name: [3, text(MAX_NAME_BYTES)] })],
  rekey: [5, struct({ id: [1, messageId], number: [2, number], commit: [3, bytes(MAX_COMMIT_BYTES)] })],
  /** `resume`: in a handshake beside a running session, and only there. */
  confirm: [6, struct({ role: [1, choice(ROLE_NUMBERS)], mac: [2, fixed(32)], resume: [3, optional(resumeShape)] })],
  /** Takes the number of a message that expired before the peer had it. */
  tombstone: [7, struct({ id: [1, messageId], number: [2, number] })],
  /** The sender's message `target` says this now. */
  edit: [
    8,
    struct({
      id: [1, messageId],
      number: [2, number],
      target: [3, messageId],
      text: [4, text(MAX_TEXT_BYTES)],
    }),
  ],
  /** The sender's message `target` is to be shown to nobody any more. */
  deletion: [9, struct({ id: [1, messageId], number: [2, number], target: [3, messageId] })],
  /** The sender's one reaction to a message of either side; without an emoji it is taken back. */
  reaction: [
    10,
    struct({
      id: [1, messageId],
      number: [2, number],
      target: [3, messageId],
      emoji: [4, optional(text(MAX_EMOJI_BYTES))],
    }),
  ],
  /** From now on messages disappear like this; without a timer they stay. */
  timer: [
    11,
    struct({
      id: [1, messageId],
      number: [2, number],
      at: [3, uint(MAX_TIME)],
      timer: [4, optional(timer)],
      /** How many such settings the sender has made, this one included. */
      own: [5, uint(MAX_TIMER_CHANGES)],
      /** How many of the peer's it knew. */
      seen: [6, uint(MAX_TIMER_CHANGES)],
    }),
  ],
  /** Takes the number of something that is not wanted any more and leaves no gap: a change of a message that is gone. */
  void: [12, struct({ id: [1, messageId], number: [2, number] })],
})

export type Content = Value<typeof kinds>
export type ContentKind = Content["kind"]
/** What is delivered once, in order, and acknowledged. */
export type Numbered = Extract<Content, { readonly number: number }>

/** Everything around the text of a content. */
const MAX_FIELDS_BYTES = 128

/**
 * The longest is a text: 64 KiB and less than 128 bytes of fields. Encoding throws a RangeError for fields out of bounds, and
 * for an acknowledgement that names a number at or below `upTo` apart.
 */
export const content = codec(
  refine(kinds, (value) => value.kind !== "acknowledgement" || (value.also[0] ?? Infinity) > value.upTo),
  MAX_TEXT_BYTES + MAX_FIELDS_BYTES,
)

export const isNumbered = (value: Content): value is Numbered => "number" in value

function isAscending(numbers: ReadonlyArray<number>): boolean {
  return numbers.every((n, i) => i === 0 || n > numbers[i - 1]!)
}
