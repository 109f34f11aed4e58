/**
 * Storage in one SQLite file, for Node. Docs: core/store.ts, docs/storage.md; upheld by `spec/conformance/store`.
 *
 * One transaction a batch, on the disk before it answers, with the lease's fencing number compared inside it. Who holds the lease
 * is in sqlite/lease.ts, the tables in sqlite/schema.ts.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite"
import * as Effect from "effect/Effect"
import { boundsOf } from "../../core/host/listing.ts"
import {
  type Batch,
  Conflict,
  type HostId,
  type InstanceId,
  type Outward,
  type Range,
  type RecordId,
  type Row,
  type Saved,
  type Storage,
  type StoreService,
  Unavailable,
} from "../../core/store.ts"
import { refusalOf, unavailable } from "./sqlite/codes.ts"
import { type Lease, type Modules, makeFile, PATIENCE, takeLease, untilFree } from "./sqlite/lease.ts"
import { pragma, versionOf } from "./sqlite/schema.ts"

/** Bounds of the file. */
export interface SqliteOptions {
  /** The file grows no further than this; a batch that would need more fails as `full`. Default: as far as the disk goes. */
  readonly maxBytes?: number
}

/** A file at `path`, made for its owner's eyes only if it is not there. The folder must exist. */
export const sqlite = (path: string, options: SqliteOptions = {}): Storage => ({
  kind: "sqlite",
  durable: true,
  open: opened(path, options, false),
  takeOver: opened(path, options, true),
  freed: Effect.promise(async (signal) => {
    const modules = await load()
    await untilFree(modules, modules.path.resolve(path), signal)
  }),
  measure: Effect.catch(
    Effect.tryPromise(async () => {
      const { fs, path: paths } = await load()
      const sizes = ["", "-wal"].map(
        (end) => fs.statSync(paths.resolve(path) + end, { throwIfNoEntry: false })?.size ?? 0,
      )
      const { bavail, bsize } = fs.statfsSync(paths.dirname(paths.resolve(path)))
      const usage = sizes.reduce((sum, size) => sum + size, 0)
      return { usage, quota: options.maxBytes ?? usage + bavail * bsize }
    }),
    () => Effect.succeed({}),
  ),
  remove: Effect.tryPromise({ try: () => removed(path), catch: refusalOf }),
})

/** Imported when it is used, so that importing this file needs no Node. */
const load = async (): Promise<Modules> => {
  const [sqlite, fs, path] = await Promise.all([import("node:sqlite"), import("node:fs"), import("node:path")])
  return { sqlite, fs, path }
}

interface Opened {
  readonly db: DatabaseSync
  readonly lease: Lease
}

const opened = (path: string, options: SqliteOptions, robbing: boolean): Storage["open"] =>
  Effect.map(
    Effect.acquireRelease(
      Effect.tryPromise({ try: () => openFile(path, options, robbing), catch: refusalOf }),
      ({ db, lease }) =>
        Effect.sync(() => {
          // The lock last: whoever has it next finds the file closed.
          db.close()
          lease.release()
        }),
    ),
    storeOver,
  )

const openFile = async (path: string, { maxBytes }: SqliteOptions, robbing: boolean): Promise<Opened> => {
  const modules = await load()
  const { fs, sqlite } = modules
  const file = modules.path.resolve(path) // an absolute path is never one of SQLite's special names
  makeFile(modules, file)
  fs.chmodSync(file, 0o600)
  const db = new sqlite.DatabaseSync(file)
  try {
    versionOf(db) // refuses what is not ours before anything is changed
    const lease = takeLease(modules, db, file, robbing)
    db.exec(`PRAGMA busy_timeout = ${PATIENCE}`)
    // FULL syncs the log at every commit; what is deleted is overwritten, for it may have been a key.
    db.exec("PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA secure_delete = ON")
    if (maxBytes !== undefined) db.exec(`PRAGMA max_page_count = ${Math.ceil(maxBytes / pragma(db, "page_size"))}`)
    return { db, lease }
  } catch (error) {
    db.close()
    throw error
  }
}

/** The log first: without its database it means nothing, and the database without its log would be an older one. */
const removed = async (path: string): Promise<void> => {
  const { db, lease } = await openFile(path, {}, false)
  db.exec("DELETE FROM host; DELETE FROM instance; DELETE FROM record; DELETE FROM outward")
  db.close()
  const { fs, path: paths } = await load()
  for (const end of ["-wal", "-shm", ""]) fs.rmSync(paths.resolve(path) + end, { force: true })
  lease.release()
}

const storeOver = ({ db, lease }: Opened): StoreService => {
  const statements = prepared(db)
  /** All of it or nothing, and nothing under a lease that is over. */
  const writing = <A>(work: () => A): A =>
    within(db, "IMMEDIATE", () => {
      const loss = lease.loss()
      if (loss !== undefined) throw loss
      if (Number(statements.fence.get()!["fence"]) !== lease.fence) throw new Unavailable({ reason: "elsewhere" })
      return work()
    })
  return {
    hosts: asking(() => statements.hosts.all().map(({ id }) => idOf(id))),
    load: (host) => asking(() => loadHost(db, statements, host)),
    read: (host, record) =>
      asking(() => statements.read.get(keyOf(host), keyOf(record))?.["bytes"] as Uint8Array | undefined),
    list: (host, range) => asking(() => list(statements, host, range)),
    commit: (batch) =>
      Effect.suspend((): Effect.Effect<void, Conflict | Unavailable> => {
        try {
          const found = writing(() => commit(statements, batch))
          return found === undefined ? Effect.void : new Conflict({ expected: batch.expected, found })
        } catch (error) {
          return unavailable(error)
        }
      }),
    erase: (host) =>
      asking(() => writing(() => statements.erasures.forEach((statement) => void statement.run(keyOf(host))))),
    // What is deleted is overwritten in the database (secure_delete); pages as they were lie in the log until it is folded in.
    scrub: asking(() => {
      const { busy } = db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()!
      if (Number(busy) !== 0) throw new Unavailable({ reason: "broken", cause: new Error("the log is being read") })
    }),
    lost: Effect.promise(() => lease.lost),
  }
}

