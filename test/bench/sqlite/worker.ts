/**
 * SQLite in a worker over OPFS, in its fastest way of using it (the pool of sync access handles), with the tables of our own
 * storage for Node. As with our log, batches that came together share one flush: here, one transaction.
 */
import sqlite3InitModule, { type Database } from "@sqlite.org/sqlite-wasm"
import type { Batch } from "../../../src/core/store.ts"

interface Request {
  readonly id: number
  readonly batch: Batch
}

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Request>) => void
  readonly postMessage: (answer: unknown) => void
}

const load = sqlite3InitModule as (options: object) => ReturnType<typeof sqlite3InitModule>
const module = await load({ locateFile: () => "/sqlite3.wasm" })
const pool = await module.installOpfsSAHPoolVfs({ name: "bench", clearOnInit: true })
const db: Database = new pool.OpfsSAHPoolDb("/bench")
db.exec("PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA locking_mode = EXCLUSIVE")
db.exec(`
  CREATE TABLE host (id TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE instance (host TEXT, id TEXT, row TEXT, PRIMARY KEY (host, id)) WITHOUT ROWID;
  CREATE TABLE record (host TEXT, id TEXT, bytes BLOB, PRIMARY KEY (host, id)) WITHOUT ROWID;
  CREATE TABLE outward (host TEXT, id TEXT, command TEXT, PRIMARY KEY (host, id)) WITHOUT ROWID;
`)

const sql = {
  version: db.prepare("SELECT version FROM host WHERE id = ?"),
  setVersion: db.prepare("INSERT INTO host VALUES (?1, ?2) ON CONFLICT DO UPDATE SET version = ?2"),
  setRow: db.prepare("INSERT INTO instance VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET row = ?3"),
  removeRow: db.prepare("DELETE FROM instance WHERE host = ? AND id = ?"),
  setRecord: db.prepare("INSERT INTO record VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET bytes = ?3"),
  addOutward: db.prepare("INSERT INTO outward VALUES (?, ?, ?)"),
  removeOutward: db.prepare("DELETE FROM outward WHERE host = ? AND id = ?"),
}

const commit = ({ confirmed, expected, host, outward, records, rows }: Batch): void => {
  const found = sql.version.bind([host]).step() ? sql.version.getInt(0) : 0
  sql.version.reset()
  if (found !== expected) throw new Error("conflict")
  sql.setVersion.bind([host, expected + 1]).stepReset()
  for (const [id, row] of rows) {
    if (row === undefined) sql.removeRow.bind([host, id]).stepReset()
    else sql.setRow.bind([host, id, JSON.stringify(row)]).stepReset()
  }
  for (const [id, bytes] of records) sql.setRecord.bind([host, id, bytes ?? null]).stepReset()
  for (const command of outward) sql.addOutward.bind([host, command.id, JSON.stringify(command)]).stepReset()
  for (const id of confirmed) sql.removeOutward.bind([host, id]).stepReset()
}

let waiting: Array<Request> = []
const turn = new MessageChannel()
turn.port1.onmessage = () => {
  const requests = waiting
  waiting = []
  db.exec("BEGIN IMMEDIATE")
  for (const { batch } of requests) commit(batch)
  db.exec("COMMIT")
  for (const { id } of requests) scope.postMessage({ id })
}

scope.onmessage = ({ data }) => {
  if (waiting.length === 0) turn.port2.postMessage(undefined)
  waiting.push(data)
}
scope.postMessage({ ready: true })
