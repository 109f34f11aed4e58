/** What runs inside the browser: the conformance suite, and single acts on a store for the tests that need several tabs. */
import * as Effect from "effect/Effect"
import { indexeddb } from "../../../src/adapters/storage/indexeddb.ts"
import { batch, command, rowOf } from "../../../src/spec/conformance/store-check.ts"
import { type Told, toldBy } from "./frozen.ts"
import { actsOn, runCheck as checked } from "./page-acts.ts"

const acts = actsOn(indexeddb)
export const { close, commit, lost, measure, open, openWhenFree, persist, remove, takeOver, versionOf } = acts

export const runCheck = (name: string, sealed: boolean): Promise<string | undefined> =>
  checked(name, { at: (place) => indexeddb(`${name}: ${place}`), runs: sealed ? 4 : 15 }, sealed)

/** Commits without end, in batches whose two records agree with the version; tells of each that is durable. */
export const commitForEver = async (tell: (version: number) => void): Promise<void> => {
  for (let version = await versionOf(); ; version++) {
    const bytes = new Uint8Array(3_000).fill((version + 1) & 0xff)
    const records = new Map([
      ["first", bytes],
      [`filler/${version % 20}`, bytes],
      ["last", bytes],
    ])
    await Effect.runPromise(acts.store().commit(batch("h", version, { records })))
    tell(version + 1)
  }
}

/** The version, and the bytes that the two records are made of. */
export const inspect = async (): Promise<ReadonlyArray<number | undefined>> => {
  const first = await Effect.runPromise(acts.store().read("h", "first"))
  const last = await Effect.runPromise(acts.store().read("h", "last"))
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

/** Commits what holds the canary in each way that a host keeps, then changes or removes all of it; answers whether it was, and is, anywhere in the database. */
export const canary = async (name: string, text: string): Promise<ReadonlyArray<boolean>> => {
  const bytes = new TextEncoder().encode(text)
  const ids = ["frame/1", "frame/2", "outgoing/1", "seen/1", "layer/1"]
  const store = acts.store()
  const still = ["frame/3", "seen/2"].map((id) => [id, Uint8Array.of(1)] as const)
  const beside = [["m/3", rowOf("s", {})] as const, ["m/1", rowOf("s", { text })] as const]
  await Effect.runPromise(
    store.commit(
      batch("h", 0, {
        rows: new Map([...beside, ["m/2", rowOf("s", { text })]]),
        records: new Map([...ids.map((id) => [id, bytes] as const), ...still]),
        outward: [command("1.0"), { ...command("1.1"), params: { text } }],
      }),
    ),
  )
  const before = await holds(name, text)
  const [, second] = ids
  await Effect.runPromise(
    store.commit(
      batch("h", 1, {
        rows: new Map([
          ["m/1", undefined],
          ["m/2", rowOf("s", {})],
        ]),
        records: new Map(ids.map((id) => [id, id === second ? Uint8Array.of(2) : undefined])),
        confirmed: ["1.1"],
      }),
    ),
  )
  return [before, await holds(name, text)]
}

/** Whether any value of the database holds the text, as text or as bytes. */
const holds = (name: string, text: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(`sotto/${name}`)
    request.onerror = () => reject(request.error)
    request.onsuccess = () => {
      const db = request.result
      const tx = db.transaction([...db.objectStoreNames])
      const found = [...db.objectStoreNames].map((store) => tx.objectStore(store).getAll())
      tx.oncomplete = () => {
        db.close()
        resolve(found.some(({ result }) => plain(result).includes(text)))
      }
    }
  })

const plain = (value: unknown): string =>
  value instanceof Uint8Array
    ? new TextDecoder().decode(value)
    : value instanceof Map
      ? plain([...value])
      : Array.isArray(value)
        ? value.map(plain).join()
        : typeof value === "object" && value !== null
          ? plain(Object.values(value))
          : String(value)

export const told = (name: string): Promise<Told> => toldBy(indexeddb(name))
