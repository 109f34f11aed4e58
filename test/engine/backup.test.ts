/** Saving a backup and restoring it, through the public face: what a user sees, and what is left when it fails. */
import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import { memoryNetwork } from "../../src/adapters/transport/memory.ts"
import { generateRecoveryPhrase, isRecoveryPhrase } from "../../src/backup.ts"
import type { StoreService } from "../../src/core/store.ts"
import { type Contact, createMessenger, type Messenger, SottoError } from "../../src/index.ts"
import { pair, person, talk } from "./people.ts"
import { inWorld, type World } from "./world.ts"

const bytesOf = async (file: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  const parts: Array<Uint8Array> = []
  for await (const part of file) parts.push(part)
  return Buffer.concat(parts)
}

const save = (world: World, me: Messenger, recoveryPhrase: string) =>
  world.hear(me.backup({ recoveryPhrase }).then(bytesOf))

const refusal = (world: World, promise: Promise<unknown>): Promise<string> =>
  world.hear(
    promise.then(
      () => "nothing",
      (error: unknown) => {
        assert.instanceOf(error, SottoError)
        return (error as SottoError).code
      },
    ),
  )

const shown = async (world: World, contact: Contact) =>
  (await talk(world, contact)).map(({ at, cursor, from, gap, id, text }) => ({ at, cursor, from, gap, id, text }))

const deliver = async (world: World, contact: Contact, text: string) =>
  world.hear((await world.hear(contact.send(text))).until("delivered"))

