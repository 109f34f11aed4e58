/**
 * The part of a host's index that has come to rest: a tree of pages, each of which names the version of those below it. Pages
 * are read when they are needed; an update rewrites the pages on the way to what changed. Docs: storage.md, "The index".
 */
import * as Effect from "effect/Effect"
import type { Bounds } from "../host/listing.ts"
import type { Unavailable } from "../store.ts"
import { PAGE_ENTRIES, PAGE_MERGE, type Page, type PageRef, type Place } from "./places.ts"

export type LoadPage = (page: PageRef) => Effect.Effect<Page, Unavailable>

/** Undefined takes the entry out. In ascending order of id. */
export type Changes = ReadonlyArray<readonly [id: string, place: Place | undefined]>

/** What an update does to pages. */
export interface Rewriting {
  /** The commit's version, which new pages get. */
  readonly version: number
  readonly allocate: () => number
  readonly write: (slot: number, page: Page) => void
  readonly free: (slot: number) => void
  /** A page that this update wrote. */
  readonly written: (slot: number) => Page | undefined
}

/** The place of one id. */
export const find = Effect.fnUntraced(function* (
  root: PageRef | undefined,
  id: string,
  load: LoadPage,
): Effect.fn.Return<Place | undefined, Unavailable> {
  for (let ref = root; ref !== undefined; ) {
    const page: Page = yield* load(ref)
    const at = lastAtOrBelow(page.entries, id)
    if (page.kind === "leaf") {
      const found = page.entries[at]
      return found?.[0] === id ? found[1] : undefined
    }
    ref = page.entries[at]?.[1]
  }
  return undefined
})

/** The index of the last entry whose id is at most this; -1 if there is none. */
const lastAtOrBelow = (entries: Page["entries"], id: string): number => {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (entries[middle]![0] <= id) low = middle + 1
    else high = middle
  }
  return low - 1
}

const isWithin = ({ lower, open, upper }: Bounds, id: string): boolean =>
  (open ? id > lower : id >= lower) && (upper === undefined || id < upper)

/** The first, or last, `limit` entries within bounds, in the order in which they were asked for: descending from the end. */
export const scan = Effect.fnUntraced(function* (
  root: PageRef | undefined,
  bounds: Bounds,
  limit: number,
  fromEnd: boolean,
  load: LoadPage,
): Effect.fn.Return<ReadonlyArray<readonly [string, Place]>, Unavailable> {
  const found: Array<readonly [string, Place]> = []
  const pending: Array<PageRef> = root === undefined ? [] : [root]
  for (let ref = pending.pop(); ref !== undefined && found.length < limit; ref = pending.pop()) {
    const page = yield* load(ref)
    if (page.kind === "leaf") {
      const inside = page.entries.filter(([id]) => isWithin(bounds, id))
      found.push(...(fromEnd ? inside.reverse() : inside))
      continue
    }
    // A child holds ids from its own low up to its neighbour's.
    const first = Math.max(0, lastAtOrBelow(page.entries, bounds.lower))
    const beyond = page.entries.findIndex(([low]) => bounds.upper !== undefined && low >= bounds.upper)
    const children = page.entries
      .slice(first, beyond < 0 ? undefined : Math.max(beyond, first))
      .map(([, child]) => child)
    pending.push(...(fromEnd ? children : children.reverse()))
  }
  return found.slice(0, limit)
})

/** The tree after the changes; undefined once it is empty. */
export const update = Effect.fnUntraced(function* (
  root: PageRef | undefined,
  changes: Changes,
  load: LoadPage,
  rewriting: Rewriting,
): Effect.fn.Return<PageRef | undefined, Unavailable> {
  if (changes.length === 0) return root
  let pages: Refs =
    root === undefined
      ? chunked({ kind: "leaf", entries: mergedWith([], changes) }, undefined, rewriting)
      : yield* rewrite(root, changes, load, rewriting)
  while (pages.length > 1) pages = chunked({ kind: "branch", entries: pages }, undefined, rewriting)
  let top = pages[0]?.[1]
  // A branch of one is a detour.
  while (top !== undefined && top.count === 1) {
    const page: Page = yield* loadRewritten(top, load, rewriting)
    if (page.kind === "leaf") break
    rewriting.free(top.slot)
    top = page.entries[0]![1]
  }
  return top
})

