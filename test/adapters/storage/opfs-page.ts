/** What runs inside the browser: the conformance suite over storage in OPFS, and single acts for the tests that need several tabs. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { opfs } from "../../../src/adapters/storage/opfs.ts"
import type { Storage, StoreService } from "../../../src/core/store.ts"
import { type Image, storeConformance } from "../../../src/spec/conformance/store.ts"
import { batch } from "../../../src/spec/conformance/store-check.ts"

const folderOf = async (name: string): Promise<FileSystemDirectoryHandle> => {
  const all = await (await navigator.storage.getDirectory()).getDirectoryHandle("sotto")
  return all.getDirectoryHandle(`place-${encodeURIComponent(name)}`)
}

const FILES = ["log-0", "log-1"]

const imageOf = async (name: string): Promise<Image> => {
  const folder = await folderOf(name)
  const image = new Map<string, Uint8Array>()
  for (const file of FILES) {
    const handle = await folder.getFileHandle(file)
    image.set(file, new Uint8Array(await (await handle.getFile()).arrayBuffer()))
  }
  return image
}

const restore = async (name: string, image: Image): Promise<void> => {
  const folder = await folderOf(name)
  for (const [file, bytes] of image) {
    const writable = await (await folder.getFileHandle(file)).createWritable()
    await writable.write(bytes.slice())
    await writable.close()
  }
}

/** Runs a check and answers with what it found, if anything. */
export const runCheck = async (name: string, cuts: number): Promise<string | undefined> => {
  const check = storeConformance.find((each) => each.name === name)
  if (check === undefined) return "no such check"
  const nameOf = (place: string) => `${name}: ${place}`
  const exit = await Effect.runPromiseExit(
    check.run({
      at: (place) => opfs(nameOf(place)),
      runs: 6,
      cuts,
      disk: {
        image: (place) => imageOf(nameOf(place)),
        restore: (place, image) => restore(nameOf(place), image),
      },
    }),
  )
  return Exit.isSuccess(exit) ? undefined : String(exit.cause)
}

const scope = Scope.makeUnsafe()
let store: StoreService

const answer = async (effect: Effect.Effect<unknown, { readonly _tag: string; readonly reason?: string }>) => {
  const exit = await Effect.runPromiseExit(Effect.flip(effect))
  return Exit.isSuccess(exit) ? `${exit.value._tag} ${exit.value.reason ?? ""}`.trim() : "done"
}

const keep = (opening: Storage["open"]): Promise<string> =>
  answer(
    Effect.map(Scope.provide(opening, scope), (opened) => {
      store = opened
    }),
  )

export const open = (name: string): Promise<string> => keep(opfs(name).open)
export const takeOver = (name: string): Promise<string> => keep(opfs(name).takeOver!)
export const close = (): Promise<void> => Effect.runPromise(Scope.close(scope, Exit.void))
export const remove = (name: string): Promise<string> => answer(opfs(name).remove!)
export const lost = async (): Promise<string> => (await Effect.runPromise(store.lost!)).reason
export const versionOf = async (): Promise<number> => (await Effect.runPromise(store.load("h"))).version

/** Commits one record of so many bytes. */
export const commit = (expected: number, bytes: number): Promise<string> =>
  answer(
    store.commit(batch("h", expected, { records: new Map([[`r/${expected}`, new Uint8Array(bytes).fill(expected)]]) })),
  )

/** As the browser would leave the place after an eviction. */
export const evict = async (): Promise<void> => {
  await (await navigator.storage.getDirectory()).removeEntry("sotto", { recursive: true })
}

/** Where no worker can be had. */
export const withoutWorker = (): Promise<string> =>
  keep(opfs("no worker", { worker: () => new Worker("/there-is-none.js", { type: "module" }) }).open)
