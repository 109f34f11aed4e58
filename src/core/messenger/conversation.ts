/** The conversation with one contact: reading back, what changes, and how far each message has come. Writing: writing.ts. */
import * as Effect from "effect/Effect"
import { SESSION } from "../contact/machines.ts"
import { entry, indexOf, outcome, placeOf, RECORD } from "../contact/records.ts"
import type { CryptoService } from "../crypto/crypto.ts"
import { SottoError } from "../errors.ts"
import { orSottoError } from "../failures.ts"
import { isId } from "../hex.ts"
import type { Changed } from "../host/host.ts"
import { type Cell, cell, type Derived, derived } from "../observable.ts"
import type { HostId, RecordId, StoreService } from "../store.ts"
import { type ChangeListener, makeChanges } from "./changes.ts"
import { deliveryOf, sessionContext } from "./contact-view.ts"
import { messageOf } from "./message.ts"
import type { Subject } from "./subject.ts"
import { HISTORY, type Outcomes, readLast, readTimer, type Summary } from "./summary.ts"
import type { DeliveryState, DisappearingTimer, Message } from "./values.ts"
import { makeWriting, type SendOptions, type Writing } from "./writing.ts"

/** A page of history, at most. */
const MAX_PAGE = 500
/** Entries that are not read again to be told of: as many as are under way at a time, and not the long ones. */
const MAX_FRESH = 64
const MAX_FRESH_BYTES = 4_096
/** States that nobody holds any more are looked for when there are so many, and then at twice what was left. */
const FEW_STATES = 64

/** A message of ours, whose state can be watched. */
export interface Sent extends Message {
  readonly state: Derived<DeliveryState>
}

/** A conversation: what is sent, shown, watched and taken back in it. */
export interface Conversation extends Omit<Writing, "send"> {
  /** Resolves once the message is durable. */
  readonly send: (text: string, options?: SendOptions) => Effect.Effect<Sent, SottoError>
  /** Messages after ("": from the first) or before a cursor, in ascending order; the last ones where neither is given. */
  readonly page: (options: {
    readonly after?: string
    readonly before?: string
    readonly limit: number
  }) => Effect.Effect<ReadonlyArray<Message>, SottoError>
  /** The entry at a place, counted from 0. */
  readonly at: (index: number) => Effect.Effect<Message | undefined, SottoError>
  /** The message with this id, while it is there. */
  readonly find: (id: string) => Effect.Effect<Message | undefined, SottoError>
  /** Everything up to a cursor was read; `tell`: the other may know. */
  readonly markRead: (cursor: string, tell: boolean) => Effect.Effect<void, SottoError>
  /** What becomes of entries that were told of before, from now on. */
  readonly listen: () => ChangeListener
  /** How new messages of ours disappear; undefined: they stay. */
  readonly timer: Cell<DisappearingTimer | undefined>
  /** Entries so far; changes when one is added. */
  readonly length: Cell<number>
  /** The latest entry. */
  readonly last: Cell<Message | undefined>
  /** To be called after each commit of the contact's host. */
  readonly committed: (changed: Changed) => void
  /** Looks again at what it shows: the host was opened. */
  readonly refresh: Effect.Effect<void>
  /** What is to be known of it while the host is closed. */
  readonly summary: () => Summary
  /** The contact is gone. */
  readonly close: () => void
}

