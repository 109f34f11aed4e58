/** Backups that cannot be restored, or only in part: what is said, and that the profile is as it was. */
import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import { generateRecoveryPhrase } from "../../src/backup.ts"
import type { StoreService } from "../../src/core/store.ts"
import type { SottoError } from "../../src/index.ts"
import { phrase, refusal, save } from "./backup-files.ts"
import { pair, person } from "./people.ts"
import { inWorld } from "./world.ts"

describe("a restore that fails", () => {
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
})
