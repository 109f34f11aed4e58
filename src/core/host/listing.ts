/**
 * Listing records: which ids a range covers, and how a turn's own writes lie over what is committed.
 * Docs: `Range` in core/store.ts.
 */
import type { Range, RecordId } from "../store.ts"

export type Listed = readonly [RecordId, Uint8Array]

/** Whether the range covers the id; its limit aside. */
export const inRange = ({ after, before, prefix }: Range, id: RecordId): boolean =>
  id.startsWith(prefix) && (after === undefined || id > after) && (before === undefined || id < before)

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
