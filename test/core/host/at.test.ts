/** What a handler sees: the host as its turn would leave it, and nothing of what was undone. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import fc from "fast-check"
import { cut, inRange, merged, widened } from "../../../src/core/host/listing.ts"
import type { Range } from "../../../src/core/store.ts"
import { asked, askedB, openDesk, returned } from "./fixture/desk.ts"

describe("a prepare-handler", () => {
  it.effect("sees writes, instances and contexts of its own turn", () =>
    Effect.gen(function* () {
      const seen: Array<unknown> = []
      const host = yield* openDesk({
        pack: Effect.fnUntraced(function* (run, at) {
          const listed = yield* at.list({ prefix: "bag/", limit: 10 })
          const ids = listed.map(([id]) => id)
          const bag = (yield* at.read("bag/a/1"))?.length
          seen.push([at.key, at.now, at.alive("errand"), at.contextOf("errand/a"), at.contextOf("errand/z"), ids, bag])
          return run === 1 && at.key === "a"
            ? { start: [{ start: "errand/9", input: undefined } as const] }
            : { tell: [{ to: "errand/9", event: { type: "Dismissed" } } as const], erase: ["bag/a/1"] }
        }),
      })
      yield* host.sleep
      yield* TestClock.adjust(5)
      host.tell(asked)
      host.tell(returned)
      yield* host.submit(askedB)
      yield* host.submit(asked)
      assert.deepStrictEqual(seen, [
        ["a", 5, ["a", "b"], { runs: 1 }, undefined, [], undefined],
        ["b", 5, ["9", "a", "b"], { runs: 1 }, undefined, ["bag/a/1"], 1],
        ["a", 5, ["a", "b"], { runs: 2 }, undefined, ["bag/b/1"], undefined],
      ])
    }),
  )

  it.effect("reports the steps of what is nested in it, in their place", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const nested = { machine: "ratchet", id: "ratchet/signal", event: "Sealed", from: "a", to: "b", commands: [] }
      const host = yield* openDesk({
        pack: (run) => (run === 1 ? Effect.succeed({ transitions: [nested] }) : Effect.die("bug")),
        inspect: ({ event, machine }) => void seen.push(`${machine} ${event}`),
      })
      yield* host.submit(asked)
      yield* host.submit(returned)
      yield* host.submit(asked)
      assert.deepStrictEqual(seen.slice(2), ["errand Asked", "ratchet Sealed", "errand Packed", "errand Returned"])
    }),
  )
})

describe("a listing", () => {
  const ids = fc.constantFrom("a/1", "a/2", "a/3", "a/4", "a/5", "b/1", "b/2")
  const bytes = fc.uint8Array({ maxLength: 2 })
  const ranges: fc.Arbitrary<Range> = fc.record(
    {
      prefix: fc.constantFrom("", "a/", "b/", "c"),
      after: ids,
      before: ids,
      limit: fc.nat(8),
      fromEnd: fc.boolean(),
    },
    { requiredKeys: ["prefix", "limit"] },
  )
  const list = (range: Range, records: ReadonlyMap<string, Uint8Array>) =>
    cut(
      range,
      [...records].filter(([id]) => inRange(range, id)).sort(([a], [b]) => (a < b ? -1 : 1)),
    )

  it("over a turn's own writes is what it would be after the commit", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(ids, bytes)),
        fc.array(fc.tuple(ids, fc.option(bytes, { nil: undefined }))),
        ranges,
        (kept, written, range) => {
          const committed = new Map(kept)
          const writes = new Map(written)
          const after = new Map(committed)
          for (const [id, value] of writes) value === undefined ? after.delete(id) : after.set(id, value)
          assert.deepStrictEqual(merged(range, list(widened(range, writes), committed), writes), list(range, after))
        },
      ),
      { numRuns: 2_000 },
    )
  })
})
