/**
 * One writer among processes. Each lease has a number, kept in the database, and a file `…-lease-<number>` beside it that its
 * holder keeps locked: the operating system frees the lock when the process dies, however it dies. So the database says who may
 * write, and the lock whether that one is alive. Docs: docs/storage.md, "One writer"; https://www.sqlite.org/lockingv3.html.
 *
 * The lock is SQLite's own, on an empty file to which nothing is ever written: Node has no other that works everywhere.
 */
import type { DatabaseSync } from "node:sqlite"
import { Elsewhere, Unavailable } from "../../../core/store.ts"
import { isBusy } from "./codes.ts"
import { fenceOf, migrate } from "./schema.ts"

/** How often a holder looks whether it was robbed or the file is gone, and a waiting one whether it is free. In milliseconds. */
const LOOK_EVERY = 500

/** How long it takes a holder, at most, to finish the transaction it is in. In milliseconds. */
export const PATIENCE = 2_000

export interface Modules {
  readonly sqlite: typeof import("node:sqlite")
  readonly fs: typeof import("node:fs")
  readonly path: typeof import("node:path")
}

export interface Lease {
  readonly fence: number
  /** Resolves when the lease is over: taken by somebody else, or the file is gone. */
  readonly lost: Promise<Unavailable>
  /** Why it is over, if it is: looks whether the file is still there, and nothing else. */
  readonly loss: () => Unavailable | undefined
  readonly release: () => void
}

const leaseFile = (file: string, fence: number) => `${file}-lease-${fence}`

/**
 * Makes a file for its owner's eyes only, if it is not there. One that is there is not opened: closing it would give up every
 * lock that this process has on it, as POSIX has it.
 */
export const makeFile = ({ fs }: Modules, path: string): void => {
  try {
    fs.closeSync(fs.openSync(path, "ax", 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
  }
}

/** Locks the file of a lease; undefined while somebody else has it locked. What is returned unlocks it. */
const lock = (modules: Modules, path: string): (() => void) | undefined => {
  const { sqlite } = modules
  makeFile(modules, path)
  const held = new sqlite.DatabaseSync(path)
  try {
    held.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE")
    return () => held.close()
  } catch (error) {
    held.close()
    if (isBusy(error)) return undefined
    throw error
  }
}

/** Takes the next lease of an open database. Throws `Elsewhere` while its holder lives, unless it is to be robbed. */
export const takeLease = (modules: Modules, db: DatabaseSync, file: string, robbing: boolean): Lease => {
  const before = fenceOf(db)
  const previous = lock(modules, leaseFile(file, before))
  if (previous === undefined && !robbing) throw new Elsewhere()
  const fence = before + 1
  const own = lock(modules, leaseFile(file, fence))
  try {
    if (own === undefined) throw new Elsewhere() // somebody else is doing the same, and was faster
    raise(db, before)
  } catch (error) {
    own?.()
    previous?.()
    throw error
  }
  previous?.()
  // Whoever was robbed watches for this.
  for (const [old, name] of leasesOf(modules, file)) if (old < fence) modules.fs.rmSync(name, { force: true })
  return { fence, ...watched(modules, db, file, fence, own) }
}

/**
 * Tries until it is not busy. Without a pause: a holder that writes all the time is between two transactions for some
 * microseconds only, which SQLite's own way of waiting would miss again and again.
 */
const insist = (db: DatabaseSync, sql: string): void => {
  for (const end = Date.now() + PATIENCE; ; ) {
    try {
      db.exec(sql)
      return
    } catch (error) {
      if (!isBusy(error) || Date.now() > end) throw error
    }
  }
}

/** The files of leases that are there, with their numbers. */
const leasesOf = ({ fs, path }: Modules, file: string): ReadonlyArray<readonly [fence: number, path: string]> => {
  const prefix = path.basename(leaseFile(file, 0)).slice(0, -1)
  const names = fs.existsSync(path.dirname(file)) ? fs.readdirSync(path.dirname(file)) : []
  return names
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => [Number(name.slice(prefix.length)), path.join(path.dirname(file), name)] as const)
}

/** From this commit on, every lease before it is stale. */
const raise = (db: DatabaseSync, before: number): void => {
  insist(db, "PRAGMA journal_mode = WAL")
  insist(db, "BEGIN IMMEDIATE")
  try {
    if (fenceOf(db) !== before) throw new Elsewhere()
    migrate(db)
    db.prepare("UPDATE lease SET fence = ?").run(before + 1)
    db.exec("COMMIT")
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK")
    throw error
  }
}

const watched = ({ fs }: Modules, db: DatabaseSync, file: string, fence: number, unlock: () => void) => {
  const loss = Promise.withResolvers<Unavailable>()
  const path = leaseFile(file, fence)
  const { dev, ino } = fs.statSync(file)
  let over = false
  let why: Unavailable | undefined
  /** The file of a path that was removed goes on, and is gone with us: what is written to it is lost. */
  const lookForFile = () => {
    if (over) return
    const now = fs.statSync(file, { throwIfNoEntry: false })
    if (now === undefined || now.ino !== ino || now.dev !== dev) end("lost")
  }
  const look = () => {
    lookForFile()
    try {
      if (!over && fenceOf(db) !== fence) end("elsewhere")
    } catch {
      // It does not answer now; a write will say why.
    }
  }
  const timer = setInterval(look, LOOK_EVERY)
  timer.unref()
  const watcher = watch(fs, path, look)
  const end = (reason: "lost" | "elsewhere") => {
    stop()
    unlock()
    why = new Unavailable({ reason })
    loss.resolve(why)
  }
  const stop = () => {
    over = true
    clearInterval(timer)
    watcher?.close()
  }
  return {
    lost: loss.promise,
    loss: () => {
      lookForFile()
      return why
    },
    release: () => {
      if (over) return
      stop()
      unlock()
      fs.rmSync(path, { force: true })
    },
  }
}

/** Hears at once of what happens to a file or folder, where the system can tell; looking from time to time does the rest. */
const watch = (fs: Modules["fs"], path: string, changed: () => void) => {
  try {
    return fs.watch(path, { persistent: false }, changed).on("error", () => undefined)
  } catch {
    return undefined
  }
}

/** Resolves when no living process has a lease of the file. It keeps no process alive. */
export const untilFree = async (modules: Modules, file: string, signal: AbortSignal): Promise<void> => {
  const { fs, path } = modules
  const isFree = (): boolean =>
    leasesOf(modules, file).every(([, lease]) => {
      const unlock = lock(modules, lease)
      unlock?.()
      return unlock !== undefined
    })
  if (isFree()) return
  const free = Promise.withResolvers<void>()
  const look = () => {
    if (signal.aborted || isFree()) free.resolve()
  }
  const timer = setInterval(look, LOOK_EVERY)
  timer.unref()
  const watcher = watch(fs, path.dirname(file), look)
  signal.addEventListener("abort", look)
  await free.promise
  clearInterval(timer)
  watcher?.close()
}
