/** The conversation with one contact: reading back, what changes, and how far each message has come. Writing: writing.ts. */
import * as Effect from "effect/Effect"
import type { Scope } from "effect/Scope"
import { standingTimer } from "../contact/changes.ts"
import type { LiveContact } from "../contact/contact.ts"
import { SESSION } from "../contact/machines.ts"
import { entry, indexOf, outcome, placeOf, RECORD, settings } from "../contact/records.ts"
import type { CryptoService } from "../crypto/crypto.ts"
import { SottoError } from "../errors.ts"
import { isId } from "../hex.ts"
import type { Changed } from "../host/host.ts"
import { type Cell, cell, type Derived, derived } from "../observable.ts"
import type { StoreService } from "../store.ts"
import { type ChangeListener, makeChanges } from "./changes.ts"
import { deliveryOf, sessionContext } from "./contact-view.ts"
import { orSottoError } from "./failures.ts"
import { messageOf } from "./message.ts"
import type { DeliveryState, DisappearingTimer, Message } from "./values.ts"
import { makeWriting, type SendOptions, type Writing } from "./writing.ts"

/** A page of history, at most. */
const MAX_PAGE = 500
const PREFIX = "history/"

/** A message of ours, whose state can be watched. */
export interface Sent extends Message {
  readonly state: Derived<DeliveryState>
}

export interface Conversation extends Omit<Writing, "send"> {
  /** Resolves once the message is durable. */
  readonly send: (text: string, options?: SendOptions) => Effect.Effect<Sent, SottoError>
  /** Messages after ("": from the first) or before a cursor, in ascending order; the last ones where neither is given. */
  readonly page: (options: {
    readonly after?: string
    readonly before?: string
    readonly limit: number
  }) => Effect.Effect<ReadonlyArray<Message>, SottoError>
  readonly at: (index: number) => Effect.Effect<Message | undefined, SottoError>
  /** The message with this id, while it is there. */
  readonly find: (id: string) => Effect.Effect<Message | undefined, SottoError>
  readonly markRead: (cursor: string, tell: boolean) => Effect.Effect<void, SottoError>
  /** What becomes of entries that were told of before, from now on. */
  readonly listen: () => ChangeListener
  /** How new messages of ours disappear; undefined: they stay. */
  readonly timer: Cell<DisappearingTimer | undefined>
  /** Entries so far; changes when one is added. */
  readonly length: Cell<number>
  readonly last: Cell<Message | undefined>
  /** To be called after each commit of the contact's host. */
  readonly committed: (changed: Changed) => void
}

