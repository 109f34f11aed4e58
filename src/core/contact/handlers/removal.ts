/**
 * Taking messages out of a conversation, wholly: the entry, its indices, and every content and frame that waits and says
 * something of it. Docs: protocol.md, "Disappearing messages".
 */
import * as Effect from "effect/Effect"
import type { SessionContext } from "../../../machines/session-state.ts"
import { type Content, content, isNumbered } from "../../content.ts"
import { equal } from "../../crypto/bytes.ts"
import { toHex } from "../../hex.ts"
import type { At, Prepared, Start, Tell } from "../../host/handlers.ts"
import type { RecordId } from "../../store.ts"
import { emptied } from "../changes.ts"
import { type ContactMachines, EXPIRY, SESSION } from "../machines.ts"
import { countedFor, type Entry, entry, type Outgoing, outcome, outgoing, placeOf, RECORD } from "../records.ts"

/** `expired`: what the peer does not have yet leaves a gap there, and a line here. */
export type Why = "expired" | "deleted"

export interface Found {
  readonly index: number
  readonly entry: Entry
}

type Write = readonly [RecordId, Uint8Array]
type Mutable = { write: Array<Write>; erase: Array<RecordId>; tell: Array<Tell<ContactMachines>> }

/** The entry with this id, as the turn would leave it; undefined where it is gone or never was. */
export const findMessage = Effect.fnUntraced(function* (at: At, id: Uint8Array): Effect.fn.Return<Found | undefined> {
  const place = placeOf.decode((yield* at.read(RECORD.message(toHex(id)))) ?? new Uint8Array())
  if (place === undefined) return undefined
  const found = entry.decode((yield* at.read(RECORD.history(place))) ?? new Uint8Array())
  return found === undefined ? undefined : { index: place, entry: found }
})

/** Writes an entry with what finds it: by its id, and by the time at which it disappears. */
export const kept = (index: number, message: Entry): ReadonlyArray<Write> => [
  [RECORD.history(index), entry.encode(message)],
  ...(message.line === undefined ? [[RECORD.message(toHex(message.id)), placeOf.encode(index)] as const] : []),
  ...(message.due === undefined || message.timer === undefined
    ? []
    : [[RECORD.expiry(message.due, index), countedFor.encode(message.timer.after)] as const]),
]

/** For a turn in which something began to be counted. */
export const counting: {
  readonly start: ReadonlyArray<Start<ContactMachines>>
  readonly tell: ReadonlyArray<Tell<ContactMachines>>
} = {
  start: [{ start: EXPIRY, input: undefined }],
  tell: [{ to: EXPIRY, event: { type: "Changed" } }],
}

/** Takes whole messages out. */
export const removed = Effect.fnUntraced(function* (
  at: At,
  all: ReadonlyArray<Found>,
  why: Why,
): Effect.fn.Return<Required<Pick<Prepared<ContactMachines, never>, "write" | "erase" | "tell">>> {
  const into: Mutable = { write: [], erase: [], tell: [] }
  for (const { entry: message, index } of all) {
    into.erase.push(RECORD.history(index))
    if (message.line === undefined) into.erase.push(RECORD.message(toHex(message.id)))
    if (message.due !== undefined) into.erase.push(RECORD.expiry(message.due, index))
    if (!message.mine) into.tell.push({ to: `receipt/${message.number}`, event: { type: "Retired" } })
  }
  yield* withdraw(at, all, why, into)
  yield* forgetChanges(at, all, into)
  if (all.some(({ entry: { mine } }) => !mine)) into.tell.push({ to: SESSION, event: { type: "HistoryChanged" } })
  return into
})

/** Empties one message of ours for both sides: what the peer does not have yet, it never gets. */
export const takenBack = Effect.fnUntraced(function* (at: At, found: Found) {
  const into: Mutable = { write: [], erase: [], tell: [] }
  yield* withdraw(at, [found], "deleted", into)
  return into
})

/** What waits for the peer and says something of these messages: the messages, edits of them, reactions to them. */
const withdraw = Effect.fnUntraced(function* (at: At, all: ReadonlyArray<Found>, why: Why, into: Mutable) {
  for (const [record, bytes] of yield* at.list({ prefix: OUTGOING, limit: MAX_WAITING_LISTED })) {
    const waiting = outgoing.decode(bytes)
    const what = content.decode(waiting?.content ?? new Uint8Array())
    if (waiting === undefined || what === undefined || !isNumbered(what)) continue
    const found = all.find(({ entry: { id } }) => equal(id, about(what)))
    if (found === undefined) continue
    // The peer has it, ahead of its turn: only should they lose it would it be needed again, and it is not wanted any more.
    if ((at.contextOf(SESSION) as SessionContext).apart.includes(what.number)) {
      into.write.push([record, outgoing.encode(inPlaceOf(waiting, what, false))])
      continue
    }
    const isMessage = what.kind === "text"
    const expired = isMessage && why === "expired"
    into.write.push([record, outgoing.encode(inPlaceOf(waiting, what, expired))])
    into.erase.push(RECORD.frame(what.number))
    into.tell.push({
      to: `delivery/${what.number}`,
      event: { type: "Withdrawn", outcome: expired ? "expired" : "deleted" },
    })
    if (!expired) continue
    into.write.push([RECORD.outcome(what.number), outcome.encode("expired")])
    // Our user is told that it never arrived.
    const { due: _, timer: __, ...left } = emptied(found.entry, "expired")
    into.erase.splice(into.erase.indexOf(RECORD.history(found.index)), 1)
    into.erase.splice(into.erase.indexOf(RECORD.message(toHex(left.id))), 1)
    into.write.push([RECORD.history(found.index), entry.encode(left)])
  }
})

/** Changes of the peer that wait for their turn. */
const forgetChanges = Effect.fnUntraced(function* (at: At, all: ReadonlyArray<Found>, into: Mutable) {
  for (const [record, bytes] of yield* at.list({ prefix: INCOMING, limit: MAX_WAITING_LISTED })) {
    const what = content.decode(bytes)
    if (what === undefined || what.kind === "text") continue
    if (all.some(({ entry: { id } }) => equal(id, about(what)))) into.erase.push(record)
  }
})

/** What travels under a number instead of what stood there; a missing message is shown as a gap, a missing change is not. */
export const inPlaceOf = (
  waiting: Outgoing,
  what: { readonly id: Uint8Array; readonly number: number },
  gap: boolean,
) => {
  const { until: _, ...rest } = waiting
  const { id, number } = what
  return { ...rest, content: content.encode({ kind: gap ? "tombstone" : "void", id, number }) }
}

const NOBODY = new Uint8Array()

/** The id of the message that a content says something of, where it must not outlive the message: a deletion may. */
const about = (what: Content): Uint8Array =>
  what.kind === "text" ? what.id : what.kind === "edit" || what.kind === "reaction" ? what.target : NOBODY

const OUTGOING = "outgoing/"
const INCOMING = "incoming/"
/** More than `send` lets wait, and more than the session lets come early. */
const MAX_WAITING_LISTED = 8_192
