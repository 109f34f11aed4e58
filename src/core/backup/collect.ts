/**
 * Reads out of a store what a backup holds. A contact's counters are read before its records, so that nothing is there that
 * they do not know of; what comes in meanwhile is in the next backup. Docs: docs/backup.md, "Contents".
 */
import * as Effect from "effect/Effect"
import type { SessionContext } from "../../machines/session-state.ts"
import { SESSION } from "../contact/machines.ts"
import { about, placeOf, RECORD } from "../contact/records.ts"
import { concat, u32be } from "../crypto/bytes.ts"
import { loadProfile, PROFILE_HOST, profileBytes } from "../messenger/own-profile.ts"
import { type HostId, type RecordId, type StoreService, Unavailable } from "../store.ts"
import {
  type Counters,
  type Item,
  isCarried,
  isContactId,
  item,
  MANY,
  REQUIRED,
  SINGLE,
  type Standing,
} from "./items.ts"
import { chained, once, type Pull } from "./pull.ts"

/** Records asked for at once: two megabytes of the longest messages. */
const PAGE = 32

/** The items of a whole profile, one page after the other. `at` in milliseconds of the wall clock. */
export const collectItems = (store: StoreService, at: number): Pull<ReadonlyArray<Item>, Unavailable> => {
  const counted = { contacts: 0, records: 0 }
  const contact = Effect.fnUntraced(function* (id: HostId) {
    const found = yield* contactItem(store, id)
    if (found === undefined) return []
    counted.contacts += 1
    return [found]
  })
  const counting = (pull: Pull<ReadonlyArray<Item>, Unavailable>) =>
    Effect.map(pull, (page) => {
      counted.records += page?.length ?? 0
      return page
    })
  return chained(function* () {
    yield once(
      Effect.map(loadProfile(store), (profile) => [
        { item: "profile", at, profile: profileBytes(profile ?? {}) } as const,
      ]),
    )
    let ids: ReadonlyArray<HostId> = []
    yield once(
      Effect.map(store.hosts, (hosts) => {
        ids = hosts.filter((id) => id !== PROFILE_HOST && isContactId(id))
        return []
      }),
    )
    for (const id of ids) {
      let history = -1
      yield once(
        Effect.tap(contact(id), ([found]) =>
          Effect.sync(() => {
            if (found !== undefined) history = found.counters.history
          }),
        ),
      )
      if (history < 0) continue
      yield counting(once(singles(store, id)))
      for (const prefix of MANY.keys()) yield counting(pages(store, id, prefix, history))
    }
    yield once(Effect.sync(() => [{ item: "end", ...counted } as const]))
  })
}

/** Items as a reader finds their ends: each behind its length. */
export const encodeItems = (items: ReadonlyArray<Item>): Uint8Array =>
  concat(
    ...items.flatMap((one) => {
      const encoded = item.encode(one)
      return [u32be(encoded.length), encoded]
    }),
  )

/** A contact that is paired; pairings under way hold keys for one use and are not carried. */
const contactItem = Effect.fnUntraced(function* (store: StoreService, id: HostId) {
  const known = about.decode((yield* store.read(id, RECORD.about)) ?? new Uint8Array())
  const row = (yield* store.load(id)).rows.get(SESSION)
  if (known?.pairedAt === undefined || row === undefined) return undefined
  const context = row.context as SessionContext
  return { item: "contact", id, standing: standingOf(row.value), counters: countersOf(context) } as const
})

const countersOf = (context: SessionContext): Counters => {
  const { history, next, peerHas, peerRead, readTold, unread, userRead, written } = context
  return { history, next, peerHas, peerRead, readTold, unread, userRead, written }
}

const standingOf = (value: unknown): Standing => {
  const { conversation } = value as { readonly conversation: string | Readonly<Record<string, string>> }
  if (typeof conversation === "string") return "open"
  if (conversation["blocked"] !== undefined)
    return conversation["blocked"] === "undecided" ? "blockedPaused" : "blocked"
  return conversation["established"] === "paused" ? "paused" : "open"
}

const singles = Effect.fnUntraced(function* (store: StoreService, id: HostId) {
  const items: Array<Item> = []
  for (const record of SINGLE.keys()) {
    const bytes = yield* store.read(id, record)
    if (bytes !== undefined && isCarried(record, bytes)) items.push({ item: "record", id: record, bytes })
    // A backup that could not be restored must not look like one.
    else if (REQUIRED.includes(record)) return yield* new Unavailable({ reason: "broken" })
  }
  return items
})

const pages = (store: StoreService, id: HostId, prefix: string, history: number) => {
  const before = prefix === "history/" ? { before: RECORD.history(history) } : {}
  let after: RecordId | undefined = ""
  return Effect.gen(function* () {
    if (after === undefined) return undefined
    const rows = yield* store.list(id, { prefix, limit: PAGE, ...before, ...(after !== "" && { after }) })
    after = rows.length < PAGE ? undefined : rows.at(-1)![0]
    return rows
      .filter(([record, bytes]) => isCarried(record, bytes) && isKnown(record, bytes, history))
      .map(([record, bytes]) => ({ item: "record", id: record, bytes }) as const)
  }) satisfies Pull<ReadonlyArray<Item>, Unavailable>
}

/** A message that came after the counters were read is not in this backup: known by its id, it would not be taken in again. */
const isKnown = (record: RecordId, bytes: Uint8Array, history: number): boolean =>
  !record.startsWith("message/") || (placeOf.decode(bytes) ?? history) < history
