/**
 * The one polite voice: tells of new messages once, several in a burst as one sentence. It never tells of times, of typing, or
 * of rows that scrolled into view.
 */
import { signal } from "@preact/signals"

/** Messages that come within this many milliseconds of the first are told together. */
export const BURST = 700
/** A longer message is cut: it is read in the log, not here. */
const MAX_TEXT = 160

export interface Heard {
  readonly who: string
  readonly text: string
}

export const sentence = (burst: ReadonlyArray<Heard>): string => {
  const [first] = burst
  if (first === undefined) return ""
  if (burst.length === 1) {
    return `${first.who}: ${first.text.length > MAX_TEXT ? `${first.text.slice(0, MAX_TEXT)}…` : first.text}`
  }
  const people = new Set(burst.map((heard) => heard.who))
  return people.size === 1
    ? `${burst.length} new messages from ${first.who}`
    : `${burst.length} new messages in ${people.size} chats`
}

type Wait = (run: () => void, milliseconds: number) => unknown

export const makeAnnouncer = (say: (text: string) => void, wait: Wait) => {
  let burst: Array<Heard> = []
  const told = new Set<string>()
  return {
    /** A message. The same id is told once. */
    arrived: (id: string, heard: Heard) => {
      if (told.has(id)) return
      told.add(id)
      if (told.size > 500) told.delete(told.values().next().value as string)
      burst.push(heard)
      if (burst.length > 1) return
      wait(() => {
        const now = burst
        burst = []
        say(sentence(now))
      }, BURST)
    },
    /** Something that a person did, and that went well: "Link copied". */
    tell: say,
  }
}

export const announcement = signal("")
export const announcer = makeAnnouncer(
  (text) => {
    // The same words twice are spoken twice only if the text differs.
    announcement.value = text === announcement.value ? `${text}\u200b` : text
  },
  (run, milliseconds) => setTimeout(run, milliseconds),
)
