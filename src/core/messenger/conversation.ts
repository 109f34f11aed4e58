/** The conversation with one contact: writing, reading back, and how far each message has come. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { LiveContact } from "../contact/contact.ts"
import { draftOf } from "../contact/handlers/session.ts"
import { SESSION } from "../contact/machines.ts"
import { cursorOf, entry, indexOf, outcome, RECORD } from "../contact/records.ts"
import { MAX_TEXT_BYTES } from "../content.ts"
import { utf8 } from "../crypto/bytes.ts"
import type { CryptoService } from "../crypto/crypto.ts"
import { SottoError } from "../errors.ts"
import type { Changed } from "../host/host.ts"
import { type Cell, cell, type Derived, derived } from "../observable.ts"
import type { StoreService } from "../store.ts"
import { deliveryOf, sessionContext } from "./contact-view.ts"
import { orSottoError } from "./failures.ts"
import { toHex } from "./hex.ts"
import type { DeliveryState, Message } from "./values.ts"

/** A page of history, at most. */
const MAX_PAGE = 500
const PREFIX = "history/"

/** A message of ours, whose state can be watched. */
export interface Sent extends Message {
  readonly state: Derived<DeliveryState>
}

export interface Conversation {
  /** Resolves once the message is durable. `lifetime` in milliseconds: expired if the peer has not got it by then. */
  readonly send: (text: string, lifetime?: number) => Effect.Effect<Sent, SottoError>
  /** Messages after ("": from the first) or before a cursor, in ascending order; the last ones where neither is given. */
  readonly page: (options: {
    readonly after?: string
    readonly before?: string
    readonly limit: number
  }) => Effect.Effect<ReadonlyArray<Message>, SottoError>
  readonly at: (index: number) => Effect.Effect<Message | undefined, SottoError>
  readonly markRead: (cursor: string, tell: boolean) => Effect.Effect<void, SottoError>
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
}): Effect.fn.Return<Conversation, SottoError> {
  const { crypto, live, store } = options
  const outcomes = new Map<number, "failed" | "expired">()
  for (const [record, bytes] of yield* orSottoError(
    store.list(live.id, { prefix: "outcome/", limit: Number.MAX_SAFE_INTEGER }),
  )) {
    const came = outcome.decode(bytes)
    if (came !== undefined) outcomes.set(Number(record.slice("outcome/".length)), came)
  }
  /** States that somebody may be watching, by number. */
  const states = new Map<number, WeakRef<Derived<DeliveryState>>>()
  const stateOf = (number: number): Derived<DeliveryState> => {
    const kept = states.get(number)?.deref()
    if (kept !== undefined) return kept
    const state = derived(() => deliveryOf(live, number, outcomes))
    states.set(number, new WeakRef(state))
    return state
  }

  const toMessage = (index: number, bytes: Uint8Array): Message | undefined => {
    const found = entry.decode(bytes)
    if (found === undefined) return undefined
    return {
      id: toHex(found.id),
      cursor: cursorOf(index),
      from: found.mine ? "me" : live.id,
      at: found.at,
      text: found.text,
      state: found.mine ? stateOf(found.number) : undefined,
      gap: found.gap,
    }
  }

  /** Why a message will not arrive: its delivery says it, or, when that is over, its record. */
  const learn = (number: number) => {
    const came = live.host.view(`delivery/${number}`)?.context.outcome
    if (came !== undefined && came !== null) return void outcomes.set(number, came)
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

  const showLast = Effect.suspend(() => {
    const index = sessionContext(live).history - 1
    return index < 0 ? Effect.void : Effect.map(at(index), last.set)
  })
  yield* showLast

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

  return {
    length,
    last,
    at,
    page,

    send: Effect.fnUntraced(function* (text, lifetime) {
      if (text === "") return yield* new SottoError("messageEmpty", "There is nothing to send. Write something first.")
      const words = utf8(text)
      if (words.length > MAX_TEXT_BYTES) {
        return yield* new SottoError("messageTooLong", "The message is longer than 64 KiB. Send it in parts.")
      }
      const id = toHex(crypto.random(16))
      const time = yield* Clock.currentTimeMillis
      const event = { type: "MessageWritten", id, at: time, lifetime: lifetime ?? null } as const
      const place = live.places.expect(id)
      const verdict = yield* orSottoError(live.host.submit({ to: SESSION, event }, [[draftOf(id), words]]))
      const given = place()
      if (verdict.verdict !== "accepted" || given === undefined) {
        return yield* new SottoError("defect", "The message was not accepted. Open Sotto again, then send it anew.")
      }
      const { index, number } = given
      return { id, cursor: cursorOf(index), from: "me", at: time, text, gap: 0, state: stateOf(number) }
    }, orSottoError),

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
      for (const record of records) if (record.startsWith("outcome/")) learn(Number(record.slice("outcome/".length)))
      const touchesSession = instances.includes(SESSION)
      for (const [number, ref] of states) {
        const state = ref.deref()
        if (state === undefined) states.delete(number)
        else if (touchesSession || instances.includes(`delivery/${number}`)) state.invalidate()
      }
      const now = sessionContext(live).history
      if (now === length.get()) return
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
