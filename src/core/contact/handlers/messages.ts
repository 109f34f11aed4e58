/**
 * The commands of the session that are about messages: writing them, changing them, taking in the peer's changes, counting
 * what is unread. Docs: protocol.md, "Content", "Changes" and "Disappearing messages".
 */
import * as Effect from "effect/Effect"
import { content, type Timer } from "../../content.ts"
import { equal, fromUtf8, utf8 } from "../../crypto/bytes.ts"
import { fromHex } from "../../hex.ts"
import type { At, Handlers } from "../../host/handlers.ts"
import type { Role } from "../../ids.ts"
import { type Change, changed, dueAfter, nextSetting, standing, standingTimer } from "../changes.ts"
import { type ContactMachines, EXPIRY } from "../machines.ts"
import type { Places } from "../places.ts"
import { type Entry, entry, outgoing, placeOf, RECORD, type Settings, settings } from "../records.ts"
import { must } from "./handshake-records.ts"
import { counting, findMessage, kept, removed, takenBack } from "./removal.ts"

type SessionHandlers = Handlers<ContactMachines, never, never>["session"]["prepare"]
type MessageCommand =
  | "keepMessage"
  | "keepChange"
  | "keepTimer"
  | "dropMessage"
  | "clearConversation"
  | "countUnread"
  | "settleReceipts"
  | "takeChange"
  | "takeTimer"

const HISTORY = "history/"
const INCOMING = "incoming/"
/** Unread messages are counted among this many of the last entries; nobody reads a larger number than that. */
const MAX_COUNTED = 500
const NOTHING = new Uint8Array()

/** Whether a message waits for its turn under a number before this one. */
const isWaiting = Effect.fnUntraced(function* (at: At, id: Uint8Array, before: number) {
  const waiting = yield* at.list({ prefix: INCOMING, before: RECORD.incoming(before), limit: Number.MAX_SAFE_INTEGER })
  return waiting.some(([, bytes]) => {
    const other = content.decode(bytes)
    return other?.kind === "text" && equal(other.id, id)
  })
})

/** Under which name our user's words come attached to what they wrote. */
export const draftOf = (id: string): string => `draft/${id}`

export const messageHandlers = (role: Role, places: Places): Pick<SessionHandlers, MessageCommand> => ({
  keepMessage: Effect.fnUntraced(function* ({ at: time, id, index, lifetime, number, replyTo }, at) {
    const words = yield* wordsOf(at, id)
    const timer = standingTimer(yield* settingsAt(at), role)
    const message = {
      id: fromHex(id),
      number,
      at: time,
      text: words,
      ...(replyTo !== null && { replyTo: fromHex(replyTo) }),
      ...(timer && { timer }),
    }
    const waiting = {
      content: content.encode({ kind: "text", ...message }),
      index,
      weight: utf8(words).length,
      ...(lifetime !== null && { until: time + lifetime }),
    }
    const isCounted = timer?.from === "sending"
    const due = isCounted ? { due: dueAfter(time, timer) } : {}
    places.give(id, { number, index })
    return {
      write: [
        ...kept(index, { ...message, ...due, mine: true, gap: 0 }),
        [RECORD.outgoing(number), outgoing.encode(waiting)],
      ],
      ...(isCounted && counting),
    }
  }),

  keepChange: Effect.fnUntraced(function* ({ change: kind, id, number, target }, at) {
    const found = yield* findMessage(at, fromHex(target))
    const same = { id: fromHex(id), number }
    const words = kind === "deletion" ? "" : yield* wordsOf(at, id)
    const weight = kind === "edit" ? utf8(words).length : 0
    const change = changeOf(kind, { ...same, target: fromHex(target) }, words)
    const next = found && changed(found.entry, change, "me")
    // The number is given; what has nothing to say is said to nobody.
    if (found === undefined || next === undefined) {
      const nothing = { content: content.encode({ kind: "void", ...same }), weight }
      return { write: [[RECORD.outgoing(number), outgoing.encode(nothing)]] }
    }
    places.give(id, { number, index: found.index })
    const taken = kind === "deletion" ? yield* takenBack(at, found) : { write: [], erase: [], tell: [] }
    return {
      write: [
        ...taken.write,
        ...kept(found.index, next),
        [RECORD.outgoing(number), outgoing.encode({ content: content.encode(change), weight })],
      ],
      erase: taken.erase,
      tell: taken.tell,
    }
  }),

  keepTimer: Effect.fnUntraced(function* ({ at: time, id, index, number }, at) {
    const known = yield* settingsAt(at)
    const setting = nextSetting(known, timerIn(yield* wordsOf(at, id)))
    const said = { id: fromHex(id), number, at: time, ...(setting.timer && { timer: setting.timer }) }
    places.give(id, { number, index })
    return {
      write: [
        [RECORD.timer, settings.encode({ ...known, mine: setting })],
        [RECORD.history(index), entry.encode({ ...said, mine: true, text: "", gap: 0, line: "timer" })],
        [
          RECORD.outgoing(number),
          outgoing.encode({
            content: content.encode({ kind: "timer", ...said, own: setting.own, seen: setting.seen }),
          }),
        ],
      ],
    }
  }),

  dropMessage: Effect.fnUntraced(function* ({ id }, at) {
    const found = yield* findMessage(at, fromHex(id))
    return found === undefined ? {} : yield* removed(at, [found], "deleted")
  }),

  clearConversation: ({ index }) =>
    Effect.succeed({
      write: [[RECORD.cleared, placeOf.encode(index)]],
      start: counting.start,
      tell: [{ to: EXPIRY, event: { type: "Cleared" } }],
    }),

  takeChange: Effect.fnUntraced(function* ({ number, placed }, at) {
    const erase = [RECORD.incoming(number)]
    const change = content.decode((yield* at.read(RECORD.incoming(number))) ?? NOTHING)
    if (change === undefined || !("target" in change)) return { erase }
    const found = yield* findMessage(at, change.target)
    // Its message waited as well, and its turn came in this same step: the receipt gives it its place, and then this comes again.
    if (found === undefined && !placed && (yield* isWaiting(at, change.target, number))) {
      return { events: [{ type: "TargetPlaced", number }] }
    }
    const next = found && changed(found.entry, change, "peer")
    return { erase, ...(next && { write: kept(found.index, next) }) }
  }),

  takeTimer: Effect.fnUntraced(function* ({ as, index, number }, at) {
    const erase = [RECORD.incoming(number)]
    const said = content.decode((yield* at.read(RECORD.incoming(number))) ?? NOTHING)
    if (said?.kind !== "timer") return { erase }
    const { at: time, id, own, seen, timer } = said
    const theirs = { own, seen, ...(timer && { timer }) }
    const known: Settings = { ...(yield* settingsAt(at)), theirs }
    const line: Entry = {
      mine: false,
      id,
      number: as,
      at: time,
      text: "",
      gap: 0,
      line: "timer",
      ...(timer && { timer }),
    }
    // The line that stands last says what holds: a setting that gave way to ours is not told.
    const holds = standing(known, role) === theirs
    return {
      erase,
      write: [
        [RECORD.timer, settings.encode(known)],
        ...(holds ? [[RECORD.history(index), entry.encode(line)] as const] : []),
      ],
    }
  }),

  countUnread: Effect.fnUntraced(function* ({ upTo }, at) {
    return { events: [{ type: "UnreadCounted", unread: yield* unread(at, upTo) }] }
  }),

  settleReceipts: Effect.fnUntraced(function* ({ from, upTo }, at) {
    const write: Array<readonly [string, Uint8Array]> = []
    for (const [index, message] of yield* newlyRead(at, from, upTo)) {
      if (message.line !== undefined || message.timer?.from !== "reading" || message.due !== undefined) continue
      write.push(...kept(index, { ...message, due: dueAfter(at.now, message.timer) }))
    }
    const read = at
      .alive("receipt")
      .map(Number)
      .filter((number) => number < upTo)
    return {
      write,
      events: [{ type: "UnreadCounted", unread: yield* unread(at, upTo) }],
      ...(write.length > 0 && { start: counting.start }),
      tell: [
        ...read.map((number) => ({ to: `receipt/${number}` as const, event: { type: "UserRead" as const } })),
        ...(write.length > 0 ? counting.tell : []),
      ],
    }
  }),
})