export const makeConversation = Effect.fnUntraced(function* (options: {
  readonly live: LiveContact
  readonly store: StoreService
  readonly crypto: CryptoService
}): Effect.fn.Return<Conversation, SottoError, Scope> {
  const { crypto, live, store } = options
  const outcomes = new Map<number, "failed" | "expired">()
  for (const [record, bytes] of yield* orSottoError(
    store.list(live.id, { prefix: "outcome/", limit: Number.MAX_SAFE_INTEGER }),
  )) {
    const came = outcome.decode(bytes)
    if (came !== undefined) outcomes.set(Number(record.slice("outcome/".length)), came)
  }
  /** States that somebody watches: who waits for one holds nothing but a promise, and that must not be collected with it. */
  const watched = new Set<Derived<DeliveryState>>()
  /** States that somebody may still hold, by number. */
  const states = new Map<number, WeakRef<Derived<DeliveryState>>>()
  const stateOf = (number: number): Derived<DeliveryState> => {
    const kept = states.get(number)?.deref()
    if (kept !== undefined) return kept
    const state: Derived<DeliveryState> = derived(
      () => deliveryOf(live, number, outcomes),
      Object.is,
      (isWatched) => void (isWatched ? watched.add(state) : watched.delete(state)),
    )
    states.set(number, new WeakRef(state))
    return state
  }

  const toMessage = (index: number, bytes: Uint8Array): Message | undefined => {
    const found = entry.decode(bytes)
    return found && messageOf(live.id, index, found, stateOf)
  }

  /** Why a message will not arrive: its delivery says it, or, when that is over, its record. */
  const learn = (number: number) => {
    const came = live.host.view(`delivery/${number}`)?.context.outcome
    if (came === "expired" || came === "failed") return void outcomes.set(number, came)
    Effect.runFork(
      Effect.ignore(
        Effect.map(store.read(live.id, RECORD.outcome(number)), (bytes) => {
          const kept = outcome.decode(bytes ?? new Uint8Array())
          if (kept !== undefined) outcomes.set(number, kept)
          states.get(number)?.deref()?.invalidate()
        }),
      ),
    )
  }

  const indexIn = (record: string) => Number(record.slice(PREFIX.length))

  const length = cell(sessionContext(live).history)
  const last = cell<Message | undefined>(undefined)

  const at = (index: number) =>
    orSottoError(
      Effect.map(store.read(live.id, RECORD.history(index)), (bytes) =>
        bytes === undefined ? undefined : toMessage(index, bytes),
      ),
    )

  const showLast = Effect.suspend(() =>
    Effect.map(page({ limit: 1 }), (found) => {
      const [newest] = found
      // The same entry, unchanged, keeps its identity.
      if (JSON.stringify(newest) !== JSON.stringify(last.get())) last.set(newest)
    }),
  )

  const timer = cell<DisappearingTimer | undefined>(undefined)
  const showTimer = Effect.map(orSottoError(store.read(live.id, RECORD.timer)), (bytes) =>
    timer.set(standingTimer(settings.decode(bytes ?? new Uint8Array()) ?? {}, live.about().role)),
  )

  const changes = makeChanges(at)
  const writing = makeWriting({ live, store, crypto })
  let known = sessionContext(live).history

  const page: Conversation["page"] = ({ after, before, limit }) =>
    Effect.gen(function* () {
      for (const cursor of [after, before]) {
        if (cursor !== undefined && cursor !== "" && indexOf(cursor) === undefined) {
          return yield* new SottoError("optionInvalid", "This cursor is not one of a message. Pass message.cursor.")
        }
      }
      const rows = yield* orSottoError(
        store.list(live.id, {
          prefix: PREFIX,
          limit: Math.max(0, Math.min(limit, MAX_PAGE)),
          ...(after !== undefined && after !== "" && { after: `${PREFIX}${after}` }),
          ...(before !== undefined && { before: `${PREFIX}${before}` }),
          ...(after === undefined && { fromEnd: true }),
        }),
      )
      return rows.flatMap(([record, bytes]) => toMessage(indexIn(record), bytes) ?? [])
    })

  yield* showLast
  yield* showTimer
  yield* Effect.forkScoped(Effect.andThen(live.ended, Effect.sync(changes.close)))

  return {
    ...writing,
    length,
    last,
    timer,
    at,
    page,
    find: Effect.fnUntraced(function* (id) {
      if (!isId(id)) return undefined
      const place = placeOf.decode((yield* orSottoError(store.read(live.id, RECORD.message(id)))) ?? new Uint8Array())
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
      const upTo = yield* peerNumberAt(store, live, index)
      if (upTo === undefined) return
      if (upTo <= sessionContext(live).userRead) return
      yield* orSottoError(live.host.submit({ to: SESSION, event: { type: "UserRead", upTo, tell } }))
    }, orSottoError),

    committed: ({ instances, records }) => {
      const touched: Array<number> = []
      let touchesLast = false
      for (const record of records) {
        if (record.startsWith("outcome/")) learn(Number(record.slice("outcome/".length)))
        if (!record.startsWith(PREFIX)) continue
        touchesLast = true
        if (indexIn(record) < known) touched.push(indexIn(record))
      }
      if (records.includes(RECORD.timer)) Effect.runFork(Effect.ignore(showTimer))
      const touchesSession = instances.includes(SESSION)
      for (const [number, ref] of states) {
        const state = ref.deref()
        if (state === undefined) states.delete(number)
        else if (touchesSession || instances.includes(`delivery/${number}`)) state.invalidate()
      }
      changes.publish(touched)
      known = sessionContext(live).history
      const now = known
      if (!touchesLast && now === length.get()) return
      Effect.runFork(
        Effect.andThen(
          Effect.ignore(showLast),
          Effect.sync(() => length.set(now)),
        ),
      )
    },
  }
})

/** One past the number of the peer's last message at or before an entry; undefined if there is none. */
const peerNumberAt = Effect.fnUntraced(function* (store: StoreService, live: LiveContact, index: number) {
  for (let before = RECORD.history(index + 1); ; ) {
    const rows = yield* orSottoError(store.list(live.id, { prefix: PREFIX, before, limit: 64, fromEnd: true }))
    for (const [, bytes] of rows.toReversed()) {
      const found = entry.decode(bytes)
      if (found?.mine === false) return found.number + 1
    }
    if (rows.length === 0) return undefined
    before = rows[0]![0]
  }
})
