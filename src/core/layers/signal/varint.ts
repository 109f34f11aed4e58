/** Numbers of seven bits a byte, the lowest first: protobuf.dev/programming-guides/encoding, "Base 128 Varints". One encoding a number. */

/** Seven bytes hold 2⁴⁹: beyond every count of messages, and exact in a double. */
const MAX_BYTES = 7
const GREATEST = 2 ** (7 * MAX_BYTES) - 1

/** Puts a number behind what is there. Throws RangeError for one that is negative, no integer, or past `max`. */
export const pushVarint = (bytes: Array<number>, value: number, max = GREATEST): Array<number> => {
  if (!Number.isInteger(value) || value < 0 || value > max) throw new RangeError(`not an integer from 0 to ${max}`)
  let left = value
  for (; left > 0x7f; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80)
  bytes.push(left)
  return bytes
}

/** Reads the number at `start`; undefined for one that is padded, cut short, or past `max`. */
export const readVarint = (
  bytes: Uint8Array,
  start: number,
  max = GREATEST,
): { readonly value: number; readonly next: number } | undefined => {
  let value = 0
  for (let i = 0; i < MAX_BYTES; i++) {
    const byte = bytes[start + i]
    if (byte === undefined) return undefined
    value += (byte & 0x7f) * 2 ** (7 * i)
    if (byte > 0x7f) continue
    const isPadded = i > 0 && byte === 0
    return isPadded || value > max ? undefined : { value, next: start + i + 1 }
  }
  return undefined
}
