/** One storage, one messenger: opening, locking, taking over, and what happens when the storage fails. */
import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import { memory } from "../../src/adapters/storage/memory.ts"
import type { Storage, StoreService } from "../../src/core/store.ts"
import { Unavailable } from "../../src/core/store.ts"
import { type Message, removeStorage, SottoError, type SottoErrorCode } from "../../src/index.ts"
import { isEstablished, pair, person, talk, textsFrom } from "./people.ts"
import { inWorld, type World } from "./world.ts"

const refusal = (world: World, promise: Promise<unknown>): Promise<SottoErrorCode | "nothing"> =>
  world.hear(
    promise.then(
      () => "nothing" as const,
      (error: unknown) => {
        assert.instanceOf(error, SottoError)
        return (error as SottoError).code
      },
    ),
  )

const over =
  (change: (store: StoreService) => Partial<StoreService>) =>
  (storage: Storage): Storage => ({
    ...storage,
    open: Effect.map(storage.open, (store) => ({ ...store, ...change(store) })),
  })

describe("a storage", () => {
  it("has one messenger: the second is elsewhere, and goes on by itself when the first has closed", () =>
    inWorld(async (world) => {
      const { alice, toAlice } = await pair(world, await person(world, { name: "Alice" }), await person(world))
      const second = await person(world, { shelves: alice.shelves })
      assert.equal(second.me.status.get(), "elsewhere")
      assert.equal(await refusal(world, second.me.invite()), "elsewhere")
      assert.equal(await refusal(world, second.me.rename("x")), "elsewhere")
      await world.hear(second.me.unlock())
      assert.equal(second.me.status.get(), "elsewhere", "the first still has it")
      assert.equal(alice.me.status.get(), "ready")
      await world.hear(alice.me.close())
      await world.until("the second is ready", () => second.me.status.get() === "ready")
      const [toBob] = second.me.contacts.get()
      await world.hear((await world.hear(toBob!.send("from the second"))).until("delivered"))
      assert.deepEqual(textsFrom(await talk(world, toAlice), toAlice), ["from the second"])
    }))

  it("is taken over and back: the robbed one drops all at once, says so, and follows", () =>
    inWorld(async (world) => {
      const { alice, toAlice, toBob } = await pair(world, await person(world, { name: "Alice" }), await person(world))
      const second = await person(world, { shelves: alice.shelves })
      await world.hear(second.me.takeOver())
      assert.equal(second.me.status.get(), "ready")
      await world.until("the first knows", () => alice.me.status.get() === "elsewhere")
      assert.lengthOf(alice.me.contacts.get(), 0)
      assert.deepInclude(alice.events, { type: "stopped", reason: "elsewhere" })
      assert.instanceOf(await world.hear(toBob.send("?").catch((error: unknown) => error)), SottoError)
      await world.hear((await world.hear(second.me.contacts.get()[0]!.send("second"))).until("delivered"))

      await world.hear(alice.me.takeOver())
      assert.equal(alice.me.status.get(), "ready")
      await world.until("the second knows", () => second.me.status.get() === "elsewhere")
      await world.hear((await world.hear(alice.me.contacts.get()[0]!.send("first again"))).until("delivered"))

      await world.hear(alice.me.close())
      await world.until("the second goes on", () => second.me.status.get() === "ready")
      await world.hear((await world.hear(second.me.contacts.get()[0]!.send("second again"))).until("delivered"))
      assert.deepEqual(textsFrom(await talk(world, toAlice), toAlice), ["second", "first again", "second again"])
    }))

  it("that is locked or closed while it waits is not opened any more", () =>
    inWorld(async (world) => {
      const alice = await person(world)
      const second = await person(world, { shelves: alice.shelves })
      const third = await person(world, { shelves: alice.shelves })
      await world.hear(second.me.lock())
      await world.hear(third.me.close())
      await world.hear(alice.me.close())
      await world.pass(60_000)
      assert.equal(second.me.status.get(), "locked")
      assert.equal(third.me.status.get(), "closed")
      assert.isFalse(alice.shelves.taken)
      await world.hear(second.me.unlock())
      assert.equal(second.me.status.get(), "ready")
    }))

  it("that became free and does not open says why", () =>
    inWorld(async (world) => {
      const alice = await person(world)
      let newer = false
      const storage = (inner: Storage): Storage => ({
        ...inner,
        open: Effect.suspend(() => (newer ? Effect.fail(new Unavailable({ reason: "newer" })) : inner.open)),
      })
      const second = await person(world, { shelves: alice.shelves, storage })
      assert.equal(second.me.status.get(), "elsewhere")
      newer = true
      await world.hear(alice.me.close())
      await world.until("it has tried", () => second.me.status.get() === "locked")
      assert.deepInclude(second.events, { type: "storageFailed", reason: "newer" })
      assert.equal(await refusal(world, second.me.unlock()), "storageNewer")
    }))

  it("is asked to be kept after the first pairing, and tells how it is doing", () =>
    inWorld(async (world) => {
      let asked = 0
      const storage = (inner: Storage): Storage => ({
        ...inner,
        durable: true,
        measure: Effect.sync(() => ({ usage: 10 + asked, quota: 100, persisted: false })),
        persist: Effect.sync(() => ++asked > 1),
      })
      const alice = await person(world, { storage })
      await world.settle()
      assert.equal(asked, 0)
      assert.deepEqual(alice.me.storage.health.get(), {
        kind: "memory",
        durable: true,
        usage: 10,
        quota: 100,
        persisted: false,
      })
      await pair(world, alice, await person(world))
      await world.until("it was asked", () => asked === 1)
      await world.until("and said", () => alice.events.some(({ type }) => type === "storageNotPersisted"))
      await pair(world, alice, await person(world))
      assert.equal(asked, 1)
      assert.isTrue(await world.hear(alice.me.storage.persist()))
      assert.equal((await world.hear(alice.me.storage.measure())).usage, 12)
      assert.equal(alice.me.storage.health.get().usage, 12)
    }))

  it("that never answers whether it will be kept holds nobody up", () =>
    inWorld(async (world) => {
      const storage = (inner: Storage): Storage => ({ ...inner, measure: Effect.never, persist: Effect.never })
      const { alice } = await pair(world, await person(world, { storage }), await person(world))
      await world.hear(alice.me.close())
      assert.equal(alice.me.status.get(), "closed")
    }))

  it("that was lost is opened by nobody, until a person has it removed", () =>
    inWorld(async (world) => {
      let lost = true
      const storage: Storage = {
        ...memory(),
        open: Effect.suspend(() => (lost ? Effect.fail(new Unavailable({ reason: "lost" })) : memory().open)),
        remove: Effect.sync(() => {
          lost = false
        }),
      }
      const alice = person(world, { storage: () => storage })
      assert.equal(await refusal(world, alice), "storageLost")
      await world.hear(removeStorage(storage))
      assert.equal((await person(world, { storage: () => storage })).me.status.get(), "ready")
    }))

  it("is opened once, however often that is asked for", () =>
    inWorld(async (world) => {
      const { alice } = await pair(world, await person(world), await person(world))
      await world.hear(alice.me.lock())
      await world.hear(Promise.all([alice.me.unlock(), alice.me.unlock(), alice.me.unlock()]))
      assert.equal(alice.me.status.get(), "ready")
      assert.lengthOf(alice.me.contacts.get(), 1)
    }))

  it("is closed while locked: nothing is told, nothing is sent, and all goes on after", () =>
    inWorld(async (world) => {
      const { alice, toAlice, toBob } = await pair(world, await person(world), await person(world))
      await world.hear(alice.me.lock())
      assert.equal(alice.me.status.get(), "locked")
      assert.isFalse(alice.shelves.taken)
      assert.lengthOf(alice.me.contacts.get(), 0)
      assert.equal(await refusal(world, alice.me.invite()), "locked")
      assert.equal(await refusal(world, alice.me.accept("x")), "locked")
      assert.instanceOf(await world.hear(toBob.send("?").catch((error: unknown) => error)), SottoError)
      const sent = await world.hear(toAlice.send("while locked"))
      await world.pass(60_000)
      assert.notEqual(sent.state.get(), "delivered")
      await world.hear(alice.me.unlock())
      await world.hear(sent.until("delivered"))
      const [again] = alice.me.contacts.get()
      assert.deepEqual(textsFrom(await talk(world, again!), again!), ["while locked"])
    }))

  it("is given back for good by closing", () =>
    inWorld(async (world) => {
      const alice = await person(world)
      const ended = (async () => {
        for await (const event of alice.me.events) void event
        return "ended"
      })()
      await world.hear(alice.me.close())
      assert.equal(alice.me.status.get(), "closed")
      assert.isFalse(alice.shelves.taken)
      assert.equal(await refusal(world, alice.me.invite()), "closed")
      assert.equal(await refusal(world, alice.me.unlock()), "closed")
      assert.equal(await world.hear(ended), "ended")
      await world.hear(alice.me.close())
      await world.hear(Promise.resolve(alice.me[Symbol.asyncDispose]()))
    }))

  it("that is not durable is said to be so", () =>
    inWorld(async (world) => {
      const alice = await person(world)
      assert.isFalse(alice.me.storage.durable)
      await world.hear(alice.me.lock())
      await world.hear(alice.me.unlock())
      await world.settle()
      assert.deepInclude(alice.events, { type: "storageNotDurable" })
    }))

  it("that fails half-way through opening is given back", () =>
    inWorld(async (world) => {
      const { alice } = await pair(world, await person(world), await person(world))
      await world.hear(alice.me.close())
      let broken = true
      const failing = over((store) => ({
        load: (host) =>
          broken && host !== "profile" ? Effect.fail(new Unavailable({ reason: "broken" })) : store.load(host),
      }))
      assert.equal(await refusal(world, person(world, { shelves: alice.shelves, storage: failing })), "storageFailed")
      assert.isFalse(alice.shelves.taken)
      broken = false
      const again = await person(world, { shelves: alice.shelves, storage: failing })
      assert.equal(again.me.status.get(), "ready")
      assert.lengthOf(again.me.contacts.get(), 1)
    }))

  for (const [reason, code] of [
    ["full", "storageFull"],
    ["blocked", "storageBlocked"],
    ["denied", "storageDenied"],
    ["lost", "storageLost"],
    ["elsewhere", "elsewhere"],
    ["newer", "storageNewer"],
    ["broken", "storageFailed"],
  ] as const) {
    it(`that is ${reason} says so when it is opened`, () =>
      inWorld(async (world) => {
        const unavailable = (storage: Storage): Storage => ({
          ...storage,
          open: Effect.fail(new Unavailable({ reason })),
        })
        assert.equal(await refusal(world, person(world, { storage: unavailable })), code)
      }))
  }

  it("that fails under way stops everything; what was accepted before arrives after the next start", () =>
    inWorld(async (world) => {
      let broken = false
      const failing = over((store) => ({
        commit: (batch) => (broken ? Effect.fail(new Unavailable({ reason: "full" })) : store.commit(batch)),
      }))
      const alice = await person(world, { storage: failing })
      const { bob, toAlice, toBob } = await pair(world, alice, await person(world))
      bob.tap.incoming = () => []
      await world.hear(toBob.send("accepted"))
      broken = true
      const failed = await world.hear(toBob.send("not accepted").catch((error: unknown) => error))
      assert.instanceOf(failed, SottoError)
      await world.until("it has stopped", () => alice.me.status.get() === "closed")
      const told = alice.events.filter(({ type }) => type === "storageFailed" || type === "stopped")
      assert.deepEqual(told, [
        { type: "storageFailed", reason: "full" },
        { type: "stopped", reason: "storage" },
      ])
      broken = false
      bob.tap.incoming = (frame) => [frame]
      const again = await person(world, { shelves: alice.shelves })
      await world.until("it arrives", () => toAlice.unread.get() === 1)
      assert.deepEqual(textsFrom(await talk(world, toAlice), toAlice), ["accepted"])
      assert.isTrue(isEstablished(again.me.contacts.get()[0]!))
    }))

  it("ends a reader of messages when it closes", () =>
    inWorld(async (world) => {
      const { alice, toAlice, toBob } = await pair(world, await person(world), await person(world))
      await world.hear((await world.hear(toAlice.send("one"))).until("delivered"))
      const read: Array<Message> = []
      const reading = (async () => {
        for await (const message of toBob.messages()) read.push(message)
      })()
      await world.settle()
      await world.hear(alice.me.close())
      await world.hear(reading)
      assert.lengthOf(read, 1)
    }))

  it("in memory belongs to whoever has its shelves", () =>
    inWorld(async (world) => {
      const open = (storage: Storage) =>
        world.hear(Effect.runPromise(Effect.scoped(Effect.flatMap(storage.open, ({ hosts }) => hosts))))
      assert.deepEqual(await open(memory()), [])
    }))
})
