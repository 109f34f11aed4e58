/**
 * An append log over two files, used in turn: one holds the log, the other takes its place when the log is compacted. Each commit
 * is one frame, flushed before it is answered. Docs: docs/storage.md, "The log".
 *
 * A new log counts once the entry `whole` of it is on the disk; of two that count, the one of the higher generation holds. So
 * the change from one to the other is one frame, and no file is ever made or renamed under way.
 */
import { type Batch, Conflict, type HostId, Unavailable } from "../../../core/store.ts"
import type { SyncFile } from "./file.ts"
import { bytesOffset, encodeFrame, isDamage, readFrame, toJson } from "./frames.ts"
import { apply, type Change, type Host, type Hosts, type Place, rewritten } from "./hosts.ts"

/** Raised with every change of the format; a log of a later one is refused as `newer`. */
const FORMAT = 1

/** A log with fewer bytes than this that nobody needs is left alone, unless they are of a host that was erased. */
const MIN_GARBAGE = 256 * 1024

/** A crash while the very first log is begun leaves no more than this: three entries without content. */
const MAX_UNBEGUN = 1_024

type Entry =
  | { readonly is: "begin"; readonly format: number; readonly generation: number; readonly salt: number }
  | { readonly is: "whole" }
  | { readonly is: "lease"; readonly fence: number }
  | { readonly is: "change"; readonly fence: number; readonly change: Change }
  | { readonly is: "erase"; readonly fence: number; readonly host: HostId }

export interface LogOptions {
  readonly files: readonly [SyncFile, SyncFile]
  /** Whether there was a log before: then none is begun in its place. */
  readonly wasMade: boolean
  /** An unsigned number of 32 bits, by chance. */
  readonly random: () => number
}

export interface Log {
  readonly hosts: ReadonlyMap<HostId, Host>
  readonly fence: number
  readonly read: (place: Place) => Uint8Array
  /** Writes a batch; it is durable after `flush`. Throws Conflict or Unavailable, and then nothing has changed. */
  readonly write: (batch: Batch) => void
  readonly erase: (host: HostId) => void
  /** Throws if it is unknown what is on the disk; then the log must be opened again. */
  readonly flush: () => void
  /** Leaves behind what nobody needs, if there is enough of it. */
  readonly tidy: () => void
  /** Leaves behind all that nobody needs, however little. Throws where there is no room for that. */
  readonly scrub: () => void
  readonly close: () => void
}

/** A log as it is in a file. */
interface Loaded {
  readonly file: SyncFile
  readonly generation: number
  readonly salt: number
  readonly hosts: Hosts
  readonly fence: number
  readonly end: number
  readonly garbage: number
}

const damaged = (what: string) => new Unavailable({ reason: "broken", cause: new Error(what) })

/** Reads a file back, without changing it. Undefined for one that never came to be a whole log. */
const load = (file: SyncFile): Loaded | undefined => {
  const first = readFrame(file, 0, 0)
  const begin = first?.entry.json as Extract<Entry, { is: "begin" }> | undefined
  if (first === undefined || begin?.is !== "begin") return undefined
  if (begin.format > FORMAT) throw new Unavailable({ reason: "newer" })
  const { generation, salt } = begin
  const hosts: Hosts = new Map()
  let [at, fence, garbage, whole] = [first.end, 0, 0, false]
  for (let next = readFrame(file, at, salt); next !== undefined; next = readFrame(file, at, salt)) {
    const entry = next.entry.json as Entry
    if (entry.is === "whole") whole = true
    else if (entry.is === "lease") fence = entry.fence
    else if (entry.is === "erase" || entry.is === "change") {
      if (whole && entry.fence !== fence) throw damaged("a batch of a lease that was over")
      if (entry.is === "erase") {
        hosts.delete(entry.host)
        garbage = Number.POSITIVE_INFINITY // what was erased is still in the file
      } else garbage += apply(hosts, entry.change, next.bytesAt)
    }
    if (whole) garbage += next.bytesAt - at
    at = next.end
  }
  if (at < file.size() && isDamage(file, at, salt)) throw damaged("what was durable does not check")
  if (!whole) return undefined
  return { file, generation, salt, hosts, fence, end: at, garbage }
}

