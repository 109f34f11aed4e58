/** Random bytes of a simulation: every peer has a stream of its own, which its crashes do not rewind. Never for keys that matter. */
import type { Dice } from "./dice.ts"

export const randomFrom =
  (dice: Dice) =>
  (length: number): Uint8Array => {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; ) {
      let word = (dice.next() * 4_294_967_296) >>> 0
      for (let part = 0; part < 4 && i < length; part++, i++) {
        bytes[i] = word & 0xff
        word >>>= 8
      }
    }
    return bytes
  }
