/**
 * The braid's message, field 5 of a Signal message. Docs: protocol.md, "Signal layer", which gives every byte; the ML-KEM Braid
 * specification, §2.3, leaves the encoding open.
 *
 *     version ‖ varint epoch ‖ varint index ‖ type ‖ [varint chunk number ‖ 32 bytes]
 */
import { concat } from "../../crypto/bytes.ts"
import { CHUNK_BYTES, CHUNK_NUMBERS, type Chunk } from "./chunks.ts"
import { pushVarint, readVarint } from "./varint.ts"

/** What Signal's peers demand. */
const VERSION = 0x01

const TYPES = {
  nothing: 0,
  header: 1,
  vector: 2,
  acknowledgingVector: 3,
  acknowledgement: 4,
  first: 5,
  second: 6,
} as const
const NAMES = Object.keys(TYPES) as ReadonlyArray<keyof typeof TYPES>

export type Payload =
  | { readonly type: "nothing" | "acknowledgement" }
  | { readonly type: "header" | "vector" | "acknowledgingVector" | "first" | "second"; readonly chunk: Chunk }

export interface BraidMessage {
  /** From 1 on. The message's key is of the epoch before it. */
  readonly epoch: number
  /** Which key of that epoch's chain, from 1 on. */
  readonly index: number
  readonly payload: Payload
}

export const MAX_INDEX = 0xffff_ffff

export const encodeBraidMessage = ({ epoch, index, payload }: BraidMessage): Uint8Array => {
  const head = pushVarint(pushVarint([VERSION], epoch), index)
  head.push(TYPES[payload.type])
  if (!("chunk" in payload)) return Uint8Array.from(head)
  return concat(Uint8Array.from(pushVarint(head, payload.chunk.number)), payload.chunk.bytes)
}

/** Undefined for anything but the one encoding of a message. Never throws. */
export const decodeBraidMessage = (bytes: Uint8Array): BraidMessage | undefined => {
  if (bytes[0] !== VERSION) return undefined
  const epoch = readVarint(bytes, 1)
  const index = epoch && readVarint(bytes, epoch.next)
  if (index === undefined || epoch === undefined) return undefined
  if (epoch.value === 0 || index.value === 0 || index.value > MAX_INDEX) return undefined
  const type = NAMES[bytes[index.next] ?? NAMES.length]
  if (type === undefined) return undefined
  const base = { epoch: epoch.value, index: index.value }
  const start = index.next + 1
  if (type === "nothing" || type === "acknowledgement")
    return start === bytes.length ? { ...base, payload: { type } } : undefined
  const number = readVarint(bytes, start)
  if (number === undefined || number.value >= CHUNK_NUMBERS) return undefined
  if (bytes.length !== number.next + CHUNK_BYTES) return undefined
  return { ...base, payload: { type, chunk: { number: number.value, bytes: bytes.slice(number.next) } } }
}
