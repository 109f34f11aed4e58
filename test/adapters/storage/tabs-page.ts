/** One of two tabs that hammer one place: it writes as long as it may, takes the place when it likes, and says what it was told. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { indexeddb } from "../../../src/adapters/storage/indexeddb.ts"
import { opfs } from "../../../src/adapters/storage/opfs.ts"
import type { Outward, StoreService } from "../../../src/core/store.ts"
import { batch, command } from "../../../src/spec/conformance/store-check.ts"

const storages = { indexeddb, opfs }
export type Kind = keyof typeof storages

let scope = Scope.makeUnsafe()
let store: StoreService | undefined
let tab = ""
/** What was answered as durable: the version it made, and the command that went with it. */
const answered: Array<readonly [version: number, id: string]> = []
let serial = 0

const opened = async (opening: NonNullable<ReturnType<(typeof storages)[Kind]>["takeOver"]>): Promise<boolean> => {
  await Effect.runPromise(Scope.close(scope, Exit.void))
  scope = Scope.makeUnsafe()
  const exit = await Effect.runPromiseExit(Scope.provide(opening, scope))
  store = Exit.isSuccess(exit) ? exit.value : undefined
  return Exit.isSuccess(exit)
}

export const enter = (kind: Kind, name: string): Promise<boolean> => {
  tab = name
  return opened(storages[kind]("hammered").takeOver!)
}

/** Writes until it is refused, or so often; answers with how often it was applied. */
export const hammer = async (times: number): Promise<number> => {
  if (store === undefined) return 0
  const loaded = await Effect.runPromiseExit(store.load("h"))
  if (Exit.isFailure(loaded)) return 0
  let { version } = loaded.value
  for (let time = 0; time < times; time++) {
    const id = `${tab} ${serial++}`
    const records = new Map([["last", new TextEncoder().encode(id)]])
    const exit = await Effect.runPromiseExit(store.commit(batch("h", version, { outward: [command(id)], records })))
    if (Exit.isFailure(exit)) return time
    version += 1
    answered.push([version, id])
  }
  return times
}

export const told = () => answered

/** All commands that are there, in the order of their commits, and the version. */
export const found = async (kind: Kind): Promise<{ readonly version: number; readonly ids: ReadonlyArray<string> }> => {
  await opened(storages[kind]("hammered").takeOver!)
  const saved = await Effect.runPromise(store!.load("h"))
  return { version: saved.version, ids: saved.outward.map(({ id }: Outward) => id) }
}
