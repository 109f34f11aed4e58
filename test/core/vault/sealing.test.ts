/** A profile that was kept unsealed is sealed where it lies: whole, wherever it is interrupted, and nothing unsealed is left. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import { makeShelves, memory, type Shelves } from "../../../src/adapters/storage/memory.ts"
import { sqlite } from "../../../src/adapters/storage/sqlite.ts"
import { memoryNetwork } from "../../../src/adapters/transport/memory.ts"
import { rawKey } from "../../../src/adapters/unlock/raw-key.ts"
import { type Storage, type StoreService, Unavailable } from "../../../src/core/store.ts"
import { COPIED_AT_ONCE } from "../../../src/core/vault/sealing.ts"
import { createMessenger, sealStorage } from "../../../src/index.ts"
import { batch, command, rowOf } from "../../../src/spec/conformance/store-check.ts"
import { canary, leaksIn } from "../../attacks/fixture/canary.ts"
import { crypto, KEY, run, sealedMemory } from "./people.ts"

const key = () => rawKey(KEY)
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => "done",
    (error: { readonly code?: string }) => error.code ?? String(error),
  )

/** Two hosts as an unsealed store has them: with rows, commands that wait, and more records than are copied at once. */
const lived = async (shelves: Shelves = makeShelves()): Promise<Shelves> => {
  await run(
    Effect.gen(function* () {
      const store = yield* memory(shelves).open
      for (const host of ["profile", "a-canary"]) {
        for (let version = 0; version < 3; version++) {
          const records = new Map(
            Array.from({ length: host === "profile" ? 2 : COPIED_AT_ONCE / 2 }, (_, index) => [
              `history/canary/${version}/${index}`,
              new TextEncoder().encode(`canary ${version} ${index}`),
            ]),
          )
          const outward = [command(`${version + 1}.0`), command(`${version + 1}.1`)]
          yield* store.commit(
            batch(host, version, { records, outward, rows: new Map([[`m/${version}` as const, rowOf("canary")]]) }),
          )
        }
      }
    }),
  )
  return shelves
}

/** All that a store shows but the versions. */
const contents = (store: StoreService) =>
  Effect.gen(function* () {
    const found: Array<unknown> = []
    for (const host of yield* store.hosts) {
      const { outward, rows } = yield* store.load(host)
      const records = yield* store.list(host, { prefix: "", limit: 10_000 })
      found.push([host, [...rows].sort(), outward, records.map(([id, bytes]) => [id, Buffer.from(bytes).toString()])])
    }
    return found
  })

/** Fails from the given write on, as a process that ends there. */
const interrupted = (storage: Storage, after: number): Storage => {
  let writes = 0
  const counted = <A, E>(effect: Effect.Effect<A, E>) =>
    Effect.suspend(
      (): Effect.Effect<A, E | Unavailable> => (writes++ < after ? effect : new Unavailable({ reason: "broken" })),
    )
  const open = Effect.map(storage.open, (store) => ({
    ...store,
    commit: (each: Parameters<StoreService["commit"]>[0]) => counted(store.commit(each)),
    erase: (host: string) => counted(store.erase(host)),
    scrub: counted(Effect.void),
  }))
  return { ...storage, open }
}

const leaksOn = (shelves: Shelves) => {
  const all = [...shelves.hosts].flatMap(([host, { outward, records, rows }]) => [
    host,
    ...records.keys(),
    ...[...records.values()].map((bytes) => Buffer.from(bytes).toString("latin1")),
    ...[...rows, ...outward].flat(),
  ])
  return leaksIn("shelves", Buffer.from(all.join("\n"), "latin1"), [canary("a canary", "canary")])
}

const before = await lived().then((shelves) => run(Effect.flatMap(memory(shelves).open, contents)))
const sealedContents = (shelves: Shelves) => run(Effect.flatMap(sealedMemory(shelves).open, contents))

