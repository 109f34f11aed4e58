/**
 * Where a host's records lie: an index from their ids to numbered slots, with the version at which each was last written. It
 * is what makes a stale record known, and what keeps ids from the disk. Docs: storage.md, "The index".
 *
 * A commit changes a handful of entries: these are in the manifest, which every commit seals anew. Entries that have not
 * changed for a while move into a tree of sealed pages, so that a commit costs the same whatever the history's length.
 */
import type { Value } from "../codec/codec.ts"
import { bool, choice, codec, text, uint } from "../codec/codec.ts"
import { list, optional, struct } from "../codec/composite.ts"

/** Ids are ours and short; the bound is for whoever brings their own. */
const MAX_ID_BYTES = 2_048

/** Entries a page holds: a full one fits a bucket of 4 KiB. */
export const PAGE_ENTRIES = 64
/** Two neighbours that hold no more together become one. */
export const PAGE_MERGE = 24
/** The manifest holds so many entries at most, and after moving the oldest to the tree so many. */
export const HOT_ENTRIES = 64
export const HOT_KEPT = 32

/** A record's place: the slot's number on the disk, and the commit that wrote it. */
export interface Place {
  readonly slot: number
  readonly version: number
}

/** A page's place, and how many entries it has. */
export interface PageRef extends Place {
  readonly count: number
}

/** A leaf's entries are records; a branch's are pages, each with the least id below it. In ascending order of id. */
export type Page =
  | { readonly kind: "leaf"; readonly entries: ReadonlyArray<readonly [id: string, place: Place]> }
  | { readonly kind: "branch"; readonly entries: ReadonlyArray<readonly [low: string, page: PageRef]> }

/** An entry that is not, or not only, in the tree. */
export interface Hot extends Place {
  /** Whether the tree has an entry of this id, which this one hides. */
  readonly inTree: boolean
  readonly gone: boolean
}

export interface Manifest {
  /** The host's version, which the store below must agree with. */
  readonly version: number
  /** Added to it for whoever asks: the version at which the host was when it was sealed. */
  readonly base: number
  /** The catalogue's serial number when this was written: no older catalogue may list this host. */
  readonly catalogue: number
  /** The next slot that nobody has used. */
  readonly next: number
  /** How often the host's key has sealed. */
  readonly sealings: number
  readonly root: PageRef | undefined
  readonly hot: ReadonlyMap<string, Hot>
}

const id = text(MAX_ID_BYTES)
const pageRefShape = struct({ slot: [1, uint()], version: [2, uint()], count: [3, uint(PAGE_ENTRIES)] })
const hotShape = struct({ id: [1, id], slot: [2, uint()], version: [3, uint()], inTree: [4, bool], gone: [5, bool] })

const manifestShape = struct({
  version: [1, uint()],
  catalogue: [2, uint()],
  next: [3, uint()],
  sealings: [4, uint()],
  root: [5, optional(pageRefShape)],
  hot: [6, list(hotShape, HOT_ENTRIES)],
  base: [7, optional(uint())],
})
const manifestCodec = codec(manifestShape, 256 * 1024)
/** For explaining the bytes of one. */
export const manifestForm = manifestCodec.form

export const encodeManifest = ({ base, hot, root, ...rest }: Manifest): Uint8Array =>
  manifestCodec.encode({
    ...rest,
    ...(root !== undefined && { root }),
    ...(base > 0 && { base }),
    hot: [...hot].map(([key, entry]) => ({ id: key, ...entry })),
  } satisfies Value<typeof manifestShape>)

export const decodeManifest = (bytes: Uint8Array): Manifest | undefined => {
  const found = manifestCodec.decode(bytes)
  if (found === undefined) return undefined
  const { base = 0, hot, root, ...rest } = found
  return { ...rest, base, root, hot: new Map(hot.map(({ id: key, ...entry }) => [key, entry])) }
}

const leafEntry = struct({ id: [1, id], slot: [2, uint()], version: [3, uint()] })
const branchEntry = struct({ low: [1, id], page: [2, pageRefShape] })
const pageShape = struct({
  kind: [1, choice({ leaf: 1, branch: 2 })],
  leaves: [2, optional(list(leafEntry, PAGE_ENTRIES))],
  branches: [3, optional(list(branchEntry, PAGE_ENTRIES))],
})
const pageCodec = codec(pageShape, 256 * 1024)
/** For explaining the bytes of one. */
export const pageForm = pageCodec.form

export const encodePage = (page: Page): Uint8Array =>
  pageCodec.encode(
    page.kind === "leaf"
      ? { kind: "leaf", leaves: page.entries.map(([key, { slot, version }]) => ({ id: key, slot, version })) }
      : {
          kind: "branch",
          branches: page.entries.map(([low, { count, slot, version }]) => ({ low, page: { slot, version, count } })),
        },
  )

export const decodePage = (bytes: Uint8Array): Page | undefined => {
  const found = pageCodec.decode(bytes)
  if (found === undefined) return undefined
  return found.kind === "leaf"
    ? found.leaves && {
        kind: "leaf",
        entries: found.leaves.map(({ id: key, slot, version }) => [key, { slot, version }]),
      }
    : found.branches && { kind: "branch", entries: found.branches.map(({ low, page }) => [low, page]) }
}
