/**
 * What a host holds, as records of one kind: rows and outward commands become JSON, and every id gets a letter in front, so that
 * one index orders them all. Docs: storage.md, "A sealed record".
 */
import { fromUtf8, utf8 } from "../crypto/bytes.ts"
import type { InstanceId, Outward, Row, Saved } from "../store.ts"

const [ROW, OUTWARD, RECORD] = ["i", "o", "r"] as const

export const NAME = {
  rows: ROW,
  outwards: OUTWARD,
  records: RECORD,
  row: (id: string) => `${ROW}${id}`,
  outward: (id: string) => `${OUTWARD}${id}`,
  record: (id: string) => `${RECORD}${id}`,
} as const

export const encodeRow = (row: Row): Uint8Array => utf8(JSON.stringify(row))

/** With its place in the order of the commits. */
export const encodeOutward = (version: number, index: number, outward: Outward): Uint8Array =>
  utf8(JSON.stringify({ version, index, outward }))

interface Placed {
  readonly version: number
  readonly index: number
  readonly outward: Outward
}

type Entries = ReadonlyArray<readonly [string, Uint8Array]>

/** A host as it was saved. Undefined where something is not what was encoded. */
export const savedFrom = (version: number, rows: Entries, outward: Entries): Saved | undefined => {
  try {
    const placed = outward.map(([, bytes]) => JSON.parse(fromUtf8(bytes)!) as Placed)
    placed.sort((a, b) => a.version - b.version || a.index - b.index)
    return {
      version,
      rows: new Map(rows.map(([id, bytes]) => [id.slice(1) as InstanceId, JSON.parse(fromUtf8(bytes)!) as Row])),
      outward: placed.map((one) => one.outward),
    }
  } catch {
    return undefined // it was opened, so only a fault of ours leads here
  }
}
