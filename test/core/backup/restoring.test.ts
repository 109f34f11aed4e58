/** Restoring a backup: whole or not at all, wherever it dies. */
import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import { nativeCrypto } from "../../../src/adapters/crypto/native.ts"
import { makeShelves } from "../../../src/adapters/storage/memory.ts"
import { eraseHalfRestored } from "../../../src/core/backup/stage.ts"
import { type StoreService, Unavailable } from "../../../src/core/store.ts"
import { attempt, fileOf, kept, madeUp, withStore } from "./files.ts"

const crypto = nativeCrypto()!
const passphrase = "correct horse battery staple"

describe("restoring", () => {
  it("that dies at any commit leaves nothing, or all of it", async () => {
    const shelves = await madeUp({ seed: 14, contacts: 3, messages: 30, waiting: 2 })
    const file = await fileOf(crypto, shelves, { passphrase })
    const seen = new Set<string>()
    for (let dies = 1, done = false; !done; dies++) {
      for (const applied of [true, false]) {
        const target = makeShelves()
        let commits = 0
        const dying = (store: StoreService): StoreService => ({
          ...store,
          commit: (batch) =>
            Effect.suspend(() => {
              commits += 1
              const died = Effect.fail(new Unavailable({ reason: "broken" }))
              if (commits < dies) return store.commit(batch)
              return applied && commits === dies ? Effect.andThen(store.commit(batch), died) : died
            }),
          erase: (host) => (commits >= dies ? Effect.fail(new Unavailable({ reason: "broken" })) : store.erase(host)),
        })
        const outcome = await withStore(target, (store) =>
          Effect.catchDefect(attempt(crypto, dying(store), file, { passphrase }), () => Effect.succeed("died")),
        )
        if (outcome === "restored") done = true
        // The process is gone; the next one opens the storage.
        await withStore(target, eraseHalfRestored)
        const people = [...target.hosts.keys()].filter((id) => id !== "profile")
        const isWhole = JSON.stringify(kept(target)).length >= JSON.stringify(kept(shelves)).length
        seen.add(people.length === 0 ? "nothing" : isWhole ? "all" : "half")
        if (people.length === 0) assert.isFalse(target.hosts.get("profile")?.records.has("restoring") ?? false)
      }
      assert.isBelow(dies, 50)
    }
    assert.deepEqual([...seen].sort(), ["all", "nothing"])
  })

  it("that dies while it is undone is undone at the next opening", async () => {
    const file = await fileOf(crypto, await madeUp({ seed: 15, contacts: 3, messages: 3, waiting: 0 }), { passphrase })
    const target = makeShelves()
    const truncated = file.slice(0, -1)
    let erased = 0
    const outcome = await withStore(target, (store) =>
      Effect.catchDefect(
        attempt(
          crypto,
          {
            ...store,
            erase: (host) => (++erased > 1 ? Effect.fail(new Unavailable({ reason: "broken" })) : store.erase(host)),
          },
          truncated,
          { passphrase },
        ),
        () => Effect.succeed("died"),
      ),
    )
    assert.equal(outcome, "died")
    assert.isAbove(target.hosts.size, 1, "some of it is still there")
    await withStore(target, eraseHalfRestored)
    assert.deepEqual([...target.hosts.keys()], ["profile"])
    assert.equal(await withStore(target, (store) => attempt(crypto, store, file, { passphrase })), "restored")
  })

  it("writes a long history in many commits", async () => {
    const shelves = await madeUp({ seed: 16, contacts: 1, messages: 6_000, waiting: 0 })
    const file = await fileOf(crypto, shelves, { passphrase })
    let largest = 0
    const target = makeShelves()
    await withStore(target, (store) =>
      attempt(
        crypto,
        {
          ...store,
          commit: (batch) => {
            let bytes = 0
            for (const record of batch.records.values()) bytes += record?.length ?? 0
            largest = Math.max(largest, bytes)
            return store.commit(batch)
          },
        },
        file,
        { passphrase },
      ),
    )
    assert.isAbove(file.length, 1_000_000)
    assert.isBelow(largest, 700_000)
    assert.deepEqual(kept(target), kept(shelves))
  })
})
