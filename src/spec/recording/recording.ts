/**
 * A recording of a live peer: what `me.inspect` told of, as lines of JSON that a person can read before sending them to somebody.
 * Contacts are numbers, times are counted from the first line; no key, no name and, unless it was asked for, no text is in it.
 * Reading never throws and is bounded, since a recording comes from anybody. Docs: recordings.md.
 */
import type { StateValue } from "xstate"
import { fromBase64url, toBase64url } from "../../core/crypto/bytes.ts"

/** Raised whenever a line would mean something else than before. */
export const RECORDING_VERSION = 1
/** A recording of that many lines has a day of a busy conversation in it. */
export const MAX_LINES = 200_000
/** In UTF-16 units; a line has a few hundred, one with a frame up to this. */
const MAX_LINE = 24_576
/** Of a frame on a link. */
const MAX_FRAME = 16_384
/** Variables of a machine; none has nearly so many. */
const MAX_VARIABLES = 64
/** All of it, in UTF-16 units. */
export const MAX_RECORDING = 64 * 1024 * 1024
/** No machine comes near it. */
const MAX_DEPTH = 8
const MAX_COMMANDS = 64
const MAX_CONTACT = 100_000
const MAX_TIME = 100 * 365 * 86_400_000
/** Of machines, instances, states, events and commands. */
const NAME = /^[\w./:*-]{1,128}$/

/** The first line. */
export interface RecordingHead {
  readonly recording: "sotto"
  readonly version: number
  /** Whether texts were asked for. */
  readonly texts: boolean
  /** Lines that were left out before the first one, because only so many are kept. */
  readonly dropped: number
}

/** A machine took a step. `contact` 0 is nobody: the vault. */
export interface RecordedStep {
  /** Milliseconds since the first line. */
  readonly at: number
  readonly contact: number
  readonly id: string
  readonly event: string
  /** Absent: it began. */
  readonly from?: StateValue
  readonly to: StateValue
  readonly commands: ReadonlyArray<string>
  /** What the machine remembers then: counters and names of its own. What is longer than a word stands as "…". */
  readonly context?: Variables
}

/** Numbers, yes and no, words; lists say how many they have. */
export type Variables = Readonly<Record<string, number | boolean | string | null>>

/** A frame left or came. */
export interface RecordedFrame {
  readonly at: number
  readonly contact: number
  readonly way: "out" | "in"
  /** Its kind, as protocol.md names it. */
  readonly kind: string
  /** In bytes. */
  readonly length: number
  /** Of the latest ones that are sealed: all of it. */
  readonly bytes?: Uint8Array
}

/** The application was told of something. */
export interface RecordedNews {
  readonly at: number
  readonly contact: number
  readonly news: string
  /** Of a message that arrived, where texts were asked for. */
  readonly text?: string
}

export type RecordedLine = RecordedStep | RecordedNews | RecordedFrame

export interface Recording {
  readonly head: RecordingHead
  readonly lines: ReadonlyArray<RecordedLine>
  /** Whether it breaks off in the middle of a line. */
  readonly truncated: boolean
}

/** Why it is none, for a person. */
export interface NoRecording {
  readonly problem: string
}

export const headLine = (options: { readonly texts: boolean; readonly dropped: number }): string =>
  JSON.stringify({ recording: "sotto", version: RECORDING_VERSION, ...options } satisfies RecordingHead)

/** Undefined where it would not be read again: then there is a defect somewhere, and nothing is better than half a line. */
export const lineOf = (line: RecordedLine): string | undefined => {
  const written = "bytes" in line && line.bytes !== undefined ? { ...line, bytes: toBase64url(line.bytes) } : line
  const text = JSON.stringify(written)
  return lineIn(text) === undefined ? undefined : text
}

/** Cut where a line would be too long. */
export const shortened = (text: string): string => {
  const cut = text.slice(0, MAX_TEXT)
  return cut.length < text.length ? `${cut}…` : cut
}
/** A character is six of JSON at most. */
const MAX_TEXT = 1_024

/** The whole of it, as far as it goes. */
export const readRecording = (text: string): Recording | NoRecording => {
  if (text.length > MAX_RECORDING) return { problem: `It is larger than ${MAX_RECORDING / 1_048_576} MiB.` }
  const all = text.split("\n", MAX_LINES + 2)
  if (all.length > MAX_LINES + 1) return { problem: `It has more than ${MAX_LINES} lines.` }
  const head = headIn(all[0] ?? "")
  if ("problem" in head) return head
  const lines: Array<RecordedLine> = []
  let truncated = false
  for (let i = 1; i < all.length; i++) {
    const one = all[i]!.trimEnd()
    const isLast = i === all.length - 1
    if (one === "") continue
    const line = lineIn(one)
    if (line === undefined) {
      // A process that died has left a part of its last line, and no line's end.
      if (!isLast || isJson(one)) return { problem: `Line ${i + 1} is no line of a recording.` }
      truncated = true
    } else if (line.at < (lines.at(-1)?.at ?? 0)) return { problem: `Line ${i + 1} is earlier than the one before it.` }
    else lines.push(line)
  }
  return { head, lines, truncated }
}

