/** What runs inside the browser: the conformance suite, and single acts on a store for the tests that need several tabs. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { indexeddb, removeIndexeddb } from "../../../src/adapters/storage/indexeddb.ts"
import type { Storage, StoreService } from "../../../src/core/store.ts"
import { storeConformance } from "../../../src/spec/conformance/store.ts"
import { batch } from "../../../src/spec/conformance/store-check.ts"
import { type Told, toldBy } from "./frozen.ts"

/** Runs a check and answers with what it found, if anything. */
export const runCheck = async (name: string): Promise<string | undefined> => {
  const check = storeConformance.find((each) => each.name === name)
  if (check === undefined) return "no such check"
  const exit = await Effect.runPromiseExit(check.run({ at: (place) => indexeddb(`${name}: ${place}`), runs: 15 }))
  return Exit.isSuccess(exit) ? undefined : String(exit.cause)
}

const scope = Scope.makeUnsafe()
let store: StoreService

const answer = async (effect: Effect.Effect<unknown, { readonly _tag: string; readonly reason?: string }>) => {
  const exit = await Effect.runPromiseExit(Effect.flip(effect))
  return Exit.isSuccess(exit) ? `${exit.value._tag} ${exit.value.reason ?? ""}`.trim() : "done"
}

/** Opens the place and keeps it open. Answers "done", or with the error. */
export const open = (name: string): Promise<string> => keep(indexeddb(name).open)

/** The same, from whoever has it. */
export const takeOver = (name: string): Promise<string> => keep(indexeddb(name).takeOver!)

const keep = (opening: Storage["open"]): Promise<string> =>
  answer(
    Effect.map(Scope.provide(opening, scope), (opened) => {
      store = opened
    }),
  )

/** Why the store was lost, once it is. */
export const lost = async (): Promise<string> => (await Effect.runPromise(store.lost!)).reason

/** As `open`, once the place is free. */
export const openWhenFree = async (name: string): Promise<string> => {
  await Effect.runPromise(indexeddb(name).freed!)
  return open(name)
}

export const measure = (name: string) => Effect.runPromise(indexeddb(name).measure!)
export const persist = (name: string) => Effect.runPromise(indexeddb(name).persist!)

export const close = (): Promise<void> => Effect.runPromise(Scope.close(scope, Exit.void))

export const remove = (name: string): Promise<string> =>
  removeIndexeddb(name).then(
    () => "done",
    (error) => error._tag,
  )

/** Commits one record of so many bytes. */
export const commit = (expected: number, bytes: number): Promise<string> =>
  answer(
    store.commit(batch("h", expected, { records: new Map([[`r/${expected}`, new Uint8Array(bytes).fill(expected)]]) })),
  )

export const versionOf = async (): Promise<number> => (await Effect.runPromise(store.load("h"))).version

/** Commits without end, in batches whose two records agree with the version; tells of each that is durable. */
export const commitForEver = async (tell: (version: number) => void): Promise<void> => {
  for (let version = await versionOf(); ; version++) {
    const bytes = new Uint8Array(3_000).fill((version + 1) & 0xff)
    const records = new Map([
      ["first", bytes],
      [`filler/${version % 20}`, bytes],
      ["last", bytes],
    ])
    await Effect.runPromise(store.commit(batch("h", version, { records })))
    tell(version + 1)
  }
}

/** The version, and the bytes that the two records are made of. */
export const inspect = async (): Promise<ReadonlyArray<number | undefined>> => {
  const first = await Effect.runPromise(store.read("h", "first"))
  const last = await Effect.runPromise(store.read("h", "last"))
  return [await versionOf(), first?.[0], first?.at(-1), last?.[0], last?.at(-1)]
}

/** As a later version of the app would leave the database. */
export const raise = (name: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(`sotto/${name}`, 1_000)
    request.onsuccess = () => {
      request.result.close()
      resolve()
    }
    request.onerror = () => reject(request.error)
  })

type Plain = null | boolean | number | string | ReadonlyArray<Plain> | { readonly [key: string]: Plain }

/** A database as an earlier schema left it: for each store its keys and values, bytes as `{ $bytes }` in base64. */
interface Frozen {
  readonly version: number
  readonly stores: { readonly [name: string]: ReadonlyArray<readonly [IDBValidKey, Plain]> }
}

const revive = (value: Plain): unknown => {
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map(revive)
  const entries = Object.entries(value)
  const [first] = entries
  return first?.[0] === "$bytes"
    ? Uint8Array.from(atob(first[1] as string), (letter) => letter.charCodeAt(0))
    : Object.fromEntries(entries.map(([key, held]) => [key, revive(held)]))
}

/** `dump` is a `Frozen` in JSON. */
export const thaw = (name: string, dump: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const { stores, version } = JSON.parse(dump) as Frozen
    const request = indexedDB.open(`sotto/${name}`, version)
    request.onupgradeneeded = () => {
      for (const [store, entries] of Object.entries(stores)) {
        const made = request.result.createObjectStore(store)
        for (const [key, value] of entries) made.put(revive(value), key)
      }
    }
    request.onsuccess = () => {
      request.result.close()
      resolve()
    }
    request.onerror = () => reject(request.error)
  })

export const told = (name: string): Promise<Told> => toldBy(indexeddb(name))
