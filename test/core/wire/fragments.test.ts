/** Fragments: any order, any loss, any repetition, and whoever forges them. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  type Dropped,
  MAX_IN_PROGRESS,
  MAX_REASSEMBLY_BYTES,
  NOTHING_IN_PROGRESS,
  type Reassembly,
  reassemble,
  split,
} from "../../../src/core/fragments.ts"
import {
  decodeFrame,
  decodeReassembled,
  encodeFrame,
  type Fragment,
  MAX_FRAGMENTS,
  MAX_FRAME,
} from "../../../src/core/frame.ts"
import { MAX_LINK_FRAME } from "../../../src/core/transport.ts"
import * as wire from "../../../src/spec/arbitraries/wire.ts"

const fragmentsOf = (frame: Uint8Array, id: Uint8Array): ReadonlyArray<Fragment> =>
  split(frame, id).map((part) => decodeFrame(part) as Fragment)

const all = (fragments: ReadonlyArray<Fragment>, start: Reassembly = NOTHING_IN_PROGRESS) => {
  let reassembly = start
  const frames: Array<Uint8Array> = []
  const dropped: Array<Dropped> = []
  for (const fragment of fragments) {
    const next = reassemble(reassembly, fragment)
    reassembly = next.reassembly
    if (next.frame !== undefined) frames.push(next.frame)
    dropped.push(...next.dropped)
  }
  return { reassembly, frames, dropped }
}

const held = ({ inProgress }: Reassembly) => inProgress.reduce((sum, { bytes }) => sum + bytes, 0)
const id = (n: number) => new Uint8Array(8).fill(n)
const sealed = (length: number, fill = 0) =>
  encodeFrame({ kind: "sealed", ciphertext: new Uint8Array(length).fill(fill) })

describe("a long frame", () => {
  test("comes together from its fragments in any order, with repetitions", () => {
    const run = wire.longFrame.chain((frame) => {
      const fragments = fragmentsOf(encodeFrame(frame), id(1))
      return fc.tuple(
        fc.constant(frame),
        fc.shuffledSubarray([...fragments, ...fragments.slice(1)], { minLength: 2 * fragments.length - 1 }),
      )
    })
    fc.assert(
      fc.property(run, ([frame, fragments]) => {
        const { dropped, frames } = all(fragments)
        expect(frames.length).toBe(1)
        expect(decodeReassembled(frames[0]!)).toEqual(frame)
        expect(dropped).toEqual([])
      }),
      { numRuns: 50 },
    )
  })

  test("is split the same way every time, into link frames", () => {
    const parts = split(sealed(MAX_FRAME - 9), id(1))
    expect(parts.length).toBe(MAX_FRAGMENTS)
    expect(split(sealed(MAX_FRAME - 9), id(1))).toEqual(parts)
    for (const part of parts) expect(part.length).toBeLessThanOrEqual(MAX_LINK_FRAME)
    expect(() => split(new Uint8Array(MAX_FRAME + 1), id(1))).toThrow(RangeError)
  })

  test("that fits a link is left whole, as a copy", () => {
    const short = sealed(MAX_LINK_FRAME - 7)
    expect(short.length).toBe(MAX_LINK_FRAME)
    const [only, ...more] = split(short, id(1))
    short.fill(0)
    expect(more).toEqual([])
    expect(decodeFrame(only!)?.kind).toBe("sealed")
  })

  test("interleaved with others comes together too", () => {
    const frames = [1, 2, 3].map((n) => sealed(40_000 + n, n))
    const parts = frames.map((frame, n) => fragmentsOf(frame, id(n)))
    const mixed = parts[0]!.flatMap((_, i) => parts.map((fragments) => fragments[i]!))
    expect(all(mixed).frames).toEqual(frames)
  })

  test("leaves nothing behind", () => {
    const fragments = fragmentsOf(sealed(40_000), id(1))
    expect(all(fragments).reassembly).toEqual(NOTHING_IN_PROGRESS)
  })
})

describe("bounds", () => {
  test("hold whatever fragments come", () => {
    const few = fc.array(
      fc.tuple(wire.fragment, fc.nat({ max: 11 })).map(([fragment, n]) => ({ ...fragment, id: id(n) })),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(few, (fragments) => {
        let reassembly = NOTHING_IN_PROGRESS
        for (const fragment of fragments) {
          reassembly = reassemble(reassembly, fragment).reassembly
          expect(reassembly.inProgress.length).toBeLessThanOrEqual(MAX_IN_PROGRESS)
          expect(held(reassembly)).toBeLessThanOrEqual(MAX_REASSEMBLY_BYTES)
          for (const { bytes, parts } of reassembly.inProgress)
            expect(bytes).toBe(parts.reduce((sum, part) => sum + (part?.length ?? 0), 0))
        }
      }),
      { numRuns: 100 },
    )
  })

  test("are just under a mebibyte, and reached", () => {
    expect(MAX_REASSEMBLY_BYTES).toBeLessThanOrEqual(1024 * 1024)
    const most = Array.from({ length: 20 }, (_, n) => fragmentsOf(sealed(MAX_FRAME - 9), id(n)).slice(0, -1)).flat()
    const { dropped, reassembly } = all(most)
    expect(held(reassembly)).toBe(MAX_REASSEMBLY_BYTES)
    expect(dropped).toEqual(new Array(12).fill({ reason: "room" }))
  })

  test("the oldest goes first, and its place is told", () => {
    const frames = Array.from({ length: MAX_IN_PROGRESS + 1 }, (_, n) => fragmentsOf(sealed(40_000, n), id(n)))
    const begun = all(frames.map((fragments) => fragments[0]!))
    expect(begun.dropped).toEqual([{ reason: "room" }])
    const rest = all(
      frames.slice(1).flatMap((fragments) => fragments.slice(1)),
      begun.reassembly,
    )
    expect(rest.frames.length).toBe(MAX_IN_PROGRESS)
    const late = all(frames[0]!.slice(1), rest.reassembly)
    expect(late.frames).toEqual([])
    // Sent again it comes together: nothing remembers that it was dropped.
    expect(all(frames[0]!.slice(0, 1), late.reassembly).frames.length).toBe(1)
  })

  test("progress does not make a frame younger", () => {
    const frames = Array.from({ length: MAX_IN_PROGRESS }, (_, n) => fragmentsOf(sealed(60_000, n), id(n)))
    const begun = all([...frames.map((fragments) => fragments[0]!), frames[0]![1]!])
    const after = all(fragmentsOf(sealed(60_000), id(99)).slice(0, 1), begun.reassembly)
    expect(after.reassembly.inProgress.map(({ parts }) => parts[0]![100])).toEqual([1, 2, 3, 4, 5, 6, 7, 0])
    expect(after.dropped).toEqual([{ reason: "room" }])
  })
})

describe("somebody who forges fragments", () => {
  const honest = fragmentsOf(sealed(40_000, 1), id(1))
  const forged = fragmentsOf(sealed(40_000, 2), id(1))
  const shorter = fragmentsOf(sealed(20_000, 2), id(1))

  test("before the honest ones spoils nothing", () => {
    expect(all([forged[0]!, ...honest])).toEqual({
      reassembly: NOTHING_IN_PROGRESS,
      frames: [sealed(40_000, 1)],
      dropped: [{ reason: "conflict" }],
    })
  })

  test.each([
    ["other bytes", forged[0]!],
    ["another count", shorter[1]!],
    ["another count and the same bytes", fragmentsOf(sealed(60_000, 1), id(1))[1]!],
  ])("with %s ends what is in progress, and is told", (_, poison) => {
    const { dropped, frames } = all([...honest.slice(0, 2), poison])
    expect(frames).toEqual([])
    expect(dropped).toEqual([{ reason: "conflict" }])
  })

  test("never keeps a retransmission from coming together", () => {
    const poison = fc.constantFrom(...forged, ...shorter)
    const noise = fc.array(fc.oneof(poison, fc.constantFrom(...honest)), { maxLength: 12 })
    fc.assert(
      fc.property(noise, (before) => {
        const { reassembly } = all(before)
        // Twice, because what comes first may complete a forged frame.
        const frames = all([...honest, ...honest], reassembly).frames
        expect(frames.some((frame) => Buffer.compare(frame, sealed(40_000, 1)) === 0)).toBe(true)
      }),
    )
  })

  test("gets no frame mixed from two counts", () => {
    const mixed = all([shorter[0]!, honest[1]!, honest[2]!])
    expect(mixed.frames).toEqual([])
  })
})

test("values: what was held is neither changed nor shared", () => {
  const [first, second] = fragmentsOf(sealed(20_000, 1), id(1))
  const begun = reassemble(NOTHING_IN_PROGRESS, first!).reassembly
  const copy = structuredClone(begun)
  first!.bytes.fill(9)
  const done = reassemble(begun, second!)
  expect(begun).toEqual(copy)
  expect(done.frame).toEqual(sealed(20_000, 1))
  expect(reassemble(begun, second!)).toEqual(done)
})
