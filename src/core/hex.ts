/** Ids as text: 32 hexadecimal digits for 16 random bytes. */

export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

/** Of an even number of digits; our own machines made them. */
export const fromHex = (digits: string): Uint8Array =>
  Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16))

/** Whether it is an id of a message, as users hand it in. */
export const isId = (text: string): boolean => /^[0-9a-f]{32}$/.test(text)
