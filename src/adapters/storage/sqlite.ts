/**
 * Storage in one SQLite file, for Node. Docs: core/store.ts; upheld by `spec/conformance/store`.
 *
 * One transaction a batch, on the disk before it answers. One writer by SQLite's exclusive locking mode: the operating
 * system holds the lock on the file and frees it when the process dies, however it dies.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite"
import * as Effect from "effect/Effect"
import { boundsOf } from "../../core/host/listing.ts"
import {
  type Batch,
  Conflict,
  Elsewhere,
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

/** Marks the file as ours: "sott" in ASCII. */
const APPLICATION_ID = 0x736f7474

/** Raised with every change of the schema; a file of a later version is refused as `newer`. */
const SCHEMA_VERSION = 1

/** Ids are blobs: UTF-16, big end first, whose order as bytes is the order of code units that the port asks for. */
const SCHEMA = `
  CREATE TABLE host (id BLOB PRIMARY KEY, version INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE instance (host BLOB, id BLOB, row TEXT NOT NULL, PRIMARY KEY (host, id)) STRICT;
  CREATE TABLE record (host BLOB, id BLOB, bytes BLOB NOT NULL, PRIMARY KEY (host, id)) STRICT;
  CREATE TABLE outward (
    host BLOB, id BLOB, version INTEGER NOT NULL, place INTEGER NOT NULL, command TEXT NOT NULL, PRIMARY KEY (host, id)
  ) STRICT;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`

export interface SqliteOptions {
  /** The file grows no further than this; a batch that would need more fails as `full`. Default: as far as the disk goes. */
  readonly maxBytes?: number
}

/** A file at `path`, made for its owner's eyes only if it is not there. The folder must exist. */
export const sqlite = (path: string, options: SqliteOptions = {}): Storage => ({
  kind: "sqlite",
  durable: true,
  open: Effect.map(
    Effect.acquireRelease(Effect.tryPromise({ try: () => opened(path, options), catch: refusalOf }), (db) =>
      Effect.sync(() => db.close()),
    ),
    storeOver,
  ),
})

/** Imported when it is opened, so that importing this file needs no Node. */
const opened = async (path: string, { maxBytes }: SqliteOptions): Promise<DatabaseSync> => {
  const [{ DatabaseSync }, { chmod, open }, { resolve }] = await Promise.all([
    import("node:sqlite"),
    import("node:fs/promises"),
    import("node:path"),
  ])
  const file = resolve(path) // an absolute path is never one of SQLite's special names
  await (await open(file, "a", 0o600)).close()
  await chmod(file, 0o600)
  const db = new DatabaseSync(file)
  try {
    prepareFile(db)
    if (maxBytes !== undefined) db.exec(`PRAGMA max_page_count = ${Math.ceil(maxBytes / pragma(db, "page_size"))}`)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

const prepareFile = (db: DatabaseSync): void => {
  // Exclusive before the first access: the log's index then stays in memory, and nobody else reads a half-written file.
  db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL")
  // FULL syncs the log at every commit; what is deleted is overwritten, for it may have been a key.
  db.exec("PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA secure_delete = ON")
  db.exec("BEGIN EXCLUSIVE")
  const application = pragma(db, "application_id")
  const version = pragma(db, "user_version")
  if (application === 0 && version === 0 && pragma(db, "schema_version") === 0) db.exec(SCHEMA)
  else if (application !== APPLICATION_ID)
    throw new Unavailable({ reason: "broken", cause: new Error("not a Sotto file") })
  else if (version > SCHEMA_VERSION) throw new Unavailable({ reason: "newer" })
  db.exec("COMMIT")
}

const pragma = (db: DatabaseSync, name: string): number => Number(db.prepare(`PRAGMA ${name}`).get()![name])

const storeOver = (db: DatabaseSync): StoreService => {
  const statements = prepared(db)
  return {
    hosts: asking(() => statements.hosts.all().map(({ id }) => idOf(id))),
    load: (host) => asking(() => load(db, statements, host)),
    read: (host, record) =>
      asking(() => statements.read.get(keyOf(host), keyOf(record))?.["bytes"] as Uint8Array | undefined),
    list: (host, range) => asking(() => list(statements, host, range)),
    commit: (batch) =>
      Effect.suspend((): Effect.Effect<void, Conflict | Unavailable> => {
        try {
          const found = commit(db, statements, batch)
          return found === undefined ? Effect.void : new Conflict({ expected: batch.expected, found })
        } catch (error) {
          return unavailable(error)
        }
      }),
    erase: (host) =>
      asking(() => within(db, () => statements.erasures.forEach((statement) => void statement.run(keyOf(host))))),
  }
}

type Statements = ReturnType<typeof prepared>

const prepared = (db: DatabaseSync) => {
  const listings = new Map<string, StatementSync>()
  return {
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

const load = (db: DatabaseSync, { outward, rows, version }: Statements, host: HostId): Saved =>
  within(db, () => ({
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
const commit = (db: DatabaseSync, statements: Statements, batch: Batch): number | undefined =>
  within(db, () => {
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
  })

/** All of it or nothing. */
const within = <A>(db: DatabaseSync, work: () => A): A => {
  db.exec("BEGIN IMMEDIATE")
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

/** SQLite's result codes (https://www.sqlite.org/rescode.html), the extended part cut off. */
const codeOf = (error: unknown): number =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode & 0xff : 0
const BUSY = 5
const FULL = 13

const unavailable = (error: unknown): Unavailable => {
  if (error instanceof Unavailable) return error
  const code = codeOf(error)
  return new Unavailable({ reason: code === FULL ? "full" : code === BUSY ? "blocked" : "broken", cause: error })
}

const refusalOf = (error: unknown): Elsewhere | Unavailable =>
  codeOf(error) === BUSY ? new Elsewhere() : unavailable(error)
