/** The page's side: a storage that can commit and nothing else, for the same batches as the others. */
import * as Effect from "effect/Effect"
import type { Batch, Storage, StoreService } from "../../../src/core/store.ts"
import { commitMany } from "../stores-work.ts"

const sqliteWasm: Storage = {
  kind: "sqlite-wasm",
  durable: true,
  open: Effect.promise(async () => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" })
    const waiting = new Map<number, () => void>()
    const ready = Promise.withResolvers<void>()
    worker.onerror = (event) => ready.reject(new Error(event.message))
    worker.onmessage = ({ data }: MessageEvent<{ readonly id?: number }>) => {
      if (data.id === undefined) return ready.resolve()
      waiting.get(data.id)?.()
      waiting.delete(data.id)
    }
    await ready.promise
    let next = 0
    const commit = (batch: Batch) =>
      new Promise<void>((resolve) => {
        const id = next++
        waiting.set(id, resolve)
        worker.postMessage({ id, batch })
      })
    return { commit: (batch: Batch) => Effect.promise(() => commit(batch)) } as unknown as StoreService
  }),
}

export const measureSqlite = (hosts: number, batches: number): Promise<number> =>
  Effect.runPromise(commitMany(sqliteWasm, hosts, batches, () => performance.now()))