const headIn = (text: string): RecordingHead | NoRecording => {
  const found = parsed(text)
  if (!isObject(found) || found["recording"] !== "sotto") {
    return { problem: "It is not a recording of Sotto: its first line does not say so." }
  }
  const { dropped, texts, version } = found
  if (version !== RECORDING_VERSION) {
    return {
      problem: `It is a recording of version ${isCount(version, 1_000_000) ? version : "?"}; this reads ${RECORDING_VERSION}.`,
    }
  }
  if (typeof texts !== "boolean" || !isCount(dropped, Number.MAX_SAFE_INTEGER)) {
    return { problem: "The first line of the recording is damaged." }
  }
  return { recording: "sotto", version, texts, dropped }
}

const lineIn = (text: string): RecordedLine | undefined => {
  const found = parsed(text)
  if (!isObject(found)) return undefined
  const { at, commands, contact, event, from, id, news, text: said, to, way } = found
  if (!isCount(at, MAX_TIME) || !isCount(contact, MAX_CONTACT)) return undefined
  if (way !== undefined) return frameIn(found, at, contact)
  if (news !== undefined) {
    if (!isName(news) || !(said === undefined || typeof said === "string")) return undefined
    return { at, contact, news, ...(said !== undefined && { text: said }) }
  }
  const state = stateIn(to)
  const before = from === undefined ? undefined : stateIn(from)
  if (!isName(id) || !isName(event) || state === undefined || (from !== undefined && before === undefined))
    return undefined
  if (!Array.isArray(commands) || commands.length > MAX_COMMANDS || !commands.every(isName)) return undefined
  const context = found["context"] === undefined ? undefined : variablesIn(found["context"])
  if (found["context"] !== undefined && context === undefined) return undefined
  const more = { ...(before !== undefined && { from: before }), ...(context !== undefined && { context }) }
  return { at, contact, id, event, to: state, commands, ...more }
}

const frameIn = (
  { bytes, kind, length, way }: Readonly<Record<string, unknown>>,
  at: number,
  contact: number,
): RecordedFrame | undefined => {
  if ((way !== "out" && way !== "in") || !isName(kind) || !isCount(length, MAX_FRAME)) return undefined
  if (bytes === undefined) return { at, contact, way, kind, length }
  const found = typeof bytes === "string" ? fromBase64url(bytes) : undefined
  return found?.length === length ? { at, contact, way, kind, length, bytes: found } : undefined
}

/** Words are short, so that no key, name or text passes for one. */
const WORD = /^[a-z][a-zA-Z]{0,23}$/
const LEFT_OUT = "…"

/** Of a machine's context, what may be told to anybody. */
export const variablesOf = (context: unknown): Variables => {
  const told: Record<string, Variables[string]> = {}
  for (const [name, value] of isObject(context) ? Object.entries(context).slice(0, MAX_VARIABLES) : [])
    if (NAME.test(name) && name !== "__proto__") told[name] = variable(value)
  return told
}

const variable = (value: unknown): Variables[string] => {
  if (value === null || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value)))
    return value
  if (typeof value === "string") return WORD.test(value) ? value : LEFT_OUT
  return Array.isArray(value) ? value.length : LEFT_OUT
}

/** Undefined where it is not what `variablesOf` makes. */
const variablesIn = (value: unknown): Variables | undefined => {
  if (!isObject(value)) return undefined
  const told = variablesOf(value)
  const names = Object.keys(value)
  return names.length <= MAX_VARIABLES && names.every((name) => Object.is(told[name], value[name])) ? told : undefined
}

const parsed = (text: string): unknown => {
  if (text.length > MAX_LINE) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isJson = (text: string): boolean => parsed(text) !== undefined
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
const isName = (value: unknown): value is string => typeof value === "string" && NAME.test(value)
const isCount = (value: unknown, most: number): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= most

/** A copy with names only, so that no key of an object means anything to JavaScript; undefined where it is no state. */
const stateIn = (value: unknown, depth = MAX_DEPTH): StateValue | undefined => {
  if (typeof value === "string") return NAME.test(value) ? value : undefined
  if (!isObject(value) || depth === 0) return undefined
  const inner: Record<string, StateValue> = {}
  for (const [name, below] of Object.entries(value)) {
    const state = NAME.test(name) && name !== "__proto__" ? stateIn(below, depth - 1) : undefined
    if (state === undefined) return undefined
    inner[name] = state
  }
  return inner
}
