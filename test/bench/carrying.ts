/** The four layers without what they do: frames and records of the same sizes, and nothing computed. */
import * as Effect from "effect/Effect"
import { sottoCascade } from "../../src/core/layers/profile.ts"
import type { Carrier } from "./minimal.ts"

const HEAD = 8
const FRAME = 5_140

let numbered = 2 ** 20

/** Bytes of this length that are like no others. */
const marked = (size: number): Uint8Array => {
  const bytes = new Uint8Array(size)
  new DataView(bytes.buffer).setUint32(0, ++numbered)
  return bytes
}

export const carrying: Carrier = {
  seal: (state, content) =>
    Effect.sync(() => {
      const ciphertext = marked(Math.max(FRAME, HEAD + content.length))
      new DataView(ciphertext.buffer).setUint32(4, content.length)
      ciphertext.set(content, HEAD)
      return { state: { ...state }, ciphertext, transitions: [] }
    }),
  open: (state, ciphertext) =>
    Effect.sync(() => {
      const length = new DataView(ciphertext.buffer, ciphertext.byteOffset).getUint32(4)
      return { state: { ...state }, content: ciphertext.slice(HEAD, HEAD + length), transitions: [] }
    }),
  encode: () => ({ mls: marked(512), signal: marked(1_536), kem: marked(512), aes: marked(128) }),
}

/** The engine has nothing but these from here on, for the rest of the process. */
export const carryingOnly = (): void => {
  const cascade = sottoCascade as { -readonly [K in keyof typeof sottoCascade]: (typeof sottoCascade)[K] }
  Object.assign(cascade, carrying, { expire: (state: unknown) => state })
}