export const makeConversation = (options: {
  readonly subject: Subject
  readonly summary: Summary
  readonly store: StoreService
  readonly crypto: CryptoService
}): Conversation => {
  const { crypto, store, subject } = options
  const { id, shown, use } = subject
  const outcomes: Outcomes = new Map(options.summary.outcomes)
  let newest = options.summary.last
  /** Entries that were written lately: they are about to be told of. */
  const fresh = new Map<RecordId, Uint8Array>()
  const note = (record: RecordId, bytes: Uint8Array | undefined) => {
    fresh.delete(record)
    if (bytes !== undefined && bytes.length <= MAX_FRESH_BYTES) fresh.set(record, bytes)
    if (fresh.size > MAX_FRESH) fresh.delete(fresh.keys().next().value!)
  }
  /** States that somebody watches: who waits for one holds nothing but a promise, and that must not be collected with it. */
  const watched = new Map<Derived<DeliveryState>, number>()
  /** States that somebody may still hold, by number: whoever asks twice gets the same one. */
  const states = new Map<number, WeakRef<Derived<DeliveryState>>>()
  let pruneAt = FEW_STATES
  const prune = () => {
    for (const [number, ref] of states) if (ref.deref() === undefined) states.delete(number)
    pruneAt = Math.max(FEW_STATES, 2 * states.size)
  }
  const stateOf = (number: number): Derived<DeliveryState> => {
    const kept = states.get(number)?.deref()
    if (kept !== undefined) return kept
    const inner = derived(
      () => deliveryOf(shown(), number, outcomes),
      Object.is,
      (isWatched) => void (isWatched ? watched.set(state, number) : watched.delete(state)),
    )
    // Commits tell those that are watched. The others may be many, and look for themselves when they are asked.
    const looked = () => {
      if (!watched.has(state)) inner.invalidate()
      return inner
    }
    const state: Derived<DeliveryState> = {
      get: () => looked().get(),
      subscribe: (fn) => looked().subscribe(fn),
      invalidate: inner.invalidate,
    }
    states.set(number, new WeakRef(state))
    if (states.size >= pruneAt) prune()
    return state
  }

  const toMessage = (index: number, bytes: Uint8Array): Message | undefined => {
    const found = entry.decode(bytes)
    return found && messageOf(id, index, found, stateOf)
  }

  /** Why a message will not arrive: its delivery says it, or, when that is over, its record. */
  const learn = (number: number) => {
    const came = shown().host.view(`delivery/${number}`)?.context.outcome
    if (came === "expired" || came === "failed") return void outcomes.set(number, came)
    Effect.runFork(
      Effect.ignore(
        Effect.map(store.read(id, RECORD.outcome(number)), (bytes) => {
          const kept = outcome.decode(bytes ?? new Uint8Array())
          if (kept !== undefined) outcomes.set(number, kept)
          states.get(number)?.deref()?.invalidate()
        }),
      ),
    )
  }

  const indexIn = (record: string) => Number(record.slice(HISTORY.length))

  const messageIn = (row: readonly [RecordId, Uint8Array] | undefined) => row && toMessage(indexIn(row[0]), row[1])

  const length = cell(sessionContext(shown()).history)
  const last = cell<Message | undefined>(messageIn(newest))
  const timer = cell<DisappearingTimer | undefined>(options.summary.timer)

  const read = (record: RecordId) => (fresh.has(record) ? Effect.succeed(fresh.get(record)) : store.read(id, record))
  const at = (index: number) =>
    orSottoError(
      Effect.map(
        Effect.suspend(() => read(RECORD.history(index))),
        (bytes) => bytes && toMessage(index, bytes),
      ),
    )

  let shows = 0
  const show = (row: Summary["last"]) => {
    shows += 1
    newest = row
    const message = messageIn(row)
    // The same entry, unchanged, keeps its identity.
    if (JSON.stringify(message) !== JSON.stringify(last.get())) last.set(message)
  }

  const showLast = Effect.suspend(() => {
    const before = shows
    // What was shown while it was read is newer.
    return Effect.map(readLast(store, id), (row) => (shows === before ? show(row) : undefined))
  })
  const showTimer = Effect.suspend(() => Effect.map(readTimer(store, id, shown().about().role), timer.set))

  const changes = makeChanges(at)
  const writing = makeWriting({ subject, store, crypto })
  let known = sessionContext(shown()).history

  const page: Conversation["page"] = ({ after, before, limit }) =>
    Effect.gen(function* () {
      for (const cursor of [after, before]) {
        if (cursor !== undefined && cursor !== "" && indexOf(cursor) === undefined) {
          return yield* new SottoError("optionInvalid", "This cursor is not one of a message. Pass message.cursor.")
        }
      }
      const rows = yield* orSottoError(
        store.list(id, {
          prefix: HISTORY,
          limit: Math.max(0, Math.min(limit, MAX_PAGE)),
          ...(after !== undefined && after !== "" && { after: `${HISTORY}${after}` }),
          ...(before !== undefined && { before: `${HISTORY}${before}` }),
          ...(after === undefined && { fromEnd: true }),
        }),
      )
      return rows.flatMap(([record, bytes]) => toMessage(indexIn(record), bytes) ?? [])
    })

  return {
    ...writing,
    length,
    last,
    timer,
    at,
    // Whoever reads is about to write, and what was read is to be followed.
    page: (which) => use(() => page(which)),
    find: Effect.fnUntraced(function* (message) {
      if (!isId(message)) return undefined
      const place = placeOf.decode((yield* orSottoError(store.read(id, RECORD.message(message)))) ?? new Uint8Array())
      return place === undefined ? undefined : yield* at(place)
    }),
    listen: changes.listen,

    send: Effect.fnUntraced(function* (text, options = {}) {
      const { index, number } = yield* writing.send(text, options)
      const message = yield* at(index)
      if (message !== undefined) return { ...message, state: stateOf(number) }
      return yield* new SottoError("messageGone", "The message has disappeared already. Set a longer time.")
    }),

    markRead: Effect.fnUntraced(function* (cursor, tell) {
      const index = indexOf(cursor)
      if (index === undefined) {
        return yield* new SottoError("optionInvalid", "This cursor is not one of a message. Pass message.cursor.")
      }
      const upTo = yield* peerNumberAt(store, id, index)
      if (upTo === undefined || upTo <= sessionContext(shown()).userRead) return
      yield* use(({ host }) => orSottoError(host.submit({ to: SESSION, event: { type: "UserRead", upTo, tell } })))
    }, orSottoError),

    committed: ({ instances, records, written }) => {
      const touched: Array<number> = []
      let latest: RecordId | undefined
      for (const record of records) {
        if (record.startsWith("outcome/")) learn(Number(record.slice("outcome/".length)))
        if (!record.startsWith(HISTORY)) continue
        if (latest === undefined || record > latest) latest = record
        if (indexIn(record) < known) touched.push(indexIn(record))
        note(record, written.get(record))
      }
      if (records.includes(RECORD.timer)) Effect.runFork(Effect.ignore(showTimer))
      const touchesSession = instances.includes(SESSION)
      const deliveries = new Set<string>(instances)
      for (const [state, number] of watched) {
        if (touchesSession || deliveries.has(`delivery/${number}`)) state.invalidate()
      }
      changes.publish(touched)
      known = sessionContext(shown()).history
      const now = known
      const bytes = latest === undefined ? undefined : written.get(latest)
      if (latest !== undefined && bytes !== undefined && (newest === undefined || latest >= newest[0])) {
        show([latest, bytes])
        length.set(now)
      } else if (latest === undefined || newest === undefined || latest < newest[0]) length.set(now)
      else
        Effect.runFork(
          Effect.andThen(
            Effect.ignore(showLast),
            Effect.sync(() => length.set(now)),
          ),
        )
    },
    refresh: Effect.gen(function* () {
      yield* Effect.ignore(showLast)
      yield* Effect.ignore(showTimer)
      known = sessionContext(shown()).history
      length.set(known)
      for (const ref of states.values()) ref.deref()?.invalidate()
    }),
    summary: () => ({
      last: newest,
      timer: timer.get(),
      outcomes: outcomes.size === 0 ? undefined : new Map(outcomes),
    }),
    close: changes.close,
  }
}

/** One past the number of the peer's last message at or before an entry; undefined if there is none. */
const peerNumberAt = Effect.fnUntraced(function* (store: StoreService, id: HostId, index: number) {
  for (let before = RECORD.history(index + 1); ; ) {
    const rows = yield* orSottoError(store.list(id, { prefix: HISTORY, before, limit: 64, fromEnd: true }))
    for (const [, bytes] of rows.toReversed()) {
      const found = entry.decode(bytes)
      if (found?.mine === false) return found.number + 1
    }
    if (rows.length === 0) return undefined
    before = rows[0]![0]
  }
})
