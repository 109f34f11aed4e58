/**
 * The log's frames: how an entry lies in the file, and how a file is read back after a crash. Docs: docs/storage.md, "The log".
 *
 *     magic 4 | length 4 | checksum 4 | durable 8 | payload: length of the JSON 4, JSON, bytes
 *
 * The checksum (CRC-32, started from the log's own random number) covers all that follows it and the length. `durable` is how
 * much of the file had been flushed when the frame was written: a frame that does not check is a torn tail and is cut, unless a
 * later frame says that it was on the disk; then it is damage, and the log is refused.
 */
import type { SyncFile } from "./file.ts"

/** "slog" in ASCII. */
const MAGIC = 0x736c6f67
const HEADER = 20
const COVERED_FROM = 12

/** No batch is that large; a length beyond it is a torn one. */
const MAX_PAYLOAD = 0x2000_0000

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c >>> 0
})

/** CRC-32 as in ISO 3309, from any starting value. */
const crc32 = (bytes: Uint8Array, start: number): number => {
  let c = ~start
  for (let i = 0; i < bytes.length; i++) c = TABLE[(c ^ bytes[i]!) & 0xff]! ^ (c >>> 8)
  return ~c >>> 0
}

const checksum = (salt: number, length: number, covered: Uint8Array): number => crc32(covered, (salt ^ length) >>> 0)

/** What is in a frame: JSON, and the bytes that it speaks of, end to end. */
export interface Entry {
  readonly json: unknown
  readonly bytes: Uint8Array
}

/** Where the bytes of an entry begin, from the beginning of its frame. */
export const bytesOffset = (json: Uint8Array): number => HEADER + 4 + json.length

export const toJson = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

export const encodeFrame = (
  salt: number,
  durable: number,
  json: Uint8Array,
  parts: ReadonlyArray<Uint8Array>,
): Uint8Array => {
  const length = parts.reduce((sum, part) => sum + part.length, 4 + json.length)
  const frame = new Uint8Array(HEADER + length)
  const view = new DataView(frame.buffer)
  view.setUint32(0, MAGIC)
  view.setUint32(4, length)
  view.setBigUint64(12, BigInt(durable))
  view.setUint32(HEADER, json.length)
  frame.set(json, HEADER + 4)
  let at = HEADER + 4 + json.length
  for (const part of parts) {
    frame.set(part, at)
    at += part.length
  }
  view.setUint32(8, checksum(salt, length, frame.subarray(COVERED_FROM)))
  return frame
}

interface Read {
  readonly entry: Entry
  readonly durable: number
  /** Where the next frame begins. */
  readonly end: number
  /** Where the entry's bytes begin. */
  readonly bytesAt: number
}

/** The frame at a place, or undefined for anything that is not a whole one. */
export const readFrame = (file: SyncFile, at: number, salt: number): Read | undefined => {
  const header = file.read(at, HEADER)
  if (header.length < HEADER) return undefined
  const view = new DataView(header.buffer, header.byteOffset)
  const length = view.getUint32(4)
  if (view.getUint32(0) !== MAGIC || length < 4 || length > MAX_PAYLOAD || at + HEADER + length > file.size()) {
    return undefined
  }
  const covered = file.read(at + COVERED_FROM, HEADER - COVERED_FROM + length)
  if (covered.length !== HEADER - COVERED_FROM + length || view.getUint32(8) !== checksum(salt, length, covered)) {
    return undefined
  }
  const payload = covered.subarray(HEADER - COVERED_FROM)
  const jsonLength = new DataView(payload.buffer, payload.byteOffset).getUint32(0)
  if (4 + jsonLength > length) return undefined
  const json: unknown = JSON.parse(new TextDecoder().decode(payload.subarray(4, 4 + jsonLength)))
  return {
    entry: { json, bytes: payload.subarray(4 + jsonLength) },
    durable: Number(view.getBigUint64(12)),
    end: at + HEADER + length,
    bytesAt: at + HEADER + 4 + jsonLength,
  }
}

/** How much of the file is searched at a time. */
const WINDOW = 1 << 20

/** Whether some whole frame after `at` says that what is at `at` had been flushed. */
export const isDamage = (file: SyncFile, at: number, salt: number): boolean => {
  const size = file.size()
  for (let from = at + 1; from < size; from += WINDOW) {
    const bytes = file.read(from, WINDOW + 3)
    for (let i = 0; i + 4 <= bytes.length; i++) {
      if (bytes[i] !== 0x73 || bytes[i + 1] !== 0x6c || bytes[i + 2] !== 0x6f || bytes[i + 3] !== 0x67) continue
      const frame = readFrame(file, from + i, salt)
      if (frame !== undefined && frame.durable > at) return true
    }
  }
  return false
}
