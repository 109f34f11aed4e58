/** Files in memory, for the log of storage in OPFS: with a disk that keeps what was flushed and may tear the rest. */
import type { SyncFile } from "../../../src/adapters/storage/opfs/file.ts"
import { type Log, openLog } from "../../../src/adapters/storage/opfs/log.ts"
import { type Answers, type Ask, type Call, callsBy } from "../../../src/adapters/storage/opfs/messages.ts"
import { serve } from "../../../src/adapters/storage/opfs/server.ts"
import { defineStorage } from "../../../src/core/storage-from-promises.ts"
import { Conflict, Elsewhere, type Storage, Unavailable } from "../../../src/core/store.ts"

export interface Platter {
  bytes: Uint8Array
  /** As it was at the last flush. */
  flushed: Uint8Array
}

export interface PlatterOptions {
  /** Called before each change; what it throws, the file throws. */
  readonly before?: (change: "write" | "truncate" | "flush") => void
}

export const makePlatter = (bytes = new Uint8Array()): Platter => ({ bytes, flushed: bytes })

export const fileOn = (platter: Platter, { before = () => undefined }: PlatterOptions = {}): SyncFile => ({
  size: () => platter.bytes.length,
  read: (at, length) => platter.bytes.slice(at, at + length),
  write: (at, bytes) => {
    before("write")
    const grown = new Uint8Array(Math.max(platter.bytes.length, at + bytes.length))
    grown.set(platter.bytes)
    grown.set(bytes, at)
    platter.bytes = grown
  },
  truncate: (size) => {
    before("truncate")
    platter.bytes = platter.bytes.slice(0, size)
  },
  flush: () => {
    before("flush")
    platter.flushed = platter.bytes.slice()
  },
  close: () => undefined,
})

let salts = 1

export interface Drive {
  readonly platters: readonly [Platter, Platter]
  taken: boolean
  wasMade: boolean
}

export const makeDrive = (): Drive => ({ platters: [makePlatter(), makePlatter()], taken: false, wasMade: false })

export const logOn = (drive: Drive, options: PlatterOptions = {}): Log =>
  openLog({
    files: [fileOn(drive.platters[0], options), fileOn(drive.platters[1], options)],
    wasMade: drive.wasMade,
    random: () => (salts = (salts * 48_271) % 0x7fff_ffff),
  })

/** The log behind the port, as the worker serves it. */
export const driveStorage = (drive: Drive): Storage =>
  defineStorage({
    kind: "log in memory",
    durable: false,
    open: async () => {
      if (drive.taken) throw new Elsewhere()
      drive.taken = true
      const log = logOn(drive)
      drive.wasMade = true
      const waiting = new Map<number, (reply: { value?: unknown; failure?: { tag: string } }) => void>()
      const server = serve(log, (reply) => "id" in reply && waiting.get(reply.id)?.(structuredClone(reply)))
      let next = 0
      const ask = <C extends Exclude<Call, { do: "open" | "close" }>>(call: C): Promise<Answers[C["do"]]> =>
        new Promise((resolve, reject) => {
          const id = next++
          waiting.set(id, (reply) =>
            "failure" in reply ? reject(errorOf(reply.failure as never)) : resolve(reply.value as never),
          )
          server.take([{ id, call: structuredClone(call) }])
        })
      return {
        ...callsBy(ask as Ask),
        close: async () => {
          log.close()
          drive.taken = false
        },
      }
    },
  })

const errorOf = (
  failure: { tag: "Conflict"; expected: number; found: number } | { tag: "Unavailable"; reason: "full" },
) => (failure.tag === "Conflict" ? new Conflict(failure) : new Unavailable(failure))
