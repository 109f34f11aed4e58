/**
 * Recording what happens inside a messenger, for a bug report: `record(me)` from now on, `text()` to a file, `sotto inspect FILE`
 * to step through it. Docs: docs/recordings.md.
 */

import { decodeFrame } from "./core/frame.ts"
import type { MessengerEvent } from "./core/messenger/values.ts"
import type { Messenger } from "./face.ts"
import { headLine, lineOf, type RecordedLine, shortened, variablesOf } from "./spec/recording/recording.ts"

/** What is recorded, and how much of it. */
export interface RecordOptions {
  /** Whether texts that arrive are recorded. Default: false, and then no text is. */
  readonly texts?: boolean
  /** How many lines are kept, the latest. Default: 20,000, some megabytes. */
  readonly keep?: number
}

/** A recording under way. */
export interface Recorder {
  /** The recording so far: lines of JSON. */
  readonly text: () => string
  /** Ends it. What was recorded stays. */
  readonly stop: () => void
}

const KEPT = 20_000
/** Frames whose bytes are kept, the latest: a megabyte or two. Of the others there is the kind and the length. */
const KEPT_FRAMES = 200
/** What anybody who carries it sees is noise. The others hold public keys, names of secrets and addresses. */
const SEALED = new Set(["sealed", "confirm", "fragment"])

/**
 * Records every transition of every machine, every frame and every event from now on, without keys, names, contact ids and, unless
 * asked for, texts. Of frames the latest 200 sealed ones are kept as they are. Contacts are numbered as they come. It costs some microseconds a transition, and the memory of what is kept.
 */
export const record = (
  me: Pick<Messenger, "inspect" | "inspectFrames" | "events">,
  options: RecordOptions = {},
): Recorder => {
  const { keep = KEPT, texts = false } = options
  const lines: Array<string> = []
  /** Lines with bytes, by how many there were before them, and what is to stand there later. */
  const whole: Array<{ readonly number: number; readonly bare: string }> = []
  const contacts = new Map<string, number>([["", 0]])
  let dropped = 0
  let start: number | undefined
  let last = 0
  let recording = true

  const numberOf = (contact: string): number => {
    const known = contacts.get(contact) ?? contacts.size
    contacts.set(contact, known)
    return known
  }
  const write = (line: RecordedLine) => {
    const text = lineOf(line)
    if (text === undefined) return
    if ("bytes" in line) {
      const { bytes: _, ...bare } = line
      whole.push({ number: dropped + lines.length, bare: lineOf(bare) ?? "" })
      const oldest = whole.length > KEPT_FRAMES ? whole.shift() : undefined
      if (oldest !== undefined && oldest.number >= dropped) lines[oldest.number - dropped] = oldest.bare
    }
    lines.push(text)
    // In blocks, for taking one off the front moves all the others.
    if (lines.length < 2 * keep) return
    dropped += lines.length - keep
    lines.splice(0, lines.length - keep)
  }
  /** A clock may be set back; a recording goes forward. */
  const timeOf = (at: number): number => {
    start ??= at
    last = Math.max(last, Math.floor(at - start))
    return last
  }

  const unsubscribe = me.inspect(({ at, commands, contact, context, event, from, id, to }) => {
    if (!recording) return
    write({
      at: timeOf(at),
      contact: numberOf(contact),
      id,
      event,
      ...(from !== undefined && { from }),
      to,
      commands: [...commands],
      context: variablesOf(context),
    })
  })
  const ignoreFrames = me.inspectFrames(({ at, bytes, contact, way }) => {
    if (!recording) return
    const kind = decodeFrame(bytes)?.kind ?? "unreadable"
    const frame = { at: timeOf(at), contact: numberOf(contact), way, kind, length: bytes.length }
    write(SEALED.has(kind) ? { ...frame, bytes: new Uint8Array(bytes) } : frame)
  })
  const events = me.events[Symbol.asyncIterator]()
  void (async () => {
    for (let next = await events.next(); next.done !== true && recording; next = await events.next()) {
      write(newsOf(next.value, last, numberOf, texts))
    }
  })()

  return {
    text: () => {
      const left = Math.max(0, lines.length - keep)
      return [headLine({ texts, dropped: dropped + left }), ...lines.slice(left), ""].join("\n")
    },
    stop: () => {
      recording = false
      unsubscribe()
      ignoreFrames()
      void events.return?.()
    },
  }
}

/** Its name and whose it is; nothing else of an event is for others. */
const newsOf = (
  event: MessengerEvent,
  at: number,
  numberOf: (contact: string) => number,
  texts: boolean,
): RecordedLine => ({
  at,
  contact: "contact" in event ? numberOf(event.contact) : 0,
  news: "reason" in event ? `${event.type}:${event.reason}` : event.type,
  ...(texts && event.type === "messageArrived" && { text: shortened(event.message.text) }),
})
