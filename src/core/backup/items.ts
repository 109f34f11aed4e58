/**
 * What a backup says, item by item: the profile, each contact followed by its records, and an end that counts them. The
 * records are those of the store, of a closed list: a ratchet's state has no place here. Docs: docs/backup.md, "Contents".
 */
import { bytes, type Codec, choice, codec, refine, text, uint, type Value } from "../codec/codec.ts"
import { struct, union } from "../codec/composite.ts"
import {
  about,
  countedFor,
  entry,
  moment,
  outcome,
  outgoing,
  placeOf,
  RECORD,
  recoverySecrets,
  settings,
} from "../contact/records.ts"
import { content, MAX_NAME_BYTES, MAX_TEXT_BYTES, MAX_TIME } from "../content.ts"
import { fromUtf8 } from "../crypto/bytes.ts"
import { ownStatics } from "../handshake/own-keys.ts"
import { staticPublic } from "../handshake/static-keys.ts"
import type { RecordId } from "../store.ts"

/** A text of 64 KiB with all its fields, and as much again for fields that come later. */
export const MAX_RECORD_BYTES = 2 * MAX_TEXT_BYTES
export const MAX_ITEM_BYTES = MAX_RECORD_BYTES + 256

/**
 * Where a conversation stood. `paused` and `blockedPaused`: the peer's identity had changed, and our user had not decided.
 */
const standing = choice({ open: 1, paused: 2, blocked: 3, blockedPaused: 4 })
export type Standing = Value<typeof standing>

const countersShape = struct({
  /** As in the session machine's context; docs/protocol.md, "Delivery". */
  written: [1, uint()],
  next: [2, uint()],
  history: [3, uint()],
  peerHas: [4, uint()],
  peerRead: [5, uint()],
  userRead: [6, uint()],
  readTold: [7, uint()],
  unread: [8, uint()],
})
export type Counters = Value<typeof countersShape>

const counters = refine(
  countersShape,
  (all) => all.peerHas <= all.written && all.peerRead <= all.written && all.readTold <= all.userRead,
)

const items = union("item", {
  profile: [1, struct({ at: [1, uint(MAX_TIME)], profile: [2, bytes(1_024)] })],
  contact: [2, struct({ id: [1, text(32)], standing: [2, standing], counters: [3, counters] })],
  /** Belongs to the contact before it. */
  record: [3, struct({ id: [1, text(64)], bytes: [2, bytes(MAX_RECORD_BYTES)] })],
  end: [4, struct({ contacts: [1, uint()], records: [2, uint()] })],
})
export type Item = Value<typeof items>
export type ContactItem = Extract<Item, { readonly item: "contact" }>
export const item = codec(items, MAX_ITEM_BYTES)

/** Contacts have ids of 32 hexadecimal digits. */
export const isContactId = (id: string): boolean => /^[0-9a-f]{32}$/.test(id)

const NAME: Check = (found) => found.length <= MAX_NAME_BYTES && fromUtf8(found) !== undefined

type Check = (found: Uint8Array) => boolean
const as =
  (known: Pick<Codec<unknown>, "decode">): Check =>
  (found) =>
    known.decode(found) !== undefined

/** The records that a contact has once. Without any of the first four it could not be met again. */
export const REQUIRED: ReadonlyArray<RecordId> = [RECORD.about, RECORD.ownStatics, RECORD.peerStatics, RECORD.recovery]
export const SINGLE: ReadonlyMap<RecordId, Check> = new Map<RecordId, Check>([
  [RECORD.about, (found) => about.decode(found)?.pairedAt !== undefined],
  [RECORD.ownStatics, as(ownStatics)],
  [RECORD.peerStatics, as(staticPublic)],
  [RECORD.recovery, (found) => (recoverySecrets.decode(found)?.length ?? 0) > 0],
  [RECORD.ownName, NAME],
  [RECORD.timer, as(settings)],
  [RECORD.clock, as(moment)],
  [RECORD.cleared, as(placeOf)],
])

/** The records that a contact has many of: what their ids look like, and what is in them. */
export const MANY: ReadonlyMap<string, readonly [id: RegExp, check: Check]> = new Map<string, readonly [RegExp, Check]>(
  [
    ["outgoing/", [/^outgoing\/\d{10}$/, (found) => isWaiting(found)]],
    ["outcome/", [/^outcome\/\d{10}$/, as(outcome)]],
    ["history/", [/^history\/\d{10}$/, as(entry)]],
    ["message/", [/^message\/[0-9a-f]{32}$/, as(placeOf)]],
    ["expiry/", [/^expiry\/\d{16}\/\d{10}$/, as(countedFor)]],
  ],
)

/** Whether a content of ours waits in the record that the peer should have. */
export const isWaiting = (found: Uint8Array): boolean => {
  const kept = outgoing.decode(found)
  const said = kept && content.decode(kept.content)
  return said !== undefined && !LEFT_BEHIND.has(said.kind)
}

/** A name is told anew at every pairing; the others speak of keys that a restored contact has not, or are told once. */
const LEFT_BEHIND: ReadonlySet<string> = new Set(["profile", "rekey", "confirm", "acknowledgement", "typing"])

/** Whether a backup may hold such a record, and this is one. */
export const isCarried = (id: RecordId, found: Uint8Array): boolean => {
  const single = SINGLE.get(id)
  if (single !== undefined) return single(found)
  const many = MANY.get(id.slice(0, id.indexOf("/") + 1))
  if (many === undefined) return false
  const [looksLike, check] = many
  return looksLike.test(id) && check(found)
}