describe("sealing a storage in place", () => {
  it("keeps all that was there, and leaves nothing of it unsealed", async () => {
    const shelves = await lived()
    assert.isNotEmpty(leaksOn(shelves), "the scan sees")
    await sealStorage(memory(shelves), key(), { crypto })
    assert.deepEqual(leaksOn(shelves), [])
    assert.deepEqual(await sealedContents(shelves), before)
    await sealStorage(memory(shelves), key(), { crypto })
    assert.deepEqual(await sealedContents(shelves), before, "once more changes nothing")
  })

  it("goes on with the versions, so that no command's id comes twice", async () => {
    const shelves = await lived()
    await sealStorage(memory(shelves), key(), { crypto })
    for (let start = 0; start < 2; start++) {
      await run(
        Effect.gen(function* () {
          const store = yield* sealedMemory(shelves).open
          const { version } = yield* store.load("profile")
          assert.isAtLeast(version, 3)
          assert.equal((yield* Effect.flip(store.commit(batch("profile", version - 1))))._tag, "Conflict")
          yield* store.commit(batch("profile", version))
          assert.equal((yield* store.load("profile")).version, version + 1)
        }),
      )
    }
  })

  it("is finished by the next opening, wherever it was interrupted", async () => {
    let interruptions = 0
    for (let after = 0; ; after++) {
      const shelves = await lived()
      const outcome = await code(sealStorage(interrupted(memory(shelves), after), key(), { crypto }))
      if (outcome === "done") break
      interruptions += 1
      if (after === 0) {
        assert.deepEqual(await run(Effect.flatMap(memory(shelves).open, contents)), before, "nothing has changed")
        continue
      }
      const plain = createMessenger({ storage: memory(shelves), transports: [memoryNetwork().transport()], crypto })
      assert.equal(await code(plain), "storageSealed", `after ${after}`)
      const wrong = rawKey(new Uint8Array(32))
      assert.equal(await code(sealStorage(memory(shelves), wrong, { crypto })), "unlockRefused", `after ${after}`)
      // Interrupted once more, at the next write but one, and then opened like any sealed storage.
      await code(sealStorage(interrupted(memory(shelves), 3), key(), { crypto }))
      assert.deepEqual(await sealedContents(shelves), before, `after ${after}`)
      assert.deepEqual(leaksOn(shelves), [], `after ${after}`)
    }
    assert.isAtLeast(interruptions, 12)
  })

  it("takes in no host but those that were there when it began", async () => {
    const shelves = await lived()
    await code(sealStorage(interrupted(memory(shelves), 3), key(), { crypto }))
    await run(Effect.flatMap(memory(shelves).open, (store) => store.commit(batch("another", 0))))
    assert.equal(await code(sealStorage(memory(shelves), key(), { crypto })), "storageDamaged")
    shelves.hosts.delete("another")
    shelves.hosts.delete("profile")
    assert.equal(await code(sealStorage(memory(shelves), key(), { crypto })), "storageDamaged", "nor is one missing")
  })

  it("of a storage that is open is refused, and one without a method that may stand alone", async () => {
    const shelves = await lived()
    shelves.taken = true
    assert.equal(await code(sealStorage(memory(shelves), key(), { crypto })), "elsewhere")
    shelves.taken = false
    const alone = { ...key(), kind: "passkey", sufficient: false }
    assert.equal(await code(sealStorage(memory(shelves), alone, { crypto })), "unlockMethod")
    assert.deepEqual(await run(Effect.flatMap(memory(shelves).open, contents)), before)
  })
})

describe("a conversation in a file", () => {
  it("goes on after it was sealed, with the same keys; the file shows no canary any more", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sotto-sealing-"))
    const file = join(folder, "profile.sqlite")
    const network = memoryNetwork()
    const common = { transports: [network.transport()], appUrl: "https://chat.example/", crypto }
    try {
      const first = await createMessenger({ ...common, name: "Alexandra Canaria", storage: sqlite(file) })
      const bob = await createMessenger({ ...common, name: "Benedict Canarius", transports: [network.transport()] })
      const toAlice = await bob.accept((await first.invite()).url)
      await toAlice.send("canary number one").then((sent) => sent.until("delivered"))
      const [toBob] = first.contacts.get()
      const digits = toBob!.safetyNumber!.digits
      assert.equal(await code(sealStorage(sqlite(file), key(), { crypto })), "elsewhere")
      await toBob!.send("canary number two").then((sent) => sent.until("delivered"))
      await first.close()
      const canaries = ["canary number", "Alexandra Canaria", "Benedict Canarius", toBob!.id, "history/", "session/"]
      const scan = () =>
        readdirSync(folder).flatMap((name) =>
          leaksIn(
            name,
            readFileSync(join(folder, name)),
            canaries.map((text) => canary(text, text)),
          ),
        )
      assert.includeMembers(
        scan().map(({ what }) => what),
        ["canary number", "Alexandra Canaria", toBob!.id],
        "the scan sees",
      )
      await sealStorage(sqlite(file), key(), { crypto })
      assert.deepEqual(scan(), [])

      const me = await createMessenger({ ...common, storage: sqlite(file), unlock: key() })
      const [contact] = me.contacts.get()
      assert.deepEqual(
        (await contact!.history()).map(({ text }) => text),
        ["canary number one", "canary number two"],
      )
      assert.equal(contact!.safetyNumber!.digits, digits)
      await contact!.send("after the sealing").then((sent) => sent.until("delivered"))
      await toAlice.send("and back").then((sent) => sent.until("delivered"))
      const kinds = (await contact!.history()).map(({ kind }) => kind)
      assert.deepEqual(kinds, ["text", "text", "text", "text"], "no new keys were needed")
      await me.close()
      await bob.close()
      assert.deepEqual(scan(), [])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
