/** Ids as text: 32 hexadecimal digits for 16 random bytes. */

export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
