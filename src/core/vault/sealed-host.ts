/**
 * One host at rest, sealed: its manifest in slot 0, pages of its index and everything else in numbered slots of the store below,
 * where it has a random name. One commit here is one commit there. Docs: storage.md, "The index".
 */
import * as Effect from "effect/Effect"
import { boundsOf } from "../host/listing.ts"
import type { Batch, Conflict, Range, Saved, StoreService, Unavailable } from "../store.ts"
import { type Box, damaged, MAX_SEALINGS, type Name } from "./box.ts"
import { encodeOutward, encodeRow, NAME, savedFrom } from "./contents.ts"
import {
  decodeManifest,
  decodePage,
  encodeManifest,
  encodePage,
  HOT_ENTRIES,
  HOT_KEPT,
  type Hot,
  type Manifest,
  type Page,
  type PageRef,
  type Place,
} from "./places.ts"
import { conflicting, contentsOf, MANIFEST_SLOT, nameOf } from "./slots.ts"
import { find, scan, update } from "./tree.ts"

/** Pages of the index kept in memory, for each host. */
const PAGES_KEPT = 16
const EMPTY: Manifest = { version: 0, base: 0, catalogue: 0, next: 1, sealings: 0, root: undefined, hot: new Map() }

/** What the catalogue says that a host must agree with. */
export interface Expected {
  /** The host has been at this version. */
  readonly floor: () => number
  /** The catalogue's serial number: a host that knows of a later one shows the catalogue to be old. */
  readonly serial: () => number
}

export interface SealedHost {
  readonly version: Effect.Effect<number, Unavailable>
  readonly load: Effect.Effect<Saved, Unavailable>
  readonly read: (record: string) => Effect.Effect<Uint8Array | undefined, Unavailable>
  readonly list: (range: Range) => Effect.Effect<ReadonlyArray<readonly [string, Uint8Array]>, Unavailable>
  /** Answers with the version that the host is at in the store below. */
  readonly commit: (batch: Batch) => Effect.Effect<number, Conflict | Unavailable>
  /** Nothing of it stays in memory but what the garbage collector has not yet found. */
  readonly forget: () => void
}

