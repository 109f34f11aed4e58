/** A messenger whose storage is sealed: made, locked, opened, refused, and its unlock methods changed. */
import { assert, describe, it } from "vitest"
import { makeShelves, type Shelves } from "../../src/adapters/storage/memory.ts"
import { rawKey } from "../../src/adapters/unlock/raw-key.ts"
import { type Occasion, SottoError, type SottoErrorCode, type Unlock } from "../../src/index.ts"
import { FIRST_WAIT, FREE_TRIES } from "../../src/machines/vault.ts"
import { KEY, words as saying } from "../core/vault/people.ts"
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

/** A person who says what stands in `words`, and remembers why they were asked. */
const asked = (words: { text: string | undefined }) => {
  const occasions: Array<Occasion> = []
  return {
    occasions,
    unlock: saying((occasion) => {
      occasions.push(occasion)
      return words.text
    }),
  }
}

const guess = (text: string): Unlock => saying(() => text)

const bytesOf = ({ hosts }: Shelves): string =>
  [...hosts]
    .flatMap(([id, { outward, records, rows }]) => [
      id,
      ...rows.keys(),
      ...rows.values(),
      ...outward.values(),
      ...[...records].flatMap(([name, bytes]) => [name, Buffer.from(bytes).toString("latin1")]),
    ])
    .join("\n")

