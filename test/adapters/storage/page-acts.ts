/** Single acts on a store inside a browser's page, for tests that need several tabs: what was asked for, answered in a word. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { systemRandom } from "../../../src/adapters/crypto/random.ts"
import { rawKey } from "../../../src/adapters/unlock/raw-key.ts"
import { nobleCrypto } from "../../../src/core/crypto/noble.ts"
import type { Storage, StoreService } from "../../../src/core/store.ts"
import { sealedStorage } from "../../../src/core/vault/vault.ts"
import { type Image, type StoreWorld, storeConformance } from "../../../src/spec/conformance/store.ts"
import { batch } from "../../../src/spec/conformance/store-check.ts"

/** "done", or the error. */
const answer = async (effect: Effect.Effect<unknown, { readonly _tag: string; readonly reason?: string }>) => {
  const exit = await Effect.runPromiseExit(Effect.flip(effect))
  return Exit.isSuccess(exit) ? `${exit.value._tag} ${exit.value.reason ?? ""}`.trim() : "done"
}

/** The same storage sealed: what lies below a place is the place itself. */
const sealedWorld = (world: StoreWorld): StoreWorld => {
  const sealed = { crypto: nobleCrypto(systemRandom), unlocks: [rawKey(new Uint8Array(32).fill(7))] }
  const { at, disk, ...rest } = world
  const below = (place: string) => `sealed ${place}`
  return {
    ...rest,
    at: (place) => sealedStorage(at(below(place)), sealed),
    // Each tampering opens the place anew, with OPFS in a worker of its own: a minute for what the vault does alike over any store.
    ...(disk === undefined && { beneath: (place: string) => at(below(place)) }),
    ...(disk && {
      disk: {
        image: (place: string) => disk.image(below(place)),
        restore: (place: string, image: Image) => disk.restore(below(place), image),
      },
    }),
  }
}

/** Runs a check of the conformance suite and answers with what it found, if anything. */
export const runCheck = async (name: string, world: StoreWorld, sealed: boolean): Promise<string | undefined> => {
  const check = storeConformance.find((each) => each.name === name)
  if (check === undefined) return "no such check"
  const exit = await Effect.runPromiseExit(check.run(sealed ? sealedWorld(world) : world))
  return Exit.isSuccess(exit) ? undefined : String(exit.cause)
}

export const actsOn = (storage: (name: string) => Storage) => {
  const scope = Scope.makeUnsafe()
  let store: StoreService

  const keep = (opening: Storage["open"]): Promise<string> =>
    answer(
      Effect.map(Scope.provide(opening, scope), (opened) => {
        store = opened
      }),
    )
  const open = (name: string) => keep(storage(name).open)
  const versionOf = async (): Promise<number> => (await Effect.runPromise(store.load("h"))).version

  return {
    /** Opens the place and keeps it open. */
    open,
    /** The same, from whoever has it. */
    takeOver: (name: string) => keep(storage(name).takeOver!),
    /** As `open`, once the place is free. */
    openWhenFree: async (name: string) => {
      await Effect.runPromise(storage(name).freed!)
      return open(name)
    },
    /** Why the store was lost, once it is. */
    lost: async (): Promise<string> => (await Effect.runPromise(store.lost!)).reason,
    measure: (name: string) => Effect.runPromise(storage(name).measure!),
    persist: (name: string) => Effect.runPromise(storage(name).persist!),
    close: () => Effect.runPromise(Scope.close(scope, Exit.void)),
    remove: (name: string) => answer(storage(name).remove!),
    /** Commits one record of so many bytes. */
    commit: (expected: number, bytes: number): Promise<string> => {
      const records = new Map([[`r/${expected}`, new Uint8Array(bytes).fill(expected)]])
      return answer(Effect.suspend(() => store.commit(batch("h", expected, { records }))))
    },
    versionOf,
    /** The store that is open, for acts of one kind alone. */
    store: (): StoreService => store,
  }
}
