/** Fast mixing of bytes, for stand-ins and digests of a simulation: tells inputs apart, and withstands nobody. */

/** `length` bytes that follow from a purpose and the parts, lengths included. */
export const mixed = (purpose: number, length: number, ...parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  let a = 0x9e3779b9 ^ purpose
  let b = 0x85ebca6b + Math.imul(purpose, 0x27d4eb2f)
  let c = 0xc2b2ae35 ^ length
  let d = 0x165667b1 + parts.length
  for (const part of parts) {
    const words = part.length & ~3
    a ^= part.length
    for (let i = 0; i < words; i += 4) {
      a ^= part[i]! | (part[i + 1]! << 8) | (part[i + 2]! << 16) | (part[i + 3]! << 24)
      a = Math.imul(a, 0x5bd1e995)
      b = Math.imul(b ^ (a >>> 13), 0x1b873593)
      c = (c + b) | 0
      d = ((d << 7) | (d >>> 25)) ^ c
      a ^= d >>> 15
    }
    for (let i = words; i < part.length; i++) {
      a = Math.imul(a ^ part[i]!, 0x5bd1e995)
      b = Math.imul(b ^ (a >>> 13), 0x1b873593)
      c = (c + b) | 0
      d = ((d << 7) | (d >>> 25)) ^ c
    }
  }
  const out = new Uint8Array(length)
  for (let i = 0; i < length; i += 4) {
    a = Math.imul(a ^ (d >>> 15), 0x2c1b3c6d) + i
    b = Math.imul(b ^ (a >>> 12), 0x297a2d39)
    c = (c ^ Math.imul(b, 0x5bd1e995)) | 0
    d = ((d << 11) | (d >>> 21)) ^ c
    const word = d ^ (a >>> 16)
    out[i] = word
    if (i + 1 < length) out[i + 1] = word >>> 8
    if (i + 2 < length) out[i + 2] = word >>> 16
    if (i + 3 < length) out[i + 3] = word >>> 24
  }
  return out
}

/** The bytes with a stream over them that follows from 16 bytes, written to `out`: the same again gives the bytes. */
export const streamed = (seed: Uint8Array, bytes: Uint8Array, out: Uint8Array): Uint8Array => {
  const word = (at: number) => seed[at]! | (seed[at + 1]! << 8) | (seed[at + 2]! << 16) | (seed[at + 3]! << 24)
  let a = word(0)
  let b = word(4)
  let c = word(8)
  let d = word(12) | 1
  for (let i = 0; i < bytes.length; i += 4) {
    const t = a ^ (a << 11)
    a = b
    b = c
    c = d
    d = d ^ (d >>> 19) ^ t ^ (t >>> 8)
    const left = bytes.length - i
    out[i] = bytes[i]! ^ d
    if (left > 1) out[i + 1] = bytes[i + 1]! ^ (d >>> 8)
    if (left > 2) out[i + 2] = bytes[i + 2]! ^ (d >>> 16)
    if (left > 3) out[i + 3] = bytes[i + 3]! ^ (d >>> 24)
  }
  return out
}
