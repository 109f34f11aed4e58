/**
 * What the log says, in memory: rows and commands as they are, records as places in the file. Entries change it, and it can be
 * written down anew as entries. Docs: docs/storage.md, "The log".
 */
import type { HostId, InstanceId, Outward, RecordId, Row } from "../../../core/store.ts"

/** Where a record's bytes are in the file. */
export interface Place {
  readonly at: number
  readonly length: number
}

export interface Host {
  version: number
  readonly rows: Map<InstanceId, Row>
  readonly records: Map<RecordId, Place>
  /** The ids of the records, in ascending order. */
  readonly ids: Array<RecordId>
  /** In the order of their commits. */
  readonly outward: Map<string, Outward>
}

export type Hosts = Map<HostId, Host>

/** A change of one host. Of a record the length; its bytes follow one another in the frame. Null is a removal. */
export interface Change {
  readonly host: HostId
  readonly version: number
  readonly rows: ReadonlyArray<readonly [InstanceId, Row | null]>
  readonly records: ReadonlyArray<readonly [RecordId, number | null]>
  readonly outward: ReadonlyArray<Outward>
  readonly confirmed: ReadonlyArray<string>
}

export const newHost = (): Host => ({ version: 0, rows: new Map(), records: new Map(), ids: [], outward: new Map() })

/** Applies a change whose bytes begin at `at`. Answers with how many bytes of records it left behind. */
export const apply = (hosts: Hosts, change: Change, at: number): number => {
  const host = hosts.get(change.host) ?? newHost()
  hosts.set(change.host, host)
  host.version = change.version
  for (const [id, row] of change.rows) row === null ? host.rows.delete(id) : host.rows.set(id, row)
  let left = 0
  let next = at
  for (const [id, length] of change.records) {
    const before = host.records.get(id)
    left += before?.length ?? 0
    if (length === null) {
      if (host.records.delete(id)) host.ids.splice(placeOf(host.ids, id), 1)
      continue
    }
    if (before === undefined) host.ids.splice(placeOf(host.ids, id), 0, id)
    host.records.set(id, { at: next, length })
    next += length
  }
  for (const command of change.outward) host.outward.set(command.id, command)
  for (const id of change.confirmed) host.outward.delete(id)
  return left
}

/** Where an id is among ids in ascending order, or would be. */
export const placeOf = (ids: ReadonlyArray<RecordId>, id: RecordId): number => {
  let [low, high] = [0, ids.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ids[middle]! < id) low = middle + 1
    else high = middle
  }
  return low
}

/** Records are written down anew in changes of about this many bytes. */
const PART = 1 << 20

/** The host as changes of a new one, and which records' bytes belong to each. */
export function* rewritten(id: HostId, host: Host): Generator<readonly [Change, ReadonlyArray<Place>]> {
  let records: Array<readonly [RecordId, number]> = []
  let places: Array<Place> = []
  let size = 0
  const part = (last: boolean): readonly [Change, ReadonlyArray<Place>] => [
    {
      host: id,
      version: host.version,
      rows: last ? [...host.rows] : [],
      records,
      outward: last ? [...host.outward.values()] : [],
      confirmed: [],
    },
    places,
  ]
  for (const record of host.ids) {
    const place = host.records.get(record)!
    records.push([record, place.length])
    places.push(place)
    size += place.length
    if (size < PART) continue
    yield part(false)
    ;[records, places, size] = [[], [], 0]
  }
  yield part(true)
}
