/**
 * The schema of a SQLite file, and how each version became the next. A file of a later version, or of another application, is
 * refused before anything in it is touched. Docs: docs/storage.md, "Migrations".
 */
import type { DatabaseSync } from "node:sqlite"
import { Unavailable } from "../../../core/store.ts"

/** Marks the file as ours: "sott" in ASCII. */
const APPLICATION_ID = 0x736f7474

/**
 * Each makes the next schema of the one before. Never changed, only added to. Ids are blobs: UTF-16, big end first, whose
 * order as bytes is the order of code units that the port asks for.
 */
const MIGRATIONS: ReadonlyArray<string> = [
  `CREATE TABLE host (id BLOB PRIMARY KEY, version INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE instance (host BLOB, id BLOB, row TEXT NOT NULL, PRIMARY KEY (host, id)) STRICT;
   CREATE TABLE record (host BLOB, id BLOB, bytes BLOB NOT NULL, PRIMARY KEY (host, id)) STRICT;
   CREATE TABLE outward (
     host BLOB, id BLOB, version INTEGER NOT NULL, place INTEGER NOT NULL, command TEXT NOT NULL, PRIMARY KEY (host, id)
   ) STRICT;`,
  // The highest lease that was given out: one row.
  `CREATE TABLE lease (fence INTEGER NOT NULL) STRICT;
   INSERT INTO lease VALUES (0);`,
]

/** The first version with leases. */
const WITH_LEASE = 2

/** The file's version; 0 for a new one. Reads only. */
export const versionOf = (db: DatabaseSync): number => {
  const application = pragma(db, "application_id")
  const version = pragma(db, "user_version")
  if (application === 0 && version === 0 && pragma(db, "schema_version") === 0) return 0
  if (application !== APPLICATION_ID) throw new Unavailable({ reason: "broken", cause: new Error("not a Sotto file") })
  if (version > MIGRATIONS.length) throw new Unavailable({ reason: "newer" })
  return version
}

/** The number of the last lease that was given out. */
export const fenceOf = (db: DatabaseSync): number =>
  versionOf(db) < WITH_LEASE ? 0 : Number(db.prepare("SELECT fence FROM lease").get()!["fence"])

/** Brings the file to the present schema. To be called inside a transaction that writes, by whoever gets the lease. */
export const migrate = (db: DatabaseSync): void => {
  const version = versionOf(db)
  if (version === MIGRATIONS.length) return
  for (const migration of MIGRATIONS.slice(version)) db.exec(migration)
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}`)
}

export const pragma = (db: DatabaseSync, name: string): number => Number(db.prepare(`PRAGMA ${name}`).get()![name])
