/**
 * The Signal message: version byte, protobuf, MAC. Docs: protocol.md, "Signal layer", which gives every field.
 */
import { parseKey, SERIALIZED_KEY_BYTES, serializeKey } from "./curve-key.ts"
import { MAC_BYTES } from "./message-keys.ts"
import { decodeFields, encodeFields } from "./protobuf.ts"

/** Message version 4 (with PQXDH) in both halves: what we speak, and the highest we could. */
export const VERSION = 0x44
const VERSION_BYTE = Uint8Array.of(VERSION)

/** Above the greatest content bucket (128 KiB) with the inner layer's overhead: bounds what a frame makes us copy. */
export const MAX_CIPHERTEXT = 160 * 1024

/** Above every braid message (a header of some 12 bytes and a chunk of 32) and every pair of addresses. */
const MAX_SMALL_FIELD = 256

export const MAX_SIGNAL_MESSAGE = MAX_CIPHERTEXT + 1024

const BLOCK_BYTES = 16

const FIELDS = {
  ratchetKey: [1, "bytes", SERIALIZED_KEY_BYTES],
  counter: [2, "uint32"],
  previousCounter: [3, "uint32"],
  ciphertext: [4, "bytes", MAX_CIPHERTEXT],
  braid: [5, "bytes", MAX_SMALL_FIELD],
  addresses: [6, "bytes", MAX_SMALL_FIELD],
} as const

export interface SignalMessage {
  /** The sender's current ratchet key, 32 bytes. */
  readonly ratchetKey: Uint8Array
  readonly counter: number
  /** Counter of the last message in the sender's chain before this one. */
  readonly previousCounter: number
  readonly ciphertext: Uint8Array
  /** The braid's message. */
  readonly braid: Uint8Array | undefined
  /** Account names, which a service's clients bind into the MAC. We send none. */
  readonly addresses: Uint8Array | undefined
}

/** Byte values are views of one copy of what was read, but for the key, which outlives it. */
export interface ReceivedSignalMessage extends SignalMessage {
  /** What the MAC covers, identities apart: the version byte and the protobuf as they came. */
  readonly body: Uint8Array
  readonly mac: Uint8Array
}

/** Version byte and protobuf; with the MAC over it, it is the message. */
export const encodeBody = (message: SignalMessage): Uint8Array => encodeBodyWithRoom(message, 0)

/** The same in front of as many zeros: the MAC's place, so that a message is not copied for its last eight bytes. */
export const encodeBodyWithRoom = (message: SignalMessage, room: number): Uint8Array =>
  encodeFields(FIELDS, { ...message, ratchetKey: serializeKey(message.ratchetKey) }, VERSION_BYTE, room)

/** Undefined for anything but a message of version 4 with its four mandatory fields. Never throws. */
export const decodeSignalMessage = (bytes: Uint8Array): ReceivedSignalMessage | undefined => {
  if (bytes.length > MAX_SIGNAL_MESSAGE || bytes.length <= MAC_BYTES || bytes[0] !== VERSION) return undefined
  const own = bytes.slice()
  const body = own.subarray(0, own.length - MAC_BYTES)
  const fields = decodeFields(FIELDS, body.subarray(1))
  if (fields === undefined) return undefined
  const { addresses, braid, ciphertext, counter, previousCounter, ratchetKey: serialized } = fields
  if (serialized === undefined || counter === undefined || previousCounter === undefined) return undefined
  const ratchetKey = parseKey(serialized)
  if (ratchetKey === undefined || ciphertext === undefined) return undefined
  if (ciphertext.length === 0 || ciphertext.length % BLOCK_BYTES !== 0) return undefined
  const mac = own.subarray(body.length)
  return { ratchetKey, counter, previousCounter, ciphertext, braid, addresses, body, mac }
}
