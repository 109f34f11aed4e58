/** A conversation as lines of a terminal: what was written, changed, taken back, set, and what became of one's own words. */
import type { Contact, DisappearingTimer, Message } from "../face.ts"
import { indented, inline } from "./terminal.ts"

/** What was last said of a message, to tell a change from a repetition. */
interface Said {
  readonly text: string
  readonly deleted: boolean
  readonly reactions: string
}

const UNITS = [
  [86_400_000, "day"],
  [3_600_000, "hour"],
  [60_000, "minute"],
  [1_000, "second"],
] as const

/** `90000` ─▶ `90 seconds`: the largest unit that fits without a rest. */
export const lengthOf = (ms: number): string => {
  const [unit, name] = UNITS.find(([one]) => ms % one === 0) ?? [1, "millisecond"]
  const count = ms / unit
  return `${count} ${name}${count === 1 ? "" : "s"}`
}

const timerLine = (who: string, timer: DisappearingTimer | undefined): string =>
  timer === undefined
    ? `${who} turned disappearing messages off.`
    : `${who} set messages to disappear ${lengthOf(timer.after)} after ${timer.from}. They can still be copied or photographed.`

const noticeLine = (notice: Message["notice"], who: string): string => {
  switch (notice) {
    case "replaced":
      return `Another copy of this conversation goes on with ${who}; this one has stopped. /reclaim goes on here.`
    case "cloned":
    case "reclaimed":
      return `Two copies of this conversation were in use, yours or ${who}'s. New keys were agreed with one; the other stops.`
    default:
      return `New keys were agreed with ${who}, and the conversation goes on.`
  }
}

/** How much of a message stands for it where it is spoken of. */
const SHORT = 24
export const short = (text: string): string => {
  const line = inline(text)
  return line.length > SHORT ? `${line.slice(0, SHORT)}…` : line
}

export type Follower = ReturnType<typeof makeFollower>

/** What follows the conversation: entries as they come, and what becomes of them. Only `say` knows the terminal. */
export const makeFollower = (peer: Contact, say: (line: string) => void) => {
  const said = new Map<string, Said>()
  const places = new Map<string, string>()
  const who = ({ from }: Pick<Message, "from">) => (from === "me" ? "You" : peer.name || "They")

  const asSaid = ({ deleted, reactions, text }: Message): Said => ({
    text,
    deleted,
    reactions: reactions.map((one) => `${who(one)} ${inline(one.emoji)}`).join(", "),
  })

  const lasts: { me?: Message; them?: Message } = {}
  const know = (message: Message) => {
    const side = message.from === "me" ? "me" : "them"
    if (message.kind === "text" && (lasts[side] === undefined || lasts[side].cursor <= message.cursor))
      lasts[side] = message
    said.set(message.id, asSaid(message))
    places.set(message.cursor, message.id)
  }

  return {
    /** The last message of a side, as it is now. */
    last: (side: "me" | "them"): Message | undefined => lasts[side],
    entry: (message: Message): void => {
      know(message)
      if (message.gap > 0) say(`(${message.gap === 1 ? "1 message is" : `${message.gap} messages are`} missing here)`)
      if (message.kind === "timer") say(`(${timerLine(who(message), message.timer)})`)
      if (message.kind === "notice") say(`(${noticeLine(message.notice, peer.name || "them")})`)
      // What we typed stands on the screen already.
      if (message.kind !== "text" || message.from === "me") return
      const answered = message.replyTo === undefined ? undefined : said.get(message.replyTo)
      if (answered !== undefined) say(`  ┌ ${short(answered.text)}`)
      say(`${who(message)}: ${message.deleted ? "(deleted)" : indented(message.text)}`)
      if (message.timer) say(`  (disappears ${lengthOf(message.timer.after)} after ${message.timer.from})`)
    },
    changed: (message: Message): void => {
      const before = said.get(message.id)
      const now = asSaid(message)
      know(message)
      if (before === undefined || message.kind !== "text") return
      if (now.deleted && !before.deleted) say(`(${who(message)} deleted: ${short(before.text)})`)
      else if (now.text !== before.text && message.edited)
        say(`(${who(message)} changed: ${short(before.text)} → ${indented(now.text)})`)
      if (now.reactions !== before.reactions && !now.deleted) {
        say(`(${now.reactions === "" ? "no reaction any more" : now.reactions} to: ${short(now.text)})`)
      }
    },
    removed: (cursor: string): void => {
      const id = places.get(cursor)
      if (id === undefined) return
      places.delete(cursor)
      said.delete(id)
      for (const side of ["me", "them"] as const) if (lasts[side]?.id === id) delete lasts[side]
      // What stands on the screen cannot be taken back; the scrollback is the terminal's.
      say("(a message has disappeared; what this terminal still shows of it is not kept by Sotto)")
    },
  }
}
