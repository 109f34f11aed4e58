/**
 * Randomness of the system, from the one generator that Node and browsers share (Web Crypto's `getRandomValues`). The one
 * place that reads the global; everything else is handed a `random`.
 */

/** The most that one call of `getRandomValues` may fill (Web Cryptography API §10.1.1). */
const MAX_DRAW_BYTES = 65_536

/** Fresh bytes fit for keys. Throws where the runtime has no generator: there is no second-best source. */
export const systemRandom = (length: number): Uint8Array => {
  const generator = globalThis.crypto
  if (typeof generator?.getRandomValues !== "function")
    throw new Error("This runtime has no secure random generator (globalThis.crypto). Keys cannot be made here.")
  const bytes = new Uint8Array(length)
  for (let offset = 0; offset < length; offset += MAX_DRAW_BYTES)
    generator.getRandomValues(bytes.subarray(offset, offset + MAX_DRAW_BYTES))
  return bytes
}
