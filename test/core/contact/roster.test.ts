/** Which messages there are is told as the storage would tell it, and after a few looks without asking it. */
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { makeShelves, storeOn } from "../../../src/adapters/storage/memory.ts"
import { MAX_LEARNT, withRoster } from "../../../src/core/contact/roster.ts"
import type { StoreService } from "../../../src/core/store.ts"

const run = Effect.runSync

/** A store that counts what it is asked, and its host's commits. */
const asked = () => {
  const inner = storeOn(makeShelves())
  const counts = { read: 0, list: 0 }
  const counted = <A, E>(what: keyof typeof counts, effect: Effect.Effect<A, E>) =>
    Effect.andThen(
      Effect.sync(() => void (counts[what] += 1)),
      effect,
    )
  const store: StoreService = {
    ...inner,
    read: (host, record) => counted("read", inner.read(host, record)),
    list: (host, range) => counted("list", inner.list(host, range)),
  }
  let version = 0
  const commit = (through: StoreService, records: ReadonlyArray<readonly [string, Uint8Array | undefined]>) =>
    run(
      through.commit({
        host: "h",
        expected: version++,
        rows: new Map(),
        records: new Map(records),
        outward: [],
        confirmed: [],
      }),
    )
  return { inner, store, counts, commit }
}

const one = Uint8Array.of(1)

describe("a roster", () => {
  it("tells whatever the storage would, whatever was written before and since", () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            act: fc.constantFrom("write", "erase", "read", "read", "read"),
            id: fc.constantFrom("message/a", "message/b", "message/c", "history/a", "message"),
          }),
          { minLength: 20, maxLength: 60 },
        ),
        fc.subarray(["message/a", "message/c", "history/a"]),
        (acts, there) => {
          const { commit, inner, store } = asked()
          commit(
            inner,
            there.map((id) => [id, one]),
          )
          const known = withRoster(store, "message/")
          for (const { act, id } of acts) {
            if (act === "write") commit(known, [[id, one]])
            else if (act === "erase") commit(known, [[id, undefined]])
            else assert.deepEqual(run(known.read("h", id)), run(inner.read("h", id)), id)
          }
        },
      ),
    ))

  it("is learnt after a few looks, and then the storage is not asked for what is not there", () => {
    const { commit, counts, store } = asked()
    const known = withRoster(store, "message/")
    for (let i = 0; i < 100; i++) {
      assert.isUndefined(run(known.read("h", `message/${i}`)))
      commit(known, [[`message/${i}`, one]])
    }
    assert.deepEqual(counts, { read: 4, list: 1 })
    assert.deepEqual(run(known.read("h", "message/50")), one)
  })

  it("is not learnt of a long conversation, which goes on as before", () => {
    const { commit, counts, store } = asked()
    commit(
      store,
      Array.from({ length: MAX_LEARNT + 1 }, (_, i) => [`message/${i}`, one]),
    )
    const known = withRoster(store, "message/")
    for (let i = 0; i < 10; i++) assert.isUndefined(run(known.read("h", `message/new-${i}`)))
    assert.deepEqual(counts, { read: 10, list: 1 })
  })
})