const settingsAt = Effect.fnUntraced(function* (at: At) {
  return settings.decode((yield* at.read(RECORD.timer)) ?? NOTHING) ?? {}
})

const wordsOf = Effect.fnUntraced(function* (at: At, id: string) {
  return must(fromUtf8(must(yield* at.read(draftOf(id)), draftOf(id))), draftOf(id))
})

/** A timer as it comes attached: `86400000 reading`, or nothing. */
export const timerText = (timer: Timer | undefined): string =>
  timer === undefined ? "" : `${timer.after} ${timer.from}`
const timerIn = (text: string): Timer | undefined => {
  const [after = "", from] = text.split(" ")
  return from === undefined ? undefined : { after: Number(after), from: from as Timer["from"] }
}

const changeOf = (
  kind: Change["kind"],
  fields: { readonly id: Uint8Array; readonly number: number; readonly target: Uint8Array },
  words: string,
): Change =>
  kind === "edit"
    ? { kind, ...fields, text: words }
    : kind === "deletion"
      ? { kind, ...fields }
      : { kind, ...fields, ...(words !== "" && { emoji: words }) }

const unread = Effect.fnUntraced(function* (at: At, upTo: number) {
  const rows = yield* at.list({ prefix: HISTORY, limit: MAX_COUNTED, fromEnd: true })
  return rows.filter(([, bytes]) => {
    const found = entry.decode(bytes)
    return found !== undefined && !found.mine && found.line === undefined && found.number >= upTo
  }).length
})

const PAGE = 128

/** The peer's messages from one number to another, which were not read before. */
const newlyRead = Effect.fnUntraced(function* (at: At, from: number, upTo: number) {
  const found: Array<readonly [number, Entry]> = []
  for (let before: string | undefined; ; ) {
    const rows = yield* at.list({ prefix: HISTORY, limit: PAGE, fromEnd: true, ...(before && { before }) })
    for (const [record, bytes] of [...rows].reverse()) {
      const message = entry.decode(bytes)
      if (message === undefined || message.mine) continue
      if (message.number < from) return found
      if (message.number < upTo) found.push([Number(record.slice(HISTORY.length)), message])
    }
    if (rows.length < PAGE) return found
    before = rows[0]![0]
  }
})
