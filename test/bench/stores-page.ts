/** What runs inside the browser: so many typical batches, one after the other, over one storage. */
import * as Effect from "effect/Effect"
import { indexeddb } from "../../src/adapters/storage/indexeddb.ts"
import { opfs } from "../../src/adapters/storage/opfs.ts"
import { commitMany } from "./stores-work.ts"

const storages = { indexeddb, opfs }

export const measure = (kind: keyof typeof storages, hosts: number, batches: number): Promise<number> =>
  Effect.runPromise(commitMany(storages[kind](`bench ${hosts}`), hosts, batches, () => performance.now()))
