/**
 * What is in the packs of the hosts that are in use, so that a commit knows which to write without reading them. It belongs to one
 * lease, for nobody else writes under it, and goes with it; a commit that fails drops what is known of its host. Acts on one host
 * follow one another, as its transactions do. Docs: docs/storage.md, "Packs".
 */
import { boundsOf } from "../../../core/host/listing.ts"
import { type Batch, FEW, type Few, fewOf, type HostId, type RecordId, type Saved } from "../../../core/store.ts"
import { commandName, type Live, type Placed, rowName, type Schema, type Shelf, storeIn } from "./database.ts"
import { type Pack, Packs } from "./packs.ts"
import { answered } from "./requests.ts"

/** Hosts whose packs are remembered at most; the others are read again. */
const MAX_HOSTS = 32

/** A longer record is kept on its own. */
const MAX_RECORD = 8 * 1_024

/** Of each kind a host has at most so many bytes of records in packs, and in memory; what is beyond is kept on its own. */
export const MAX_PACKED = 512 * 1_024

const KINDS = Object.keys(FEW) as ReadonlyArray<Few>
const PREFIXES = KINDS.flatMap((kind): ReadonlyArray<string> => FEW[kind])

/** Whether records whose ids begin so may be in packs. */
export const mayBePacked = (prefix: string): boolean =>
  PREFIXES.some((known) => known.startsWith(prefix) || prefix.startsWith(known))

/** The packs of a host, and which records lie outside of them that might be inside. */
export interface Kept {
  readonly live: Packs<Live>
  readonly few: Readonly<Record<Few, Packs<Uint8Array>>>
  readonly outside: ReadonlySet<RecordId>
}

type PackKey = Schema["packs"]["key"]
type PackValue = Schema["packs"]["value"]

/** What a batch does to a host: its packs, and its records that lie outside of them. */
export interface Writes {
  readonly after: Kept
  readonly packs: ReadonlyArray<readonly [PackKey, PackValue | undefined]>
  readonly records: ReadonlyArray<readonly [RecordId, Uint8Array | undefined]>
}

export class Keeping {
  private readonly hosts = new Map<HostId, Kept>()
  private readonly turns = new Map<HostId, Promise<unknown>>()
  private readonly db: IDBDatabase
  private isOver = false

  constructor(db: IDBDatabase) {
    this.db = db
  }

  /** Acts on a host one after the other, in the order in which they were asked for. */
  async inTurn<A>(host: HostId, act: () => Promise<A>): Promise<A> {
    const before = this.turns.get(host)
    const turn = before === undefined ? act() : before.then(act)
    const settled = turn.then(
      () => undefined,
      () => undefined,
    )
    this.turns.set(host, settled)
    try {
      return await turn
    } finally {
      if (this.turns.get(host) === settled) this.turns.delete(host)
    }
  }

  /** In turn only. */
  async of(host: HostId): Promise<Kept> {
    return this.hosts.get(host) ?? (await this.read(host)).kept
  }

  /** In turn only: a host as it is in the database. */
  async read(host: HostId): Promise<{ readonly kept: Kept; readonly saved: Saved }> {
    const tx = this.db.transaction(["hosts", "packs", "records"])
    const [packs, records] = [storeIn(tx, "packs"), storeIn(tx, "records")]
    const within = IDBKeyRange.bound([host], [host, []])
    const outside = PREFIXES.map((prefix) => {
      const { lower, upper } = boundsOf({ prefix, limit: 1 })
      return answered(records.getAllKeys(IDBKeyRange.bound([host, lower], [host, upper ?? []], false, true)))
    })
    const [version = 0, keys, values, ...found] = await Promise.all([
      answered(storeIn(tx, "hosts").get(host)),
      answered(packs.getAllKeys(within)),
      answered(packs.getAll(within)),
      ...outside,
    ])
    const on = <V>(shelf: Shelf): ReadonlyMap<number, Pack<V>> =>
      new Map(
        keys.flatMap(([, at, place], i) => (at === shelf ? [[place, values[i] as unknown as Pack<V>] as const] : [])),
      )
    const kept = keptFrom(on, new Set(found.flat().map(([, id]) => id)))
    this.remember(host, kept)
    return { kept, saved: savedFrom(version, kept) }
  }

  /** In turn only: what is committed now. */
  remember(host: HostId, kept: Kept): void {
    if (this.isOver) return
    this.hosts.delete(host)
    this.hosts.set(host, kept)
    for (const first of this.hosts.keys()) {
      if (this.hosts.size <= MAX_HOSTS) return
      this.hosts.delete(first)
    }
  }

  forget(host: HostId): void {
    this.hosts.delete(host)
  }

  /** The lease is over. */
  end(): void {
    this.isOver = true
    this.hosts.clear()
  }
}

/** From the packs of each shelf, by number, and the records outside of them. */
export const keptFrom = (
  on: <V>(shelf: Shelf) => ReadonlyMap<number, Pack<V>>,
  outside: ReadonlySet<RecordId>,
): Kept => {
  const bytes = (kind: Few) => new Packs<Uint8Array>(on(kind), ({ length }) => length)
  return { live: new Packs<Live>(on("live")), few: { passing: bytes("passing"), window: bytes("window") }, outside }
}

const savedFrom = (version: number, { live }: Kept): Saved => {
  const rows = new Map<string, Live>()
  const placed: Array<Placed> = []
  for (const [name, value] of live.entries())
    if (name.startsWith("r")) rows.set(name.slice(1), value)
    else placed.push(value as Placed)
  placed.sort((a, b) => a.version - b.version || a.index - b.index)
  return { version, rows: rows as unknown as Saved["rows"], outward: placed.map(({ outward }) => outward) }
}

/** What a batch changes. */
export const writesOf = ({ few, live, outside }: Kept, batch: Batch): Writes => {
  const version = batch.expected + 1
  const lives: Array<readonly [string, Live | undefined]> = []
  for (const [id, row] of batch.rows) lives.push([rowName(id), row])
  batch.outward.forEach((outward, index) => void lives.push([commandName(outward.id), { version, index, outward }]))
  for (const id of batch.confirmed) lives.push([commandName(id), undefined])
  const packed: Record<Few, Array<readonly [RecordId, Uint8Array | undefined]>> = { passing: [], window: [] }
  const records: Array<readonly [RecordId, Uint8Array | undefined]> = []
  const beyond = new Set(outside)
  const room = { passing: MAX_PACKED - few.passing.size(), window: MAX_PACKED - few.window.size() }
  for (const [id, bytes] of batch.records) {
    const kind = fewOf(id)
    if (kind === undefined) records.push([id, bytes])
    else if (beyond.has(id)) {
      records.push([id, bytes])
      if (bytes === undefined) beyond.delete(id)
    } else if (bytes !== undefined && (bytes.length > MAX_RECORD || bytes.length > room[kind])) {
      packed[kind].push([id, undefined])
      records.push([id, bytes])
      beyond.add(id)
    } else {
      packed[kind].push([id, bytes])
      room[kind] -= bytes?.length ?? 0
    }
  }
  const change = {
    live: live.changed(lives),
    passing: few.passing.changed(packed.passing),
    window: few.window.changed(packed.window),
  }
  const on = (shelf: Shelf) =>
    [...change[shelf].writes].map(
      ([place, pack]) => [[batch.host, shelf, place] as PackKey, pack as PackValue | undefined] as const,
    )
  return {
    after: {
      live: change.live.after,
      few: { passing: change.passing.after, window: change.window.after },
      outside: beyond,
    },
    packs: [...on("live"), ...on("passing"), ...on("window")],
    records,
  }
}
