/**
 * Helpers on byte arrays that every layer needs: joining, constant-time comparison, big-endian counters, UTF-8, and the
 * canonical base64url of invites. All of them return fresh arrays and leave their inputs alone.
 */

/** The arrays joined, in a fresh array. */
export const concat = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  let length = 0
  for (const part of parts) length += part.length
  const joined = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

/** Of a buffer that is used again: what a MAC is taken of seldom has more. */
const SPARE_BYTES = 4_096
let spare: Uint8Array | undefined

/**
 * What `read` makes of the arrays joined. For a reader that is done with them when it returns, such as a hash: they stand in a
 * buffer that is wiped then and used again, since an array of more than 64 bytes costs ten times as much as filling it.
 */
export const ofJoined = <A>(read: (joined: Uint8Array) => A, ...parts: ReadonlyArray<Uint8Array>): A => {
  let length = 0
  for (const part of parts) length += part.length
  const buffer = length > SPARE_BYTES ? new Uint8Array(length) : (spare ?? new Uint8Array(SPARE_BYTES))
  spare = undefined // whoever joins while this one is read takes another
  let offset = 0
  for (const part of parts) {
    buffer.set(part, offset)
    offset += part.length
  }
  try {
    return read(buffer.subarray(0, length))
  } finally {
    buffer.fill(0, 0, length)
    if (buffer.length === SPARE_BYTES) spare = buffer
  }
}

/**
 * Whether the contents are equal. Reads every byte whatever it finds, so the time tells the length and nothing else (as far
 * as JavaScript allows that to be said).
 */
export const equal = (left: Uint8Array, right: Uint8Array): boolean => {
  if (left.length !== right.length) return false
  let difference = 0
  for (let i = 0; i < left.length; i++) difference |= left[i]! ^ right[i]!
  return difference === 0
}

const encoder = new TextEncoder()
// A byte-order mark is content here: dropping it would make two byte strings decode to one text.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** The UTF-8 bytes of a text. A lone surrogate becomes U+FFFD, as everywhere on the platform. */
export const utf8 = (text: string): Uint8Array => encoder.encode(text)

/** The text of UTF-8 bytes, or undefined where they are not valid UTF-8. */
export const fromUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** Four bytes, big-endian. Throws a RangeError outside 0 … 2³²−1: a counter that wraps is a nonce that repeats. */
export const u32be = (value: number): Uint8Array => {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff)
    throw new RangeError("not an unsigned 32-bit integer")
  const bytes = new Uint8Array(4)
  writeU32be(bytes, 0, value)
  return bytes
}

const writeU32be = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

/** Eight bytes, big-endian. Throws a RangeError outside 0 … 2⁵³−1. */
export const u64be = (value: number): Uint8Array => {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError("not an unsigned safe integer")
  const bytes = new Uint8Array(8)
  writeU32be(bytes, 0, Math.floor(value / 0x1_0000_0000))
  writeU32be(bytes, 4, value % 0x1_0000_0000)
  return bytes
}

const ALPHABET = utf8("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

/** RFC 4648 §5, without padding. Made at once: a text that grows by letters stays a chain of them, thirty times as large. */
export const toBase64url = (bytes: Uint8Array): string => {
  const text = new Uint8Array(Math.ceil((bytes.length * 4) / 3))
  let length = 0
  let bits = 0
  let pending = 0
  for (const byte of bytes) {
    pending = (pending << 8) | byte
    bits += 8
    while (bits >= 6) {
      bits -= 6
      text[length++] = ALPHABET[(pending >>> bits) & 63]!
    }
    pending &= (1 << bits) - 1
  }
  if (bits > 0) text[length] = ALPHABET[(pending << (6 - bits)) & 63]!
  return decoder.decode(text)
}

/**
 * The bytes of a canonical unpadded base64url text, or undefined. One text per byte string: padding, white space, other
 * alphabets, a dangling sextet and non-zero trailing bits are refused.
 */
export const fromBase64url = (text: string): Uint8Array | undefined => {
  if (text.length % 4 === 1) return undefined
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let length = 0
  let bits = 0
  let pending = 0
  for (let i = 0; i < text.length; i++) {
    const value = sextet(text.charCodeAt(i))
    if (value < 0) return undefined
    pending = (pending << 6) | value
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[length++] = pending >>> bits
      pending &= (1 << bits) - 1
    }
  }
  return pending === 0 ? bytes : undefined
}

const sextet = (code: number): number => {
  if (code >= 65 && code <= 90) return code - 65
  if (code >= 97 && code <= 122) return code - 71
  if (code >= 48 && code <= 57) return code + 4
  return code === 45 ? 62 : code === 95 ? 63 : -1
}
