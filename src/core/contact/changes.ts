/**
 * What a change makes of a message, and which of two timers stands: pure, and the same on both sides. Each side applies the
 * changes of one sender in their order; those of the two senders may meet in any order. Docs: protocol.md, "Changes" and
 * "Disappearing messages".
 */
import { type Content, MAX_TIME, type Timer } from "../content.ts"
import type { Role } from "../ids.ts"
import type { Entry, Setting, Settings } from "./records.ts"

export type Change = Extract<Content, { readonly target: Uint8Array }>

/** Who made a change, seen from the side that applies it. */
export type Author = "me" | "peer"

/** The message as it is now; undefined where the change means nothing: it is not theirs to change, or gone. */
export const changed = (message: Entry, change: Change, by: Author): Entry | undefined => {
  if (message.line !== undefined || message.became === "deleted" || message.became === "expired") return undefined
  if (change.kind === "reaction") return reacted(message, change.emoji, by)
  if (message.mine !== (by === "me")) return undefined
  if (change.kind === "edit")
    return change.text === "" ? undefined : { ...message, text: change.text, became: "edited" }
  return emptied(message, "deleted")
}

/** What is left of a message that is gone: that it was there. */
export const emptied = (message: Entry, became: "deleted" | "expired"): Entry => {
  const { mine, id, number, at, gap, timer, due } = message
  return { mine, id, number, at, gap, text: "", became, ...(timer && { timer }), ...(due !== undefined && { due }) }
}

const reacted = (message: Entry, emoji: string | undefined, by: Author): Entry | undefined => {
  const { myReaction, theirReaction, ...rest } = message
  if (emoji !== undefined && !isEmoji(emoji)) return undefined
  const [mine, theirs] = by === "me" ? [emoji, theirReaction] : [myReaction, emoji]
  return {
    ...rest,
    ...(mine !== undefined && { myReaction: mine }),
    ...(theirs !== undefined && { theirReaction: theirs }),
  }
}

const PICTOGRAPH = "\\p{Extended_Pictographic}(?:\\uFE0F|\\p{Emoji_Modifier})?(?:[\\u{E0020}-\\u{E007E}]+\\u{E007F})?"
/** UTS #51 without the tables that grow with every version: both sides must say the same of an emoji of next year. */
const EMOJI = new RegExp(
  `^(?:\\p{Regional_Indicator}{2}|[0-9#*]\\uFE0F\\u20E3|${PICTOGRAPH}(?:\\u200D${PICTOGRAPH}){0,7})$`,
  "u",
)

/** Whether a text is one emoji. */
export const isEmoji = (text: string): boolean => EMOJI.test(text)

/** The setting that stands: the one that knew the other; of two made at once the inviter's. */
export const standing = ({ mine, theirs }: Settings, role: Role): Setting | undefined => {
  if (mine === undefined || theirs === undefined) return mine ?? theirs
  if (mine.seen >= theirs.own) return mine
  if (theirs.seen >= mine.own) return theirs
  return role === "inviter" ? mine : theirs
}

export const standingTimer = (settings: Settings, role: Role): Timer | undefined => standing(settings, role)?.timer

/** When something disappears that is counted from `start`, in milliseconds. */
export const dueAfter = (start: number, { after }: Timer): number => Math.min(start + after, MAX_TIME)

/** Our next setting, which knows all that we know. */
export const nextSetting = ({ mine, theirs }: Settings, timer: Timer | undefined): Setting => ({
  ...(timer && { timer }),
  own: (mine?.own ?? 0) + 1,
  seen: theirs?.own ?? 0,
})
