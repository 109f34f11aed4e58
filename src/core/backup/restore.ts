/**
 * From the file to the store: each item is checked as it comes and staged, and nothing counts before the last chunk has
 * opened. Holds one contact's records of some hundred kilobytes at a time. Docs: docs/backup.md, "Restoring".
 */
import * as Effect from "effect/Effect"
import { DELIVERY_WINDOW } from "../../machines/session-state.ts"
import { about, outgoing, RECORD } from "../contact/records.ts"
import { content } from "../content.ts"
import type { CryptoService } from "../crypto/crypto.ts"
import type { Role } from "../ids.ts"
import { readProfile } from "../messenger/own-profile.ts"
import type { Conflict, InstanceId, RecordId, Row, StoreService, Unavailable } from "../store.ts"
import { type ContactItem, type Item, isCarried, isContactId, item, MAX_ITEM_BYTES, REQUIRED } from "./items.ts"
import { BackupRefused } from "./problem.ts"
import { type ByteSource, byteSource, type Pull } from "./pull.ts"
import { restoredRows } from "./restored-contact.ts"
import { beginStage, finishStage, writeStaged } from "./stage.ts"

/** So much is written in one commit. */
const STAGE_BYTES = 512 * 1024
const LENGTH_BYTES = 4
/** Numbers without a message: acknowledged apart, told names, renewed keys. A window of deliveries has fewer. */
const MAX_HOLES = 4 * DELIVERY_WINDOW

type Failure = Conflict | Unavailable

/** What came out of a backup. */
export interface Restored {
  /** How many. */
  readonly contacts: number
  /** When the backup was made, in milliseconds of the wall clock. */
  readonly at: number
}

/** Stages what `chunks` say and makes it count. Whoever calls this erases what is staged when it fails. */
export const restoreChunks = Effect.fnUntraced(function* <E>(
  crypto: CryptoService,
  store: StoreService,
  chunks: Pull<Uint8Array, E>,
): Effect.fn.Return<Restored, E | BackupRefused | Failure> {
  const source = byteSource(chunks)
  yield* beginStage(store)
  const first = yield* nextItem(source)
  if (first.item !== "profile" || readProfile(first.profile) === undefined) return yield* altered
  const seen = new Set<string>()
  let records = 0
  let open: Opened | undefined
  while (true) {
    const next = yield* nextItem(source)
    if (next.item === "record") {
      if (open === undefined || !isCarried(next.id, next.bytes) || !isInOrder(open, next.id)) return yield* altered
      records += 1
      if (next.id.startsWith("outgoing/")) note(open, next.id, next.bytes)
      open.staged.set(next.id, next.bytes)
      open.bytes += next.bytes.length
      if (open.bytes > STAGE_BYTES) yield* flush(store, open)
      continue
    }
    if (open !== undefined) yield* complete(crypto, store, open)
    open = undefined
    if (next.item === "contact" && isContactId(next.id) && !seen.has(next.id)) {
      seen.add(next.id)
      open = { contact: next, latest: new Map(), waiting: new Set(), waitingBytes: 0, staged: new Map(), bytes: 0 }
      continue
    }
    if (next.item !== "end" || next.contacts !== seen.size || next.records !== records) return yield* altered
    break
  }
  // To the end: only then it is known that nothing was cut off or added.
  for (let rest = yield* source.portion; rest !== undefined; rest = yield* source.portion) {
    if (!isZero(rest)) return yield* altered
  }
  yield* finishStage(store, first.profile)
  return { contacts: seen.size, at: first.at }
})

const isZero = (bytes: Uint8Array): boolean => {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false
  return true
}

interface Opened {
  readonly contact: ContactItem
  /** The last record of each kind: kinds are in ascending order, and records that there is one of are their own kind. */
  readonly latest: Map<string, RecordId>
  /** Numbers of our messages that wait. */
  readonly waiting: Set<number>
  waitingBytes: number
  staged: Map<RecordId, Uint8Array>
  bytes: number
  role?: Role
}

/** Whether the record comes after those of its kind. */
const isInOrder = (open: Opened, id: RecordId): boolean => {
  const kind = id.startsWith("keys/") ? id : id.slice(0, Math.max(id.indexOf("/"), 0)) || id
  const before = open.latest.get(kind)
  if (before !== undefined && before >= id) return false
  open.latest.set(kind, id)
  return true
}

const note = (open: Opened, id: RecordId, bytes: Uint8Array): void => {
  open.waiting.add(Number(id.slice("outgoing/".length)))
  open.waitingBytes += outgoing.decode(bytes)?.weight ?? 0
}

const u32At = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)

const flush = Effect.fnUntraced(function* (store: StoreService, open: Opened, rows?: ReadonlyMap<InstanceId, Row>) {
  const known = about.decode(open.staged.get(RECORD.about) ?? new Uint8Array())
  if (known !== undefined) open.role = known.role
  yield* writeStaged(store, open.contact.id, open.staged, rows)
  open.staged = new Map()
  open.bytes = 0
})

/** The last commit of a contact: its machines, and what takes the numbers of ours that have no content any more. */
const complete = Effect.fnUntraced(function* (
  crypto: CryptoService,
  store: StoreService,
  open: Opened,
): Effect.fn.Return<void, BackupRefused | Failure> {
  const { peerHas, written } = open.contact.counters
  const holes = written - peerHas - open.waiting.size
  const isKnown = [...open.waiting].every((number) => number >= peerHas && number < written)
  if (!REQUIRED.every((id) => open.latest.has(id)) || !isKnown || holes > MAX_HOLES + open.waiting.size) {
    return yield* altered
  }
  for (let number = peerHas; number < written; number++) {
    if (open.waiting.has(number)) continue
    const nothing = content.encode({ kind: "void", id: crypto.random(16), number })
    open.staged.set(RECORD.outgoing(number), outgoing.encode({ content: nothing }))
  }
  yield* flush(store, open)
  yield* flush(store, open, restoredRows(open.contact, open.role!, open.waitingBytes))
})

const altered = new BackupRefused({ reason: "altered" })

const nextItem = Effect.fnUntraced(function* <E>(source: ByteSource<E>): Effect.fn.Return<Item, E | BackupRefused> {
  const head = yield* source.take(LENGTH_BYTES)
  const length = head.length === LENGTH_BYTES ? u32At(head) : 0
  if (length === 0 || length > MAX_ITEM_BYTES) return yield* altered
  const encoded = yield* source.take(length)
  return item.decode(encoded) ?? (yield* altered)
})