describe("a messenger with a vault", () => {
  it("keeps a conversation sealed, over locking and a restart", () =>
    inWorld(async (world) => {
      const words = { text: "correct horse" as string | undefined }
      const { occasions, unlock } = asked(words)
      const alice = await person(world, { name: "Alice in chains", unlock })
      assert.deepEqual(occasions, [{ why: "create", wrong: 0 }])
      assert.equal(alice.me.vault.state.get().state, "open")
      const { toAlice, toBob } = await pair(world, alice, await person(world, { name: "Robert the Bruce" }))
      await world.hear((await world.hear(toBob.send("a secret of ours"))).until("delivered"))
      await world.hear((await world.hear(toAlice.send("and one of theirs"))).until("delivered"))
      await world.hear(alice.me.lock())
      assert.equal(alice.me.status.get(), "locked")
      assert.equal(alice.me.vault.state.get().state, "locked")
      assert.equal(alice.me.name.get(), "")
      const disk = bytesOf(alice.shelves)
      for (const word of ["Alice", "Robert", "secret", "theirs", "correct", toBob.id, "history", "session"]) {
        assert.isFalse(disk.includes(word), word)
      }
      await world.hear(alice.me.unlock())
      assert.equal(alice.me.name.get(), "Alice in chains")
      const [again] = alice.me.contacts.get()
      assert.deepEqual(textsFrom(await talk(world, again!), again!), ["and one of theirs"])
      await world.hear(alice.me.close())

      const later = await person(world, { shelves: alice.shelves, unlock })
      await world.until("they are connected", () => later.me.contacts.get().every(isEstablished))
      await world.hear((await world.hear(later.me.contacts.get()[0]!.send("still here"))).until("delivered"))
      assert.deepEqual(textsFrom(await talk(world, toAlice), toAlice), ["a secret of ours", "still here"])
      assert.deepEqual(
        occasions.map(({ why }) => why),
        ["create", "unlock", "unlock"],
      )
    }))

  it("waits behind its lock screen, and says what it has", () =>
    inWorld(async (world) => {
      const shelves = makeShelves()
      const { occasions, unlock } = asked({ text: "xyzzy" })
      const first = await person(world, { shelves, unlock, startLocked: true })
      assert.equal(first.me.status.get(), "locked")
      assert.equal(first.me.vault.state.get().state, "uninitialised")
      assert.equal(await refusal(world, first.me.invite()), "locked")
      assert.lengthOf(occasions, 0)
      assert.isFalse(shelves.taken, "nothing is held open behind the lock screen")
      await world.hear(first.me.unlock())
      assert.equal(first.me.status.get(), "ready")
      await world.hear(first.me.close())
      const second = await person(world, { shelves, unlock, startLocked: true })
      const { methods, state } = second.me.vault.state.get()
      assert.equal(state, "locked")
      assert.deepEqual(
        methods.map(({ kind }) => kind),
        ["passphrase"],
      )
      await world.hear(second.me.unlock())
      assert.equal(second.me.status.get(), "ready")
    }))

  it("refuses a wrong passphrase and changes nothing; five of them cost a wait that a restart does not end", () =>
    inWorld(async (world) => {
      const shelves = makeShelves()
      const options = { shelves, unlock: guess("right"), startLocked: true }
      const first = await person(world, options)
      await world.hear(first.me.unlock())
      await world.hear(first.me.rename("Alice"))
      await world.hear(first.me.lock())
      for (let i = 1; i <= FREE_TRIES; i++) {
        assert.equal(await refusal(world, first.me.unlock(guess("wrong"))), "unlockRefused")
        assert.deepInclude(first.me.vault.state.get(), { state: "locked", wrong: i })
      }
      assert.equal(await refusal(world, first.me.unlock(guess("wrong"))), "unlockRefused")
      assert.equal(first.me.vault.state.get().state, "delayed")
      assert.equal(await refusal(world, first.me.unlock(guess("right"))), "unlockDelayed")
      await world.hear(first.me.close())

      const second = await person(world, options)
      assert.deepInclude(second.me.vault.state.get(), { state: "delayed", wrong: FREE_TRIES + 1 })
      assert.equal(await refusal(world, second.me.unlock(guess("right"))), "unlockDelayed")
      await world.pass(FIRST_WAIT)
      assert.equal(second.me.vault.state.get().state, "locked")
      assert.equal(await refusal(world, second.me.unlock(guess("wrong"))), "unlockRefused")
      await world.pass(FIRST_WAIT)
      assert.equal(second.me.vault.state.get().state, "delayed", "the wait has doubled")
      await world.pass(FIRST_WAIT)
      await world.hear(second.me.unlock(guess("right")))
      assert.equal(second.me.name.get(), "Alice")
      assert.deepInclude(second.me.vault.state.get(), { state: "open", wrong: 0 })
    }))

  it("rejects at once where it was created to be open, and stays shut when its user changes their mind", () =>
    inWorld(async (world) => {
      const words: { text: string | undefined } = { text: "right" }
      const { unlock } = asked(words)
      const alice = await person(world, { unlock })
      await world.hear(alice.me.close())
      assert.equal(
        await refusal(world, person(world, { shelves: alice.shelves, unlock: guess("no") })),
        "unlockRefused",
      )
      assert.isFalse(alice.shelves.taken)
      words.text = undefined
      assert.equal(await refusal(world, person(world, { shelves: alice.shelves, unlock })), "unlockCancelled")
      const later = await person(world, { shelves: alice.shelves, unlock, startLocked: true })
      assert.equal(later.me.vault.state.get().wrong, 1, "a change of mind is no try")
    }))

  it("locks by itself when its user has been away, and not while they are there", () =>
    inWorld(async (world) => {
      const { me } = await person(world, { unlock: rawKey(KEY) })
      await world.hear(me.configure({ autoLock: 60_000 }))
      await world.pass(50_000)
      me.vault.userActive()
      await world.pass(50_000)
      assert.equal(me.status.get(), "ready")
      await world.pass(11_000)
      assert.equal(me.status.get(), "locked")
      await world.hear(me.unlock())
      assert.equal(me.settings.get().autoLock, 60_000)
      await world.pass(61_000)
      assert.equal(me.status.get(), "locked")
      await world.hear(me.unlock())
      await world.hear(me.configure({ autoLock: null }))
      await world.pass(600_000)
      assert.equal(me.status.get(), "ready")
    }))

  it("adds, changes and removes ways to unlock; the last that no device takes along stays", () =>
    inWorld(async (world) => {
      const shelves = makeShelves()
      const { me } = await person(world, { shelves, unlock: guess("one"), startLocked: true })
      await world.hear(me.unlock())
      await world.hear(me.rename("Alice"))
      const sealedBefore = new Map([...shelves.hosts].filter(([id]) => id !== "vault"))
      const added = await world.hear(me.vault.addMethod(rawKey(KEY), "the key ring"))
      assert.deepInclude(added, { kind: "rawKey", label: "the key ring" })
      const [phrase] = me.vault.state.get().methods
      await world.hear(me.vault.changeMethod(phrase!.id, guess("two")))
      await world.hear(me.lock())
      assert.equal(await refusal(world, me.unlock(guess("one"))), "unlockRefused")
      await world.hear(me.unlock(rawKey(KEY)))
      await world.hear(me.lock())
      await world.hear(me.unlock(guess("two")))
      await world.hear(me.vault.removeMethod(added.id))
      assert.equal(await refusal(world, me.vault.removeMethod(added.id)), "unlockMethod")
      const [last] = me.vault.state.get().methods
      assert.equal(await refusal(world, me.vault.removeMethod(last!.id)), "unlockMethod")
      await world.hear(me.lock())
      assert.equal(await refusal(world, me.unlock(rawKey(KEY))), "unlockMethod")
      for (const [id, shelf] of sealedBefore) {
        assert.deepEqual(shelves.hosts.get(id)?.records, shelf.records, "no record was sealed anew")
      }
    }))

  it("is not made on a passkey alone", () =>
    inWorld(async (world) => {
      const passkeyLike: Unlock = { ...rawKey(KEY), kind: "passkey", sufficient: false }
      assert.equal(await refusal(world, person(world, { unlock: passkeyLike })), "unlockMethod")
      const shelves = makeShelves()
      const both = await person(world, { shelves, unlock: [guess("one"), passkeyLike] })
      const [phrase, key] = both.me.vault.state.get().methods
      assert.equal(await refusal(world, both.me.vault.removeMethod(phrase!.id)), "unlockMethod")
      assert.equal(await refusal(world, both.me.vault.changeMethod(phrase!.id, passkeyLike)), "unlockMethod")
      await world.hear(both.me.vault.removeMethod(key!.id))
    }))

  it("does not mix with a storage that is not sealed, either way", () =>
    inWorld(async (world) => {
      const plain = await person(world, { name: "Alice" })
      await world.hear(plain.me.close())
      assert.equal(
        await refusal(world, person(world, { shelves: plain.shelves, unlock: rawKey(KEY) })),
        "storageNotSealed",
      )
      const sealed = await person(world, { unlock: rawKey(KEY) })
      await world.hear(sealed.me.close())
      assert.equal(await refusal(world, person(world, { shelves: sealed.shelves })), "storageSealed")
    }))

  it("says when what is durable is not sealed", () =>
    inWorld(async (world) => {
      const durable = {
        storage: (inner: Parameters<NonNullable<Parameters<typeof person>[1]>["storage"] & {}>[0]) => ({
          ...inner,
          durable: true,
        }),
      }
      const plain = await person(world, { ...durable })
      await world.hear(plain.me.lock())
      await world.hear(plain.me.unlock())
      await world.until("it was told", () => plain.events.some(({ type }) => type === "storageNotSealed"))
      const sealed = await person(world, { ...durable, unlock: rawKey(KEY) })
      await world.hear(sealed.me.lock())
      await world.hear(sealed.me.unlock())
      assert.isFalse(sealed.events.some(({ type }) => type === "storageNotSealed"))
    }))
})
