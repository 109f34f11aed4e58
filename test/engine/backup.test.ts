/** Saving a backup and restoring it, through the public face: what a user sees. */
import { assert, describe, it } from "vitest"
import { memoryNetwork } from "../../src/adapters/transport/memory.ts"
import { generateRecoveryPhrase, isRecoveryPhrase } from "../../src/backup.ts"
import { createMessenger } from "../../src/index.ts"
import { deliver, phrase, refusal, save, shown } from "./backup-files.ts"
import { pair, person, talk } from "./people.ts"
import { inWorld } from "./world.ts"

describe("a backup of a messenger", () => {
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