/** A page that this update may have written itself. */
const loadRewritten = (ref: PageRef, load: LoadPage, { written }: Rewriting): Effect.Effect<Page, Unavailable> => {
  const fresh = written(ref.slot)
  return fresh === undefined ? load(ref) : Effect.succeed(fresh)
}

type Refs = ReadonlyArray<readonly [string, PageRef]>

const rewrite = (
  ref: PageRef,
  changes: Changes,
  load: LoadPage,
  rewriting: Rewriting,
): Effect.Effect<Refs, Unavailable> =>
  Effect.flatMap(load(ref), (page) =>
    page.kind === "leaf"
      ? Effect.succeed(chunked({ kind: "leaf", entries: mergedWith(page.entries, changes) }, ref.slot, rewriting))
      : Effect.map(rewriteBranch(page.entries, changes, load, rewriting), (entries) =>
          chunked({ kind: "branch", entries }, ref.slot, rewriting),
        ),
  )

const rewriteBranch = Effect.fnUntraced(function* (
  entries: Refs,
  changes: Changes,
  load: LoadPage,
  rewriting: Rewriting,
): Effect.fn.Return<Refs, Unavailable> {
  const after: Array<readonly [string, PageRef]> = []
  let next = 0
  for (let i = 0; i < entries.length; i++) {
    const until = entries[i + 1]?.[0]
    const from = next
    while (next < changes.length && (until === undefined || changes[next]![0] < until)) next++
    if (from === next) after.push(entries[i]!)
    else after.push(...(yield* rewrite(entries[i]![1], changes.slice(from, next), load, rewriting)))
  }
  return yield* joined(after, load, rewriting)
})

/** Neighbours that have become small are made one: what was mostly erased does not keep its pages. */
const joined = Effect.fnUntraced(function* (
  entries: Refs,
  load: LoadPage,
  rewriting: Rewriting,
): Effect.fn.Return<Refs, Unavailable> {
  const result: Array<readonly [string, PageRef]> = []
  for (const entry of entries) {
    const last = result.at(-1)
    if (last === undefined || last[1].count + entry[1].count > PAGE_MERGE) {
      result.push(entry)
      continue
    }
    const [left, right] = [
      yield* loadRewritten(last[1], load, rewriting),
      yield* loadRewritten(entry[1], load, rewriting),
    ]
    rewriting.free(entry[1].slot)
    const both = { kind: left.kind, entries: [...left.entries, ...right.entries] } as Page
    result.splice(-1, 1, ...chunked(both, last[1].slot, rewriting))
  }
  return result
})

const mergedWith = (
  entries: ReadonlyArray<readonly [string, Place]>,
  changes: Changes,
): ReadonlyArray<readonly [string, Place]> => {
  const merged = new Map(entries)
  for (const [id, place] of changes) {
    if (place === undefined) merged.delete(id)
    else merged.set(id, place)
  }
  return [...merged].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

/** Writes the entries into as few pages as hold them, evenly filled; the first one in the old page's slot. */
const chunked = (page: Page, slot: number | undefined, { allocate, free, version, write }: Rewriting): Refs => {
  const { entries, kind } = page
  if (entries.length === 0) {
    if (slot !== undefined) free(slot)
    return []
  }
  const pieces = Math.ceil(entries.length / PAGE_ENTRIES)
  return Array.from({ length: pieces }, (_, i) => {
    const piece = entries.slice(
      Math.floor((i * entries.length) / pieces),
      Math.floor(((i + 1) * entries.length) / pieces),
    )
    const at = i === 0 && slot !== undefined ? slot : allocate()
    write(at, { kind, entries: piece } as Page)
    return [piece[0]![0], { slot: at, version, count: piece.length }] as const
  })
}
