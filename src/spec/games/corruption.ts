/** Ways to alter what travels, and what a frame is bound to. An altered one never equals what it was made of. */
import { concat } from "../../core/crypto/bytes.ts"

/** A flipped bit, a cut end, a byte more, or other associated data: one bit of it, its last bytes gone, or none of it. */
export type Corruption = "flip" | "cut" | "grow" | "associatedFlip" | "associatedCut" | "associatedNone"

export const CORRUPTIONS: ReadonlyArray<Corruption> = [
  "flip",
  "cut",
  "grow",
  "associatedFlip",
  "associatedCut",
  "associatedNone",
]

/** Places are counted in 4,096ths of the length, so that every part of a frame is reached whatever its size. */
export const PLACES = 4_096

/** The altered frame and associated data, as fresh arrays. */
export const corrupt = (
  bytes: Uint8Array,
  associated: Uint8Array,
  how: Corruption,
  at: number,
): readonly [Uint8Array, Uint8Array] => {
  switch (how) {
    case "flip":
      return [flipped(bytes, at), associated.slice()]
    case "cut":
      return [bytes.slice(0, at % bytes.length), associated.slice()]
    case "grow":
      return [concat(bytes, Uint8Array.of(at & 0xff)), associated.slice()]
    case "associatedFlip":
      return [bytes.slice(), flipped(associated, at)]
    case "associatedCut":
      return [bytes.slice(), associated.slice(0, at % associated.length)]
    case "associatedNone":
      return [bytes.slice(), new Uint8Array(0)]
  }
}

/** One bit the other way, at a place that `at` picks. */
export const flipped = (bytes: Uint8Array, at: number): Uint8Array => {
  const altered = bytes.slice()
  const place = Math.floor(((at % PLACES) * bytes.length) / PLACES)
  altered[place] = altered[place]! ^ (1 << (at & 7))
  return altered
}
