/** A profile is erased wholly, beside others that are not, and wherever it is interrupted. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { afterAll, assert, describe, it } from "vitest"
import { makeShelves, memory, type Shelves } from "../../../src/adapters/storage/memory.ts"
import { sqlite } from "../../../src/adapters/storage/sqlite.ts"
import { memoryNetwork } from "../../../src/adapters/transport/memory.ts"
import { rawKey } from "../../../src/adapters/unlock/raw-key.ts"
import { type Storage, Unavailable } from "../../../src/core/store.ts"
import { eraseProfile } from "../../../src/core/vault/erasing.ts"
import { createMessenger, type MessengerOptions } from "../../../src/index.ts"
import { crypto, KEY, run, sealedMemory } from "./people.ts"

const folder = mkdtempSync(join(tmpdir(), "sotto-erase-"))
afterAll(() => rmSync(folder, { recursive: true }))

const open = (storage: Storage, more: Partial<MessengerOptions> = {}) =>
  createMessenger({
    storage,
    transports: [memoryNetwork().transport()],
    appUrl: "https://chat.example/",
    unlock: rawKey(KEY),
    crypto,
    ...more,
  })

/** Fails from the given write on, as a process that ends there. */
const interrupted = (storage: Storage, after: number): Storage => {
  let writes = 0
  const counted = <A, E>(effect: Effect.Effect<A, E>) =>
    Effect.suspend(
      (): Effect.Effect<A, E | Unavailable> => (writes++ < after ? effect : new Unavailable({ reason: "broken" })),
    )
  const around = (opener: Storage["open"]): Storage["open"] =>
    Effect.map(opener, (store) => ({
      ...store,
      commit: (batch) => counted(store.commit(batch)),
      erase: (host) => counted(store.erase(host)),
    }))
  const remove = storage.remove && counted(storage.remove)
  return { ...storage, open: around(storage.open), takeOver: around(storage.takeOver!), ...(remove && { remove }) }
}

const lived = async (): Promise<Shelves> => {
  const shelves = makeShelves()
  await run(
    Effect.gen(function* () {
      const store = yield* sealedMemory(shelves).open
      for (const host of ["profile", "a", "b", "c"]) {
        const records = new Map([["r", new Uint8Array(9)]])
        yield* store.commit({ host, expected: 0, rows: new Map(), records, outward: [], confirmed: [] })
      }
    }),
  )
  return shelves
}

describe("erasing a profile", () => {
  it("leaves nothing of it, and nothing beside it is touched", async () => {
    const [mine, theirs] = [join(folder, "1.sqlite"), join(folder, "2.sqlite")]
    const me = await open(sqlite(mine), { name: "Alice" })
    const other = await open(sqlite(theirs), { name: "Ben" })
    await me.erase()
    assert.equal(me.status.get(), "closed")
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith("1.sqlite")),
      [],
    )
    await other.lock()
    await other.unlock()
    assert.equal(other.name.get(), "Ben")
    await other.close()
  })

  it("needs no key: it works behind the lock screen, and takes the place from whoever has it", async () => {
    const shelves = makeShelves()
    const first = await open(memory(shelves), { name: "Alice" })
    const second = await open(memory(shelves), { startLocked: true, unlock: rawKey(new Uint8Array(32)) })
    assert.equal(second.status.get(), "elsewhere")
    await second.erase()
    assert.equal(shelves.hosts.size, 0)
    await first.close()
    assert.equal(shelves.hosts.size, 0, "the robbed one wrote nothing more")
  })

  it("is finished by the next start, wherever it was interrupted; the keys go first", async () => {
    let interruptions = 0
    for (let after = 1; ; after++) {
      const shelves = await lived()
      const beside: Array<string> = []
      const note = Effect.sync(() => void beside.push("gone"))
      const exit = await Effect.runPromiseExit(eraseProfile(interrupted(memory(shelves), after), note))
      if (exit._tag === "Success") break
      interruptions += 1
      const left = [...shelves.hosts.values()].flatMap(({ records }) => [...records.keys()])
      assert.notInclude(left, "header")
      assert.notInclude(left, "catalogue")
      const next = await open(memory(shelves), { eraseBeside: () => void beside.push("again") })
      assert.equal(next.status.get(), "ready")
      assert.equal(next.name.get(), "", "a new profile")
      assert.lengthOf(next.contacts.get(), 0)
      assert.isNotEmpty(beside)
      await next.close()
    }
    assert.isAtLeast(interruptions, 5)
  })

  it("that fails at its first write has changed nothing", async () => {
    const shelves = await lived()
    const before = JSON.stringify([...shelves.hosts.keys()])
    const exit = await Effect.runPromiseExit(eraseProfile(interrupted(memory(shelves), 0), Effect.void))
    assert.equal(exit._tag, "Failure")
    assert.equal(JSON.stringify([...shelves.hosts.keys()]), before)
    assert.deepEqual(await run(Effect.flatMap(sealedMemory(shelves).open, (store) => store.hosts)), [
      "a",
      "b",
      "c",
      "profile",
    ])
  })
})
