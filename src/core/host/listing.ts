/**
 * Listing records: which ids a range covers, and how a turn's own writes lie over what is committed.
 * Docs: `Range` in core/store.ts.
 */
import type { Range, RecordId } from "../store.ts"

export type Listed = readonly [RecordId, Uint8Array]

/** Whether the range covers the id; its limit aside. */
export const inRange = ({ after, before, prefix }: Range, id: RecordId): boolean =>
  id.startsWith(prefix) && (after === undefined || id > after) && (before === undefined || id < before)

/** A range as an index sees it: from `lower` (itself included unless `open`) up to below `upper`, or to the end. */
export interface Bounds {
  readonly lower: RecordId
  readonly open: boolean
  readonly upper: RecordId | undefined
}

/** The tightest bounds around the range. Ids are ordered by code units. */
export const boundsOf = ({ after, before, prefix }: Range): Bounds => {
  const open = after !== undefined && after >= prefix
  const end = successorOf(prefix)
  const upper = before === undefined ? end : end === undefined || before < end ? before : end
  return { lower: open ? after : prefix, open, upper }
}

/** The first string that is greater than all that start with the prefix; undefined if there is none. */
const successorOf = (prefix: string): string | undefined => {
  for (let length = prefix.length; length > 0; length--) {
    const last = prefix.charCodeAt(length - 1)
    if (last < 0xffff) return prefix.slice(0, length - 1) + String.fromCharCode(last + 1)
  }
  return undefined
}

/** The first, or last, `limit` of entries that are in ascending order. */
export const cut = <A>({ fromEnd, limit }: Range, entries: ReadonlyArray<A>): ReadonlyArray<A> =>
  limit <= 0 ? [] : fromEnd === true ? entries.slice(-limit) : entries.slice(0, limit)

export const byId = ([a]: readonly [RecordId, unknown], [b]: readonly [RecordId, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0

/** What to ask of the store so that enough is left after the removals among `writes`. */
export const widened = (range: Range, writes: ReadonlyMap<RecordId, Uint8Array | undefined>): Range => {
  let removals = 0
  for (const [id, bytes] of writes) if (bytes === undefined && inRange(range, id)) removals += 1
  return removals === 0 ? range : { ...range, limit: range.limit + removals }
}

/** The range as it looks with `writes` over what the store answered to the widened range. */
export const merged = (
  range: Range,
  committed: ReadonlyArray<Listed>,
  writes: ReadonlyMap<RecordId, Uint8Array | undefined>,
): ReadonlyArray<Listed> => {
  const entries = new Map(committed)
  for (const [id, bytes] of writes) {
    if (!inRange(range, id)) continue
    if (bytes === undefined) entries.delete(id)
    else entries.set(id, bytes.slice())
  }
  return cut(range, [...entries].sort(byId))
}
