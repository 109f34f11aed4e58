/** The commands of the expiry: when the next message is due, and erasing what is. Docs: protocol.md, "Disappearing messages". */
import * as Effect from "effect/Effect"
import { content, MAX_TIME } from "../../content.ts"
import { equal } from "../../crypto/bytes.ts"
import type { At, Handlers } from "../../host/handlers.ts"
import { type RecordId, Store } from "../../store.ts"
import type { ContactMachines } from "../machines.ts"
import { countedFor, entry, moment, placeOf, RECORD } from "../records.ts"
import { type Found, removed } from "./removal.ts"

/** Messages that one commit takes out; the next commit follows at once. */
const MAX_ERASED = 64
/** As many are looked through when the clock was set back. */
const MAX_COUNTED = 100_000
const EXPIRY = "expiry/"
const HISTORY = "history/"
const INCOMING = "incoming/"

export const expiryHandlers: Handlers<ContactMachines, never, Store>["expiry"] = {
  prepare: {
    plan: Effect.fnUntraced(function* (_, at) {
      const set = yield* setClock(at)
      if (set !== undefined) return { ...set, events: [{ type: "Planned", pause: 0 }] }
      const planned = { type: "Planned", pause: yield* pause(at, new Set()) } as const
      return { write: [[RECORD.clock, moment.encode(at.now)]], events: [planned] }
    }),

    eraseDue: Effect.fnUntraced(function* (_, at) {
      const set = yield* setClock(at)
      // What was counted by another clock is due at other times: these are written first.
      if (set !== undefined) return { ...set, events: [{ type: "Planned", pause: 0 }] }
      const cleared = yield* clearedRows(at)
      const due = cleared.rows.length < MAX_ERASED ? yield* dueRows(at) : { found: [], erase: [] }
      const { erase, tell, write } = yield* removed(at, due.found, "expired")
      const clearing = yield* removed(at, cleared.rows, "deleted")
      const early = yield* earlyDue(at)
      const erased = [...erase, ...clearing.erase, ...due.erase, ...early, ...cleared.erase]
      return {
        write: [...write, ...clearing.write, [RECORD.clock, moment.encode(at.now)]],
        erase: erased,
        tell: [...tell, ...clearing.tell],
        events: [{ type: "Planned", pause: yield* pause(at, new Set(erased)) }],
      }
    }),
  },
  perform: {
    // What cannot be done now is done by the storage in its own time.
    scrub: () => Effect.as(Effect.ignore(Store.use((store) => store.scrub ?? Effect.void)), []),
  },
}

/** Milliseconds until there is something to erase, when these records are gone; null: never. */
const pause = Effect.fnUntraced(function* (at: At, erased: ReadonlySet<RecordId>): Effect.fn.Return<number | null> {
  if (!erased.has(RECORD.cleared) && (yield* at.read(RECORD.cleared)) !== undefined) return 0
  const rows = yield* at.list({ prefix: EXPIRY, limit: 2 * MAX_ERASED + 1 })
  const next = rows.find(([record]) => !erased.has(record))
  const early = (yield* earlyTexts(at)).filter(({ record }) => !erased.has(record)).map(({ due }) => due)
  const first = Math.min(...early, next === undefined ? Number.POSITIVE_INFINITY : dueIn(next[0]))
  return Number.isFinite(first) ? Math.max(0, first - at.now) : null
})

const dueIn = (record: RecordId): number => Number(record.split("/")[1])
const indexIn = (record: RecordId): number => Number(record.split("/").at(-1))

/** Texts of the peer that are not shown yet, because one before them is missing, and are counted from their sending. */
const earlyTexts = Effect.fnUntraced(function* (at: At) {
  const rows = yield* at.list({ prefix: INCOMING, limit: MAX_COUNTED })
  return rows.flatMap(([record, bytes]) => {
    const text = content.decode(bytes)
    if (text?.kind !== "text" || text.timer?.from !== "sending") return []
    return [{ record, text, id: text.id, due: Math.min(text.at + text.timer.after, MAX_TIME) }]
  })
})

/** Those of them that are due, with the changes to them that wait as well. */
const earlyDue = Effect.fnUntraced(function* (at: At): Effect.fn.Return<ReadonlyArray<RecordId>> {
  const due = (yield* earlyTexts(at)).filter((one) => one.due <= at.now)
  if (due.length === 0) return []
  const changes = (yield* at.list({ prefix: INCOMING, limit: MAX_COUNTED })).filter(([, bytes]) => {
    const change = content.decode(bytes)
    return change !== undefined && "target" in change && due.some(({ id }) => equal(id, change.target))
  })
  return [...due.map(({ record }) => record), ...changes.map(([record]) => record)]
})

const dueRows = Effect.fnUntraced(function* (at: At) {
  const erase: Array<RecordId> = []
  const found: Array<Found> = []
  for (const [record] of yield* at.list({ prefix: EXPIRY, limit: MAX_ERASED, before: RECORD.expiry(at.now + 1) })) {
    erase.push(record)
    const index = indexIn(record)
    const message = entry.decode((yield* at.read(RECORD.history(index))) ?? new Uint8Array())
    if (message !== undefined) found.push({ index, entry: message })
  }
  return { found, erase }
})

/** What is before the place up to which our user wanted nothing any more. */
const clearedRows = Effect.fnUntraced(function* (at: At) {
  const upTo = placeOf.decode((yield* at.read(RECORD.cleared)) ?? new Uint8Array())
  if (upTo === undefined) return { rows: [], erase: [] }
  const rows = yield* at.list({ prefix: HISTORY, before: RECORD.history(upTo), limit: MAX_ERASED })
  const found = rows.flatMap(([record, bytes]) => {
    const message = entry.decode(bytes)
    return message === undefined ? [] : [{ index: indexIn(record), entry: message }]
  })
  return { rows: found, erase: rows.length < MAX_ERASED ? [RECORD.cleared] : [] }
})

/**
 * A clock that was set back would let everything stay longer than it was meant to: what is counted then begins anew, so that
 * nothing stays longer than its timer from any moment at which somebody looked. Undefined: the clock goes forward.
 */
const setClock = Effect.fnUntraced(function* (at: At) {
  const latest = moment.decode((yield* at.read(RECORD.clock)) ?? new Uint8Array())
  if (latest === undefined || at.now >= latest) return undefined
  const write: Array<readonly [RecordId, Uint8Array]> = [[RECORD.clock, moment.encode(at.now)]]
  const erase: Array<RecordId> = []
  for (const [record, bytes] of yield* at.list({ prefix: EXPIRY, limit: MAX_COUNTED })) {
    const after = countedFor.decode(bytes)
    if (after === undefined || dueIn(record) <= at.now + after) continue
    const index = indexIn(record)
    const due = at.now + after
    erase.push(record)
    const message = entry.decode((yield* at.read(RECORD.history(index))) ?? new Uint8Array())
    if (message === undefined) continue
    write.push([RECORD.history(index), entry.encode({ ...message, due })], [RECORD.expiry(due, index), bytes])
  }
  for (const { due, record, text } of yield* earlyTexts(at)) {
    if (due > at.now + text.timer!.after) write.push([record, content.encode({ ...text, at: at.now })])
  }
  return { write, erase }
})