type Statements = ReturnType<typeof prepared>

const prepared = (db: DatabaseSync) => {
  const listings = new Map<string, StatementSync>()
  return {
    fence: db.prepare("SELECT fence FROM lease"),
    hosts: db.prepare("SELECT id FROM host ORDER BY id"),
    version: db.prepare("SELECT version FROM host WHERE id = ?"),
    rows: db.prepare("SELECT id, row FROM instance WHERE host = ?"),
    outward: db.prepare("SELECT command FROM outward WHERE host = ? ORDER BY version, place"),
    read: db.prepare("SELECT bytes FROM record WHERE host = ? AND id = ?"),
    setVersion: db.prepare("INSERT INTO host VALUES (?1, ?2) ON CONFLICT DO UPDATE SET version = ?2"),
    setRow: db.prepare("INSERT INTO instance VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET row = ?3"),
    removeRow: db.prepare("DELETE FROM instance WHERE host = ? AND id = ?"),
    setRecord: db.prepare("INSERT INTO record VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET bytes = ?3"),
    removeRecord: db.prepare("DELETE FROM record WHERE host = ? AND id = ?"),
    addOutward: db.prepare("INSERT INTO outward VALUES (?, ?, ?, ?, ?)"),
    removeOutward: db.prepare("DELETE FROM outward WHERE host = ? AND id = ?"),
    erasures: ["host WHERE id", "instance WHERE host", "record WHERE host", "outward WHERE host"].map((where) =>
      db.prepare(`DELETE FROM ${where} = ?`),
    ),
    /** The records between bounds, in one order or the other. */
    listing: (where: string, order: "ASC" | "DESC"): StatementSync => {
      const sql = `SELECT id, bytes FROM record WHERE host = ? AND ${where} ORDER BY id ${order} LIMIT ?`
      const known = listings.get(sql) ?? db.prepare(sql)
      listings.set(sql, known)
      return known
    },
  }
}

const loadHost = (db: DatabaseSync, { outward, rows, version }: Statements, host: HostId): Saved =>
  within(db, "DEFERRED", () => ({
    version: Number(version.get(keyOf(host))?.["version"] ?? 0),
    rows: new Map(rows.all(keyOf(host)).map(({ id, row }) => [idOf<InstanceId>(id), JSON.parse(row as string) as Row])),
    outward: outward.all(keyOf(host)).map(({ command }) => JSON.parse(command as string) as Outward),
  }))

const list = ({ listing }: Statements, host: HostId, range: Range): Array<readonly [RecordId, Uint8Array]> => {
  const { lower, open, upper } = boundsOf(range)
  const where = `id ${open ? ">" : ">="} ?${upper === undefined ? "" : " AND id < ?"}`
  const values = [host, lower, ...(upper === undefined ? [] : [upper])].map(keyOf)
  const statement = listing(where, range.fromEnd ? "DESC" : "ASC")
  const entries = statement.all(...values, Math.max(0, range.limit)).map(({ bytes, id }) => [idOf(id), bytes] as const)
  return (range.fromEnd ? entries.reverse() : entries) as Array<readonly [RecordId, Uint8Array]>
}

/** Answers with the version that was found instead of the expected one, if it was another. */
const commit = (statements: Statements, batch: Batch): number | undefined => {
  const host = keyOf(batch.host)
  const found = Number(statements.version.get(host)?.["version"] ?? 0)
  if (found !== batch.expected) return found
  const version = batch.expected + 1
  statements.setVersion.run(host, version)
  for (const [id, row] of batch.rows) {
    if (row === undefined) statements.removeRow.run(host, keyOf(id))
    else statements.setRow.run(host, keyOf(id), JSON.stringify(row))
  }
  for (const [id, bytes] of batch.records) {
    if (bytes === undefined) statements.removeRecord.run(host, keyOf(id))
    else statements.setRecord.run(host, keyOf(id), bytes)
  }
  batch.outward.forEach((command, place) => {
    statements.addOutward.run(host, keyOf(command.id), version, place, JSON.stringify(command))
  })
  for (const id of batch.confirmed) statements.removeOutward.run(host, keyOf(id))
  return undefined
}

const within = <A>(db: DatabaseSync, kind: "DEFERRED" | "IMMEDIATE", work: () => A): A => {
  db.exec(`BEGIN ${kind}`)
  try {
    const result = work()
    db.exec("COMMIT")
    return result
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK") // a full disk may have rolled it back already
    throw error
  }
}

const keyOf = (id: string): Uint8Array => {
  const key = new Uint8Array(id.length * 2)
  for (let i = 0; i < id.length; i++) {
    const unit = id.charCodeAt(i)
    key[2 * i] = unit >> 8
    key[2 * i + 1] = unit & 0xff
  }
  return key
}

const idOf = <Id extends string>(key: unknown): Id => {
  const bytes = key as Uint8Array
  let id = ""
  for (let i = 0; i < bytes.length; i += 2) id += String.fromCharCode((bytes[i]! << 8) | bytes[i + 1]!)
  return id as Id
}

const asking = <A>(ask: () => A): Effect.Effect<A, Unavailable> => Effect.try({ try: ask, catch: unavailable })
