/** What is kept with a key goes with the key, and never stands for another one. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { keptBy } from "../../../src/core/crypto/kept.ts"

const counted = (limit: number) => {
  const made: Array<string> = []
  const keep = keptBy(limit, (key) => {
    const name = key.join()
    if (key[0] === 0xff) throw new RangeError("not a key")
    made.push(name)
    return name
  })
  return { keep, made }
}

describe("what is kept with a key", () => {
  it("is made once for an array that stays as it is", () => {
    const { keep, made } = counted(4)
    const key = Uint8Array.of(1, 2)
    expect([keep(key), keep(key), keep(key)]).toEqual(["1,2", "1,2", "1,2"])
    expect(made).toEqual(["1,2"])
  })

  it("belongs to the content: a wiped or reused array is another key", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.tuple(fc.nat(5), fc.uint8Array({ minLength: 2, maxLength: 2, max: 3 }))),
        (limit, uses) => {
          const { keep } = counted(limit)
          const arrays = Array.from({ length: 6 }, () => new Uint8Array(2))
          for (const [which, content] of uses) {
            const array = arrays[which]!
            array.set(content)
            expect(keep(array)).toBe(content.join())
          }
        },
      ),
    )
  })

  it("is bounded: the oldest gives way", () => {
    const { keep, made } = counted(2)
    const keys = [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)] as const
    for (const key of keys) keep(key)
    keep(keys[1])
    keep(keys[2])
    expect(made).toEqual(["1", "2", "3"])
    keep(keys[0])
    expect(made).toEqual(["1", "2", "3", "1"])
  })

  it("is nothing where making it failed", () => {
    const { keep, made } = counted(2)
    const key = Uint8Array.of(0xff)
    expect(() => keep(key)).toThrow(RangeError)
    expect(() => keep(key)).toThrow(RangeError)
    key[0] = 7
    expect(keep(key)).toBe("7")
    expect(made).toEqual(["7"])
    key[0] = 0xff
    expect(() => keep(key)).toThrow(RangeError)
    key[0] = 0
    expect(keep(key)).toBe("0")
  })
})
