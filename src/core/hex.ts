/** Ids as text: 32 hexadecimal digits for 16 random bytes. */

import { fromUtf8, utf8 } from "./crypto/bytes.ts"

const DIGITS = utf8("0123456789abcdef")

/** Made at once: a text that grows by letters stays a chain of them. */
export const toHex = (bytes: Uint8Array): string => {
  const digits = new Uint8Array(2 * bytes.length)
  for (let i = 0; i < bytes.length; i++) {
    digits[2 * i] = DIGITS[bytes[i]! >>> 4]!
    digits[2 * i + 1] = DIGITS[bytes[i]! & 15]!
  }
  return fromUtf8(digits)!
}

/** Of an even number of digits; our own machines made them. */
export const fromHex = (digits: string): Uint8Array => {
  const bytes = new Uint8Array(digits.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

/** Whether it is an id of a message, as users hand it in. */
export const isId = (text: string): boolean => /^[0-9a-f]{32}$/.test(text)
