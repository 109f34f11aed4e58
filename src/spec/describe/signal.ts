/** Describes Signal's two messages: a version byte, protobuf, and, for one of them, a MAC. Docs: protocol.md, "Signal layer". */
import { decodeBraidMessage } from "../../core/layers/signal/braid-message.ts"
import { decodePreKeyMessage } from "../../core/layers/signal/pre-key-message.ts"
import { decodeSignalMessage } from "../../core/layers/signal/signal-message.ts"
import { type Keyed, signalKey, signalMacKey } from "./keyed.ts"
import { LAYER_RULES } from "./rules.ts"
import { inARow, type Span, shifted } from "./span.ts"

const MAC_BYTES = 8

interface Field {
  readonly name: string
  readonly note: string
  readonly rules?: ReadonlyArray<string>
  readonly keyed?: Keyed
}

const MESSAGE: Readonly<Record<number, Field>> = {
  1: {
    name: "ratchet key",
    note: "X25519, behind its type byte: the sender's key of this turn of the Double Ratchet.",
    rules: LAYER_RULES.healing,
  },
  2: { name: "counter", note: "Which message of the sender's chain.", rules: LAYER_RULES.counter },
  3: { name: "previous counter", note: "The last counter of the sender's chain before this one." },
  4: {
    name: "ciphertext",
    note: "AES-256-CBC under a key from the chain and the braid together.",
    rules: LAYER_RULES.ciphertext,
    keyed: signalKey,
  },
  5: {
    name: "braid",
    note: "A piece of ML-KEM-768: version, epoch, index, type, and a chunk of 32 bytes.",
    rules: LAYER_RULES.braid,
  },
  6: { name: "addresses", note: "Account names. Never sent here." },
}

const PRE_KEY_MESSAGE: Readonly<Record<number, Field>> = {
  1: { name: "one-time prekey id", note: "Which one-time prekey was used." },
  2: { name: "base key", note: "X25519, behind its type byte: the joiner's ephemeral key of PQXDH." },
  3: { name: "identity key", note: "X25519, behind its type byte: the joiner's identity." },
  4: { name: "message", note: "A whole Signal message." },
  5: { name: "registration id", note: "Nothing is registered; Signal's format wants a number." },
  6: { name: "signed prekey id", note: "Which signed prekey was used." },
  7: { name: "Kyber prekey id", note: "Which Kyber prekey was used." },
  8: { name: "Kyber ciphertext", note: "Kyber-1024, behind its type byte: PQXDH's post-quantum secret." },
}

const VERSION: Omit<Span, "at"> = {
  length: 1,
  name: "version",
  value: "4, 4",
  note: "Signal's message version 4, in both halves.",
}

/** Undefined for anything but a message that the layer would read. */
export const describeSignalMessage = (
  bytes: Uint8Array,
  onCiphertext: () => Pick<Span, "opens"> = () => ({}),
): ReadonlyArray<Span> | undefined => {
  if (decodeSignalMessage(bytes) === undefined) return undefined
  const end = bytes.length - MAC_BYTES
  const fields = protobuf(bytes, 1, end, MESSAGE, (number, at, length) => {
    if (number === 4) return onCiphertext()
    const braid = number === 5 ? describeBraid(bytes.subarray(at, at + length)) : undefined
    return braid === undefined ? {} : { parts: shifted(braid, at) }
  })
  const note =
    "The first eight bytes of HMAC-SHA-256 over both identities and everything before it. Checked before anything is decrypted."
  return [
    ...inARow(0, [VERSION]),
    ...fields,
    ...inARow(end, [{ length: MAC_BYTES, name: "mac", note, rules: LAYER_RULES.tag, keyed: signalMacKey }]),
  ]
}

export const describePreKeyMessage = (bytes: Uint8Array): ReadonlyArray<Span> | undefined => {
  const message = decodePreKeyMessage(bytes)
  if (message === undefined) return undefined
  const inner = describeSignalMessage(message.message)
  const fields = protobuf(bytes, 1, bytes.length, PRE_KEY_MESSAGE, (number, at) =>
    number === 4 && inner !== undefined ? { parts: shifted(inner, at) } : {},
  )
  return [...inARow(0, [VERSION]), ...fields]
}

/** Of bytes that were decoded already: every field is there and in one form. */
const protobuf = (
  bytes: Uint8Array,
  start: number,
  end: number,
  names: Readonly<Record<number, Field>>,
  more: (number: number, at: number, length: number) => Pick<Span, "opens" | "parts">,
): ReadonlyArray<Span> => {
  const spans: Array<Span> = []
  let at = start
  while (at < end) {
    const key = bytes[at]!
    const { name, note, ...rest } = names[key >> 3]!
    let next = at + 1
    let number = 0
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[next++]!
      number += (byte & 0x7f) * shift
      if (byte < 0x80) break
    }
    const head = (length: number): Span => ({
      at,
      length,
      name: "head",
      note: `Protobuf's: field ${key >> 3}${(key & 7) === 2 ? " and its length" : ""}.`,
    })
    if ((key & 7) === 0) {
      const value = String(number)
      const parts = [head(1), { at: at + 1, length: next - at - 1, name, value, note, ...rest }]
      spans.push({ at, length: next - at, name, value, note, parts })
    } else {
      const inner: ReadonlyArray<Span> =
        number === 0 ? [] : [{ at: next, length: number, name, note, ...rest, ...more(key >> 3, next, number) }]
      spans.push({ at, length: next - at + number, name, note, parts: [head(next - at), ...inner] })
      next += number
    }
    at = next
  }
  return spans
}

const PIECES = [
  "nothing",
  "header",
  "vector",
  "vector, and that the first ciphertext is here",
  "that the first ciphertext is here",
  "first ciphertext",
  "second ciphertext",
]

const CHUNK_BYTES = 32

/** What rides in field 5; undefined for what is no message of the braid. */
export const describeBraid = (bytes: Uint8Array): ReadonlyArray<Span> | undefined => {
  if (decodeBraidMessage(bytes) === undefined) return undefined
  let at = 1
  const varint = (name: string, note: string): Omit<Span, "at"> => {
    let [value, length] = [0, 0]
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at + length++]!
      value += (byte & 0x7f) * shift
      if (byte < 0x80) break
    }
    at += length
    return { length, name, value: String(value), note }
  }
  const epoch = varint("epoch", "Which key is being agreed, from 1. The message's own key is of the epoch before.")
  const index = varint("index", "Which key of that epoch, from 1.")
  const type = bytes[at++]!
  const kind = { length: 1, name: "type", value: PIECES[type] ?? String(type), note: "What the chunk is a piece of." }
  const chunk =
    at === bytes.length
      ? []
      : [varint("chunk number", "Which point of the polynomial; the first are the message itself.")]
  return inARow(0, [
    { length: 1, name: "version", value: String(bytes[0]), note: "Of the braid." },
    epoch,
    index,
    kind,
    ...chunk,
    { length: bytes.length - at, name: "chunk", note: `${CHUNK_BYTES} bytes; any that are enough rebuild the whole.` },
  ])
}
