/** Lives of a storage, as the invariants of storage look at them: leases that are taken from each other, and storages that fail. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { makeShelves, memory } from "../../src/adapters/storage/memory.ts"
import type { SyncFile } from "../../src/adapters/storage/opfs/file.ts"
import { openLog } from "../../src/adapters/storage/opfs/log.ts"
import { sqlite } from "../../src/adapters/storage/sqlite.ts"
import { memoryNetwork } from "../../src/adapters/transport/memory.ts"
import { type Storage, type StoreService, Unavailable } from "../../src/core/store.ts"
import { createMessenger } from "../../src/index.ts"
import { batch } from "../../src/spec/conformance/store-check.ts"
import type { StorageHappening, StorageHistory } from "../../src/spec/invariants/storage.ts"
import { makeDice } from "../../src/spec/simulation/dice.ts"

interface Writer {
  readonly lease: number
  readonly store: StoreService
  readonly scope: Scope.Closeable
  /** What it believes to be the version. */
  version: number
}

/** Several writers who take one place from each other and write on, whether or not they still may. */
export const contend = async (storage: Storage, seed: number, moves = 40): Promise<StorageHistory> => {
  const dice = makeDice(seed)
  const history: Array<StorageHappening> = []
  const writers: Array<Writer> = []
  let leases = 0
  const enter = async (opening: Storage["open"]) => {
    const scope = Effect.runSync(Scope.make())
    const exit = await Effect.runPromiseExit(Scope.provide(opening, scope))
    if (Exit.isFailure(exit)) return Effect.runPromise(Scope.close(scope, Exit.void))
    const { version } = await Effect.runPromise(exit.value.load("h"))
    const writer = { lease: ++leases, store: exit.value, scope, version }
    history.push({ is: "opened", lease: writer.lease, found: version })
    writers.push(writer)
  }
  await enter(storage.open)
  for (let move = 0; move < moves; move++) {
    const writer = writers[Math.floor(dice.next() * writers.length)]
    const what = dice.next()
    if (what < 0.2) await enter(storage.takeOver!)
    else if (what < 0.3) await enter(storage.open)
    else if (writer !== undefined && what < 0.4) {
      writers.splice(writers.indexOf(writer), 1)
      await Effect.runPromise(Scope.close(writer.scope, Exit.void))
    } else if (writer !== undefined) {
      // A stale one may happen to know the right version: only its lease gives it away.
      const expected = dice.next() < 0.5 ? writer.version : Math.max(...writers.map(({ version }) => version))
      const exit = await Effect.runPromiseExit(writer.store.commit(batch("h", expected)))
      history.push({ is: "written", lease: writer.lease, version: expected + 1, applied: Exit.isSuccess(exit) })
      if (Exit.isSuccess(exit)) writer.version = expected + 1
    }
  }
  for (const { scope } of writers) await Effect.runPromise(Scope.close(scope, Exit.void))
  return history
}

export const contendInMemory = (seed: number): Promise<StorageHistory> => contend(memory(makeShelves()), seed)

export const contendInSqlite = async (seed: number): Promise<StorageHistory> => {
  const folder = mkdtempSync(join(tmpdir(), "sotto-leases-"))
  try {
    return await contend(sqlite(join(folder, "file")), seed)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A messenger whose storage fails under way with this reason, and what its user is told. */
export const failUnderWay = async (reason: "full" | "lost" | "newer" | "broken"): Promise<StorageHistory> => {
  const history: Array<StorageHappening> = []
  const loss = Promise.withResolvers<Unavailable>()
  const shelves = makeShelves()
  const inner = memory(shelves)
  const failing: Storage = {
    ...inner,
    open: Effect.map(inner.open, (store) => ({ ...store, lost: Effect.promise(() => loss.promise) })),
  }
  const me = await createMessenger({
    storage: failing,
    transports: [memoryNetwork().transport()],
    appUrl: "https://chat.example/",
  })
  history.push({ is: "opened", lease: 1, found: 0 })
  const told = (async () => {
    for await (const event of me.events) {
      if (event.type === "storageFailed" && event.reason === reason) history.push({ is: "told", lease: 1 })
      if (event.type === "stopped") return
    }
  })()
  const waiting = Promise.withResolvers<void>()
  me.status.subscribe((status) => {
    if (status === "closed") waiting.resolve()
  })
  history.push({ is: "failed", lease: 1 })
  loss.resolve(new Unavailable({ reason }))
  // Rounds of the event loop, not time: whether it stops does not depend on how fast.
  const rounds = (async () => {
    for (let round = 0; round < 200; round++) await new Promise((resolve) => setImmediate(resolve))
  })()
  await Promise.race([Promise.all([told, waiting.promise]), rounds])
  if (me.status.get() === "closed") history.push({ is: "stopped", lease: 1 })
  const after = await me.rename("after").then(
    () => true,
    () => false,
  )
  history.push({ is: "written", lease: 1, version: 1, applied: after })
  await me.close()
  return history
}

const fileInMemory = (): SyncFile => {
  let bytes = new Uint8Array()
  return {
    size: () => bytes.length,
    read: (at, length) => bytes.slice(at, at + length),
    write: (at, more) => {
      const grown = new Uint8Array(Math.max(bytes.length, at + more.length))
      grown.set(bytes)
      grown.set(more, at)
      bytes = grown
    },
    truncate: (size) => {
      bytes = bytes.slice(0, size)
    },
    flush: () => undefined,
    close: () => undefined,
  }
}

/** A log whose files come back empty, as after an eviction. */
export const evictLog = async (): Promise<StorageHistory> => {
  const history: Array<StorageHappening> = []
  const files = [fileInMemory(), fileInMemory()] as const
  const open = (wasMade: boolean) => {
    try {
      const log = openLog({ files, wasMade, random: () => 7 })
      history.push({ is: "opened", lease: history.length + 1, found: log.hosts.get("h")?.version ?? 0 })
      return log
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      history.push({ is: "refused" })
      return undefined
    }
  }
  const log = open(false)!
  log.write(batch("h", 0))
  log.flush()
  history.push({ is: "written", lease: 1, version: 1, applied: true })
  for (const file of files) file.truncate(0)
  open(true)
  return history
}