/** The host that is called `disk` in the store below; a new one begins above the version `base`. Its operations must not overlap. */
export const sealedHost = (
  below: StoreService,
  disk: string,
  box: Box,
  expected: Expected,
  base: number,
): SealedHost => {
  let manifest: Manifest | undefined
  const pages = new Map<number, { readonly version: number; readonly page: Page }>()

  const forget = () => {
    manifest = undefined
    pages.clear()
  }

  const current = Effect.suspend((): Effect.Effect<Manifest, Unavailable> => {
    if (manifest !== undefined) return Effect.succeed(manifest)
    return Effect.map(loadManifest, (loaded) => {
      manifest = loaded
      return loaded
    })
  })

  const loadManifest = Effect.gen(function* () {
    const { version } = yield* below.load(disk)
    if (version < expected.floor()) return yield* damaged("a host is older than it was")
    if (version === 0) return { ...EMPTY, base }
    const sealed = yield* below.read(disk, nameOf(MANIFEST_SLOT))
    const found = decodeManifest(yield* box.open({ kind: "manifest", id: "", version }, sealed))
    if (found === undefined || found.version !== version) return yield* damaged("a manifest is not one")
    if (found.catalogue > expected.serial()) return yield* damaged("the catalogue is older than it was")
    return found
  })

  const loadPage = (ref: PageRef): Effect.Effect<Page, Unavailable> => {
    const kept = pages.get(ref.slot)
    if (kept?.version === ref.version) return Effect.succeed(kept.page)
    return Effect.gen(function* () {
      const bytes = yield* box.open(pageName(ref), yield* below.read(disk, nameOf(ref.slot)))
      const page = decodePage(bytes)
      if (page === undefined) return yield* damaged("a page is not one")
      keep(ref.slot, ref.version, page)
      return page
    })
  }

  const keep = (slot: number, version: number, page: Page) => {
    pages.delete(slot)
    pages.set(slot, { version, page })
    for (const oldest of pages.keys()) {
      if (pages.size <= PAGES_KEPT) break
      pages.delete(oldest)
    }
  }

  const placeOf = ({ hot, root }: Manifest, id: string): Effect.Effect<Hot | undefined, Unavailable> => {
    const here = hot.get(id)
    if (here !== undefined) return Effect.succeed(here.gone ? undefined : here)
    return Effect.map(find(root, id, loadPage), (place) => place && { ...place, inTree: true, gone: false })
  }

  /** The entries of a range, in ascending order. */
  const placesIn = Effect.fnUntraced(function* ({ hot, root }: Manifest, range: Range) {
    const bounds = boundsOf(range)
    const fromEnd = range.fromEnd === true
    const limit = Math.max(0, range.limit)
    const isIn = (id: string) =>
      (bounds.open ? id > bounds.lower : id >= bounds.lower) && (bounds.upper === undefined || id < bounds.upper)
    const changed = [...hot].filter(([id]) => isIn(id))
    // Each of these may hide one of the tree's.
    const rested = limit === 0 ? [] : yield* scan(root, bounds, limit + changed.length, fromEnd, loadPage)
    const merged = new Map<string, Place>(rested)
    for (const [id, entry] of changed) {
      if (entry.gone) merged.delete(id)
      else merged.set(id, entry)
    }
    const sorted = [...merged].sort(([a], [b]) => (a < b ? -1 : 1))
    return limit === 0 ? [] : fromEnd ? sorted.slice(-limit) : sorted.slice(0, limit)
  })

  const read = (id: string) =>
    Effect.gen(function* () {
      const place = yield* placeOf(yield* current, id)
      if (place === undefined) return undefined
      const { slot, version } = place
      return yield* box.open({ kind: "record", id, version }, yield* below.read(disk, nameOf(slot)))
    })

  const listed = Effect.fnUntraced(function* (range: Range) {
    return yield* contentsOf(below, disk, box, yield* placesIn(yield* current, range))
  })

  const commit = Effect.fnUntraced(function* (batch: Batch): Effect.fn.Return<number, Conflict | Unavailable> {
    const before = yield* current
    const found = before.version + before.base
    if (found !== batch.expected) return yield* conflicting(below, disk, batch.expected, found)
    const version = before.version + 1
    const hot = new Map(before.hot)
    let next = before.next
    const allocate = () => next++
    const toSeal = new Map<number, readonly [name: Name, bytes: Uint8Array]>()
    const removed = new Set<number>()

    const put = Effect.fnUntraced(function* (id: string, bytes: Uint8Array) {
      const old = hot.get(id) ?? (yield* placeOf(before, id))
      const slot = old === undefined || old.gone ? allocate() : old.slot
      hot.delete(id) // to the end: the least recently written comes first
      hot.set(id, { slot, version, inTree: old?.inTree ?? false, gone: false })
      toSeal.set(slot, [{ kind: "record", id, version }, bytes])
    })
    const take = Effect.fnUntraced(function* (id: string) {
      const old = hot.get(id) ?? (yield* placeOf(before, id))
      if (old === undefined || old.gone) return
      toSeal.delete(old.slot)
      removed.add(old.slot)
      hot.delete(id)
      if (old.inTree) hot.set(id, { slot: old.slot, version, inTree: true, gone: true })
    })

    for (const [id, row] of batch.rows) {
      if (row === undefined) yield* take(NAME.row(id))
      else yield* put(NAME.row(id), encodeRow(row))
    }
    for (const [id, bytes] of batch.records) {
      if (bytes === undefined) yield* take(NAME.record(id))
      else yield* put(NAME.record(id), bytes)
    }
    for (let index = 0; index < batch.outward.length; index++) {
      const outward = batch.outward[index]!
      yield* put(NAME.outward(outward.id), encodeOutward(version, index, outward))
    }
    for (const id of batch.confirmed) yield* take(NAME.outward(id))

    const written = new Map<number, Page | undefined>()
    const root = yield* moved(before.root, hot, version, allocate, written)
    for (const [slot, page] of written) {
      if (page === undefined) removed.add(slot)
      else toSeal.set(slot, [pageName({ slot, version }), encodePage(page)])
    }
    const sealings = before.sealings + toSeal.size + 1
    if (sealings > MAX_SEALINGS) return yield* damaged("a host's key has sealed as often as it may")
    const after: Manifest = { version, base: before.base, catalogue: expected.serial(), next, sealings, root, hot }
    toSeal.set(MANIFEST_SLOT, [{ kind: "manifest", id: "", version }, encodeManifest(after)])
    const sealed = yield* Effect.forEach(
      [...toSeal],
      ([slot, [name, bytes]]) => Effect.map(box.seal(name, bytes), (bytes) => [nameOf(slot), bytes] as const),
      { concurrency: "unbounded" },
    )
    const records = new Map<string, Uint8Array | undefined>([...removed].map((slot) => [nameOf(slot), undefined]))
    for (const [name, bytes] of sealed) records.set(name, bytes)
    yield* Effect.onError(
      below.commit({ host: disk, expected: before.version, rows: NONE, records, outward: [], confirmed: [] }),
      // Whether it was applied is unknown: the store is asked anew.
      () => Effect.sync(forget),
    )
    manifest = after
    for (const [slot, page] of written) {
      if (page === undefined) pages.delete(slot)
      else keep(slot, version, page)
    }
    return version
  })

  /** Moves what has not changed for longest into the tree, once the manifest has grown long. */
  const moved = Effect.fnUntraced(function* (
    root: PageRef | undefined,
    hot: Map<string, Hot>,
    version: number,
    allocate: () => number,
    written: Map<number, Page | undefined>,
  ): Effect.fn.Return<PageRef | undefined, Unavailable> {
    if (hot.size <= HOT_ENTRIES) return root
    const resting = [...hot].slice(0, hot.size - HOT_KEPT)
    for (const [id] of resting) hot.delete(id)
    const changes = resting
      .map(([id, { gone, slot, version }]) => [id, gone ? undefined : { slot, version }] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1))
    return yield* update(root, changes, loadPage, {
      version,
      allocate,
      write: (slot, page) => void written.set(slot, page),
      free: (slot) => void written.set(slot, undefined),
      written: (slot) => written.get(slot),
    })
  })

  return {
    version: Effect.map(current, ({ version }) => version),
    load: Effect.gen(function* () {
      const { base, version } = yield* current
      const rows = yield* listed({ prefix: NAME.rows, limit: Number.MAX_SAFE_INTEGER })
      const outward = yield* listed({ prefix: NAME.outwards, limit: Number.MAX_SAFE_INTEGER })
      const saved = savedFrom(version + base, rows, outward)
      return saved ?? (yield* damaged("a row is not one"))
    }),
    read: (record) => read(NAME.record(record)),
    list: (range) =>
      Effect.map(
        listed({
          prefix: NAME.record(range.prefix),
          limit: range.limit,
          ...(range.after !== undefined && { after: NAME.record(range.after) }),
          ...(range.before !== undefined && { before: NAME.record(range.before) }),
          ...(range.fromEnd !== undefined && { fromEnd: range.fromEnd }),
        }),
        (found) => found.map(([id, bytes]) => [id.slice(NAME.records.length), bytes] as const),
      ),
    commit,
    forget,
  }
}

const NONE: Batch["rows"] = new Map()

const pageName = ({ slot, version }: Pick<PageRef, "slot" | "version">): Name => ({
  kind: "page",
  id: nameOf(slot),
  version,
})
