import { NOTHING_IN_PROGRESS, type Reassembly, reassemble } from "../../src/core/fragments.ts"
import { decodeFrame } from "../../src/core/frame.ts"
import type { TappedLink } from "./tap.ts"

/** Sealed frames among link frames, long ones put together again. */
export const wholeFrames = () => {
  const pools = new Map<string, Map<TappedLink, Reassembly>>([
    ["in", new Map()],
    ["out", new Map()],
  ])
  return (way: "in" | "out", link: TappedLink, bytes: Uint8Array): ReadonlyArray<Uint8Array> => {
    const frame = decodeFrame(bytes)
    if (frame?.kind === "sealed") return [bytes]
    if (frame?.kind !== "fragment") return []
    const pool = pools.get(way)!
    const { frame: whole, reassembly } = reassemble(pool.get(link) ?? NOTHING_IN_PROGRESS, frame)
    pool.set(link, reassembly)
    return whole === undefined ? [] : [whole]
  }
}