describe("a backup of a messenger", () => {
  const phrase = generateRecoveryPhrase()

  it("brings contacts, history and settings into an empty profile, at once", () =>
    inWorld(async (world) => {
      const { alice, toAlice, toBob } = await pair(
        world,
        await person(world, { name: "Alice" }),
        await person(world, { name: "Bob" }),
      )
      await deliver(world, toBob, "one")
      await deliver(world, toAlice, "two")
      await world.hear(toBob.verify())
      await world.hear(alice.me.configure({ readReceipts: false }))
      const before = await shown(world, toBob)
      const file = await save(world, alice.me, phrase)
      await world.hear(alice.me.close())

      // On its own, so that nothing of what was restored has changed yet.
      const again = await person(world, { transports: [memoryNetwork().transport()] })
      const restored = await world.hear(again.me.restore(file, { recoveryPhrase: phrase }))
      assert.deepInclude(restored, { contacts: 1 })
      assert.equal(again.me.name.get(), "Alice")
      assert.deepEqual(again.me.settings.get(), { readReceipts: false, typingNotices: true, autoLock: null })
      const [bob] = again.me.contacts.get()
      assert.equal(bob!.name, "Bob")
      assert.equal(bob!.id, toBob.id)
      assert.equal(bob!.pairedAt, toBob.pairedAt)
      assert.equal(bob!.verified.get(), toBob.verified.get())
      assert.equal(bob!.safetyNumber!.digits, toBob.safetyNumber!.digits)
      assert.deepEqual(await shown(world, bob!), before)
    }))

  for (const restorer of ["alice", "bob"] as const) {
    it(`brings conversations back to life when both are reachable: both see it, nothing is lost or twice (${restorer})`, () =>
      inWorld(async (world) => {
        const pairing = await pair(world, await person(world, { name: "Alice" }), await person(world, { name: "Bob" }))
        const { alice, bob } = pairing
        const lost = restorer === "alice" ? alice : bob
        const [fromLost, fromOther] =
          restorer === "alice" ? [pairing.toBob, pairing.toAlice] : [pairing.toAlice, pairing.toBob]
        await deliver(world, fromLost, "before, one")
        await deliver(world, fromOther, "before, two")
        const file = await save(world, lost.me, phrase)
        await deliver(world, fromLost, "after the backup, mine")
        await deliver(world, fromOther, "after the backup, theirs")
        await world.hear(lost.me.close())
        const waiting = await world.hear(fromOther.send("while it was gone"))

        const again = await person(world)
        await world.hear(again.me.restore(file, { recoveryPhrase: phrase }))
        const [restored] = again.me.contacts.get()
        const early = await world.hear(restored!.send("written at once"))
        await world.hear(early.until("delivered"))
        await world.hear(waiting.until("delivered"))
        await deliver(world, restored!, "and on")
        await deliver(world, fromOther, "and back")
        const [mine, theirs] = [await talk(world, restored!), await talk(world, fromOther)]
        const texts = (all: typeof mine, from: string) =>
          all.filter((message) => message.kind === "text" && message.from === from).map(({ text }) => text)
        assert.deepEqual(texts(mine, "me"), ["before, one", "written at once", "and on"])
        assert.deepEqual(texts(mine, restored!.id), ["before, two", "while it was gone", "and back"])
        assert.deepEqual(texts(theirs, "me"), [
          "before, two",
          "after the backup, theirs",
          "while it was gone",
          "and back",
        ])
        assert.deepEqual(texts(theirs, fromOther.id), [
          "before, one",
          "after the backup, mine",
          "written at once",
          "and on",
        ])
        for (const all of [mine, theirs])
          assert.lengthOf(
            all.filter(({ kind }) => kind === "notice"),
            1,
          )
        assert.equal(restored!.safetyNumber!.digits, fromOther.safetyNumber!.digits)
      }))
  }

  it("does not unblock anybody", () =>
    inWorld(async (world) => {
      const { alice, toAlice, toBob } = await pair(world, await person(world), await person(world))
      await world.hear(toBob.block())
      const file = await save(world, alice.me, phrase)
      await world.hear(alice.me.close())
      const again = await person(world)
      await world.hear(again.me.restore(file, { recoveryPhrase: phrase }))
      const [bob] = again.me.contacts.get()
      const sent = await world.hear(toAlice.send("?"))
      await world.pass(120_000)
      assert.equal(bob!.session.get().state, "blocked")
      assert.equal(bob!.connection.get().state, "offline")
      assert.notEqual(sent.state.get(), "delivered")
      await world.hear(bob!.unblock())
      await world.hear(sent.until("delivered"))
    }))

  it("leaves the ratchets behind", () =>
    inWorld(async (world) => {
      const { alice, toAlice, toBob } = await pair(world, await person(world), await person(world))
      await deliver(world, toBob, "one")
      await deliver(world, toAlice, "two")
      const shelf = alice.shelves.hosts.get(toBob.id)!
      const file = await save(world, alice.me, phrase)
      const layers = new Map(
        [...shelf.records].filter(([id]) => id.startsWith("layer/")).map(([id, b]) => [id, b.slice()]),
      )
      assert.isAtLeast(layers.size, 4)
      const keys = [...shelf.records].filter(([id]) => id.startsWith("keys/"))
      const again = await person(world, { transports: [memoryNetwork().transport()] })
      await world.hear(again.me.restore(file, { recoveryPhrase: phrase }))
      // Whatever is long-lived stands in a layer's state too; the rest of it is nowhere in what was restored.
      const longLived = windows(keys.map(([, bytes]) => bytes))
      const restored = windows([...again.shelves.hosts.values()].flatMap(({ records }) => [...records.values()]))
      let compared = 0
      for (const [id, bytes] of layers) {
        for (const window of windows([bytes])) {
          if (longLived.has(window) || /^(..)\1*$/.test(window)) continue
          compared++
          assert.isFalse(restored.has(window), `${id} was carried along: ${window}`)
        }
      }
      assert.isAbove(compared, 2_000)
      assert.isFalse(
        [...again.shelves.hosts.values()].some(({ records }) =>
          [...records.keys()].some((id) => id.startsWith("layer/")),
        ),
      )
    }))

  it("is not restored over anybody", () =>
    inWorld(async (world) => {
      const { alice, bob } = await pair(world, await person(world), await person(world))
      const file = await save(world, alice.me, phrase)
      assert.equal(await refusal(world, bob.me.restore(file, { recoveryPhrase: phrase })), "profileNotEmpty")
      const inviting = await person(world)
      await world.hear(inviting.me.invite())
      assert.equal(await refusal(world, inviting.me.restore(file, { recoveryPhrase: phrase })), "profileNotEmpty")
      assert.lengthOf(inviting.me.invites.get(), 1)
    }))

  it("is refused with a reason, and the profile is as it was", () =>
    inWorld(async (world) => {
      const { alice } = await pair(world, await person(world), await person(world))
      const file = await save(world, alice.me, phrase)
      const again = await person(world, { name: "Somebody" })
      const tried = (bytes: Uint8Array, recoveryPhrase = phrase) =>
        refusal(world, again.me.restore(bytes, { recoveryPhrase }))
      assert.equal(await tried(file, generateRecoveryPhrase()), "backupSecretWrong")
      assert.equal(await tried(file.subarray(0, -1)), "backupTruncated")
      assert.equal(await tried(Buffer.concat([file, file])), "backupAltered")
      assert.equal(await tried(Buffer.from("hello")), "backupInvalid")
      const newer = Uint8Array.from(file)
      newer[13] = 2
      assert.equal(await tried(newer), "backupNewer")
      const unreadable = (async function* () {
        yield file.subarray(0, 30_000)
        throw new Error("the disk is gone")
      })()
      assert.equal(await refusal(world, again.me.restore(unreadable, { recoveryPhrase: phrase })), "backupUnreadable")
      assert.equal(again.me.name.get(), "Somebody")
      assert.lengthOf(again.me.contacts.get(), 0)
      assert.deepEqual([...again.shelves.hosts.keys()], ["profile"])
      await world.hear(again.me.restore(file, { recoveryPhrase: phrase }))
      assert.lengthOf(again.me.contacts.get(), 1)
    }))

  it("keeps everything else waiting while it is restored, and a page that is closed meanwhile starts clean", () =>
    inWorld(async (world) => {
      const { alice } = await pair(world, await person(world), await person(world))
      const file = await save(world, alice.me, phrase)
      const again = await person(world)
      let held: () => void = () => {}
      const slow = (async function* () {
        yield file.subarray(0, 40_000)
        await new Promise<void>((resolve) => {
          held = resolve
        })
        yield file.subarray(40_000)
      })()
      const restoring = again.me.restore(slow, { recoveryPhrase: phrase }).catch((error: SottoError) => error)
      await world.settle()
      assert.equal(await refusal(world, again.me.invite()), "busy")
      assert.equal(await refusal(world, again.me.restore(file, { recoveryPhrase: phrase })), "busy")
      assert.isTrue(again.shelves.hosts.get("profile")!.records.has("restoring"))
      const copy = structuredClone(again.shelves)
      const next = await person(world, { shelves: { ...copy, taken: false } })
      assert.lengthOf(next.me.contacts.get(), 0)
      assert.deepEqual([...copy.hosts.keys()], ["profile"])
      await world.hear(next.me.restore(file, { recoveryPhrase: phrase }))
      assert.lengthOf(next.me.contacts.get(), 1)
      held()
      await world.hear(restoring)
      assert.lengthOf(again.me.contacts.get(), 1)
    }))

  it("stops the messenger where what is half restored cannot be erased", () =>
    inWorld(async (world) => {
      const { alice } = await pair(world, await person(world), await person(world))
      const file = await save(world, alice.me, phrase)
      const stuck = await person(world, {
        storage: (inner) => ({
          ...inner,
          open: Effect.map(
            inner.open,
            (store): StoreService => ({
              ...store,
              erase: () => Effect.fail({ _tag: "Unavailable", reason: "broken" } as never),
            }),
          ),
        }),
      })
      assert.equal(
        await refusal(world, stuck.me.restore(file.subarray(0, -1), { recoveryPhrase: phrase })),
        "backupTruncated",
      )
      await world.until("it has stopped", () => stuck.me.status.get() === "closed")
      const next = await person(world, { shelves: stuck.shelves })
      assert.lengthOf(next.me.contacts.get(), 0)
      assert.deepEqual([...next.shelves.hosts.keys()], ["profile"])
    }))

  it("opens with a passphrase, and comes as a stream or a Blob", async () => {
    // In real time: stretching a passphrase is the point of it.
    const transports = [memoryNetwork().transport()]
    const alice = await createMessenger({ name: "Alice", transports })
    const passphrase = "a passphrase"
    const blob = await (
      await alice.backup({ passphrase, recoveryPhrase: phrase }, { argon2: { memory: 1_024, passes: 1, lanes: 1 } })
    ).blob()
    assert.equal(blob.type, "application/octet-stream")
    assert.isAtLeast(blob.size, 65_536)
    const portions = await arrayOf((await alice.backup({ recoveryPhrase: phrase })).stream())
    await alice.close()
    for (const [file, secrets] of [
      [blob, { passphrase }],
      [blob.stream(), { recoveryPhrase: phrase }],
      [new Blob(portions), { recoveryPhrase: phrase }],
    ] as const) {
      const again = await createMessenger({ transports })
      assert.deepInclude(await again.restore(file, secrets), { contacts: 0 })
      assert.equal(again.name.get(), "Alice")
      await again.close()
    }
  })

  it("has phrases of 24 words", () => {
    assert.isTrue(isRecoveryPhrase(phrase))
    assert.isFalse(isRecoveryPhrase(phrase.split(" ").slice(1).join(" ")))
    assert.notEqual(generateRecoveryPhrase(), phrase)
  })
})

const arrayOf = async <A>(stream: ReadableStream<A>) => {
  const parts: Array<A> = []
  for await (const part of stream) parts.push(part)
  return parts
}

/** Every run of 16 bytes, as text. */
const windows = (all: ReadonlyArray<Uint8Array>): Set<string> => {
  const found = new Set<string>()
  for (const bytes of all) {
    const text = Buffer.from(bytes).toString("hex")
    for (let at = 0; at + 32 <= text.length; at += 2) found.add(text.slice(at, at + 32))
  }
  return found
}
