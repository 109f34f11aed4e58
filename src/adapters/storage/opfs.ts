/**
 * Storage in the origin private file system, for browsers: an append log in a worker of its own. Faster than IndexedDB where
 * many small batches are committed; needs a page from a server. Docs: core/store.ts, docs/storage.md, "The log"; upheld by
 * `spec/conformance/store`.
 *
 * What was erased is in the file until the log is compacted, which happens right after a host was erased, otherwise when enough
 * of it is of no use any more.
 */
import { defineStorage, type PlainStore } from "../../core/storage-from-promises.ts"
import { Conflict, Elsewhere, type Storage, Unavailable } from "../../core/store.ts"
import { free, lock } from "./browser/lock.ts"
import { forgetMade, rememberMade, wasMade } from "./browser/marker.ts"
import { measure, persist } from "./browser/room.ts"
import { type Answers, type Call, callsBy, type Failure, lockOf, type Reply, type Request } from "./opfs/messages.ts"

/** How the place is opened. */
export interface OpfsOptions {
  /**
   * Makes the worker, where a bundler or a policy wants it made otherwise: `new Worker(url, { type: "module" })` of this package's
   * `storage/opfs/worker`.
   */
  readonly worker?: () => Worker
}

/** The place of this name in this origin. */
export const opfs = (name: string, { worker = ownWorker }: OpfsOptions = {}): Storage => {
  const place = lockOf(name)
  const open = (robbing: boolean) => opened(name, worker, robbing)
  return defineStorage({
    kind: "opfs",
    durable: true,
    open: () => open(false),
    takeOver: () => open(true),
    freed: (signal) => free(place, signal),
    measure,
    persist,
    remove: async () => {
      const held = await lock(place, false)
      try {
        // In this order: interrupted between the two, what is left is whole.
        forgetMade(place)
        await removeFolder(name)
      } finally {
        await held.release()
      }
    },
  })
}

const ownWorker = (): Worker => new Worker(new URL("./opfs/worker.js", import.meta.url), { type: "module" })

const removeFolder = async (name: string): Promise<void> => {
  const root = await navigator.storage.getDirectory()
  try {
    const all = await root.getDirectoryHandle("sotto")
    await all.removeEntry(`place-${encodeURIComponent(name)}`, { recursive: true })
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "NotFoundError")) throw error
  }
}

const opened = async (name: string, makeWorker: () => Worker, robbing: boolean): Promise<PlainStore> => {
  const place = lockOf(name)
  const { ask, end, lost } = connect(makeWorker())
  try {
    await ask({ do: "open", name, robbing, wasMade: wasMade(place) })
  } catch (error) {
    end()
    throw error
  }
  rememberMade(place)
  return {
    ...callsBy(ask),
    close: async () => {
      await ask({ do: "close" }).catch(() => undefined)
      end()
    },
    lost,
  }
}

const connect = (worker: Worker) => {
  const waiting = new Map<
    number,
    { readonly resolve: (value: never) => void; readonly reject: (why: unknown) => void }
  >()
  const loss = Promise.withResolvers<Unavailable>()
  let next = 0
  let over: Unavailable | undefined
  const die = (why: Unavailable) => {
    over ??= why
    for (const { reject } of waiting.values()) reject(over)
    waiting.clear()
    loss.resolve(over)
  }
  worker.onmessage = ({ data }: MessageEvent<Reply>) => {
    if ("lost" in data) return die(new Unavailable({ reason: data.lost }))
    const asked = waiting.get(data.id)
    waiting.delete(data.id)
    if ("failure" in data) asked?.reject(errorOf(data.failure))
    else asked?.resolve(data.value as never)
  }
  // It could not be fetched, or a page from file:// may have none.
  worker.onerror = (event) => {
    event.preventDefault()
    die(new Unavailable({ reason: next <= 1 ? "denied" : "broken", cause: new Error(event.message || "no worker") }))
  }
  return {
    lost: loss.promise,
    ask: <C extends Call>(call: C): Promise<Answers[C["do"]]> =>
      new Promise((resolve, reject) => {
        if (over !== undefined) return reject(over)
        const id = next++
        waiting.set(id, { resolve, reject })
        worker.postMessage({ id, call } satisfies Request)
      }),
    end: () => worker.terminate(),
  }
}

const errorOf = (failure: Failure): Conflict | Elsewhere | Unavailable => {
  if (failure.tag === "Conflict") return new Conflict({ expected: failure.expected, found: failure.found })
  if (failure.tag === "Elsewhere") return new Elsewhere()
  return new Unavailable({ reason: failure.reason, cause: new Error(failure.why) })
}