export const openLog = ({ files, random, wasMade }: LogOptions): Log => {
  const loaded = files.map(load).filter((log) => log !== undefined)
  loaded.sort((a, b) => b.generation - a.generation)
  const [newest] = loaded
  if (newest === undefined) {
    if (files.some((file) => file.size() > MAX_UNBEGUN)) throw damaged("there is no whole log")
    if (wasMade) throw new Unavailable({ reason: "lost" })
  }
  const start: Loaded = newest ?? {
    file: files[0],
    generation: 0,
    salt: 0,
    hosts: new Map(),
    fence: 0,
    end: 0,
    garbage: Number.POSITIVE_INFINITY,
  }
  let { end, file, garbage, generation, hosts, salt } = start
  const fence = start.fence + 1
  let durable = 0
  let broken: Unavailable | undefined

  /** Appends a frame. What does not fit is taken back. */
  const append = (entry: Entry, parts: ReadonlyArray<Uint8Array> = []): number => {
    if (broken !== undefined) throw broken
    // What is in memory is not what is in the file: the browser has cleared it, or somebody else has written here.
    const size = file.size()
    if (size !== end) {
      // Of a file that is gone Chromium says that it is larger than any file.
      const isGone = size < end || !Number.isSafeInteger(size)
      throw new Unavailable({ reason: isGone ? "lost" : "elsewhere" })
    }
    const json = toJson(entry)
    const frame = encodeFrame(salt, durable, json, parts)
    try {
      file.write(end, frame)
    } catch (error) {
      try {
        file.truncate(end)
      } catch (still) {
        throw (broken = failureOf(still))
      }
      throw failureOf(error)
    }
    const bytesAt = end + bytesOffset(json)
    end += frame.length
    garbage += bytesOffset(json)
    return bytesAt
  }

  const flush = () => {
    if (broken !== undefined) throw broken
    try {
      file.flush()
      durable = end
    } catch (error) {
      throw (broken = failureOf(error))
    }
  }

  const compact = () => {
    const before = { file, end, garbage, generation, hosts, salt, durable }
    const next = file === files[0] && generation > 0 ? files[1] : files[0]
    try {
      next.truncate(0)
      ;[file, end, garbage, generation, hosts, salt, durable] = [next, 0, 0, before.generation + 1, new Map(), 0, 0]
      const own = random()
      append({ is: "begin", format: FORMAT, generation, salt: own })
      salt = own
      append({ is: "lease", fence })
      for (const [id, host] of before.hosts) {
        for (const [change, places] of rewritten(id, host)) {
          const parts = places.map(({ at, length }) => before.file.read(at, length))
          apply(hosts, change, append({ is: "change", fence, change }, parts))
        }
      }
      // The frame that makes it hold must not reach the disk before the others.
      flush()
      append({ is: "whole" })
      flush()
      garbage = 0
    } catch (error) {
      // The log that was there is there still.
      ;({ file, end, garbage, generation, hosts, salt, durable } = before)
      broken = undefined
      try {
        next.truncate(0)
      } catch {
        // It does not count, whatever is in it.
      }
      throw error
    }
    if (before.file !== file) {
      before.file.truncate(0)
      before.file.flush()
    }
  }

  if (newest === undefined) compact()
  else {
    if (file.size() > end) file.truncate(end) // the torn tail
    flush()
    append({ is: "lease", fence })
    flush()
  }
  for (const other of files) if (other !== file && other.size() > 0) other.truncate(0)

  const tidy = () => {
    if (broken !== undefined || garbage < Math.max(MIN_GARBAGE, (end - Math.min(end, garbage)) / 2)) return
    try {
      compact()
    } catch {
      garbage = 0 // no room for a second log now; after as much again
    }
  }
  tidy()

  return {
    get hosts() {
      return hosts
    },
    fence,
    read: ({ at, length }) => file.read(at, length),
    write: (batch) => {
      const found = hosts.get(batch.host)?.version ?? 0
      if (broken !== undefined) throw broken
      if (found !== batch.expected) throw new Conflict({ expected: batch.expected, found })
      const change: Change = {
        host: batch.host,
        version: batch.expected + 1,
        rows: [...batch.rows].map(([id, row]) => [id, row ?? null]),
        records: [...batch.records].map(([id, bytes]) => [id, bytes?.length ?? null]),
        outward: batch.outward,
        confirmed: batch.confirmed,
      }
      const parts = [...batch.records.values()].filter((bytes) => bytes !== undefined)
      garbage += apply(hosts, change, append({ is: "change", fence, change }, parts))
    },
    erase: (host) => {
      if (!hosts.has(host)) return
      append({ is: "erase", fence, host })
      hosts.delete(host)
      garbage = Number.POSITIVE_INFINITY
    },
    flush,
    tidy,
    scrub: compact,
    close: () => {
      for (const each of files) each.close()
    },
  }
}

const failureOf = (error: unknown): Unavailable =>
  error instanceof Unavailable
    ? error
    : new Unavailable({
        reason: error instanceof DOMException && error.name === "QuotaExceededError" ? "full" : "broken",
        cause: error,
      })
