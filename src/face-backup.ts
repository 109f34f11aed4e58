/**
 * Backup, restore and export as promises and streams. What they need is loaded when they are first asked for: nobody who
 * never saves a backup pays for it.
 */
import type { MakeWorker } from "./adapters/unlock/argon2.ts"
import type { Pull } from "./core/backup/pull.ts"
import type { Engine } from "./core/engine.ts"
import type { SottoError } from "./core/errors.ts"
import type { Argon2 } from "./core/vault/argon2.ts"
import type { BackupSource, Messenger, Streamed } from "./face.ts"
import { promised } from "./face-values.ts"

export const backupFace = (engine: Engine): Pick<Messenger, "backup" | "restore" | "export"> => ({
  backup: async (secrets, options = {}) => {
    const [{ backupOf }, argon2] = await Promise.all([import("./core/backup/face.ts"), stretching(options.worker)])
    const portions = await promised(backupOf(engine, argon2, secrets, options.argon2))
    return streamed(portions as Pull<Uint8Array<ArrayBuffer>, SottoError>, "application/octet-stream")
  },
  restore: async (file, secrets, options = {}) => {
    const [{ restoreInto }, argon2] = await Promise.all([import("./core/backup/face.ts"), stretching(options.worker)])
    return promised(restoreInto(engine, argon2, portionsOf(file), secrets))
  },
  export: async ({ format }) => {
    const { exportOf } = await import("./core/backup/export.ts")
    return streamed(await promised(exportOf(engine, format)), format === "html" ? "text/html" : "application/json")
  },
})

const stretching = async (worker: MakeWorker | undefined): Promise<Argon2> => {
  const { argon2 } = await import("./adapters/unlock/argon2.ts")
  return (passphrase, salt, parameters) => argon2(passphrase, salt, parameters, worker)
}

const streamed = <A extends Uint8Array<ArrayBuffer> | string>(pull: Pull<A, SottoError>, type: string): Streamed<A> => {
  const portions = async function* () {
    for (let next = await promised(pull); next !== undefined; next = await promised(pull)) yield next
  }
  return {
    [Symbol.asyncIterator]: portions,
    stream: () =>
      new ReadableStream<A>({
        pull: async (controller) => {
          const next = await promised(pull)
          if (next === undefined) controller.close()
          else controller.enqueue(next)
        },
      }),
    // A Blob of Blobs: the browser may keep them on its disk.
    blob: async () => {
      const parts: Array<Blob> = []
      let part: Array<A> = []
      for await (const portion of { [Symbol.asyncIterator]: portions }) {
        if (part.push(portion) < PORTIONS_A_BLOB) continue
        parts.push(new Blob(part))
        part = []
      }
      return new Blob([...parts, ...part], { type })
    },
  }
}

/** About a megabyte of a backup. */
const PORTIONS_A_BLOB = 64

const portionsOf = (file: BackupSource): AsyncIterable<Uint8Array> => {
  if (file instanceof Uint8Array) {
    return (async function* () {
      yield file
    })()
  }
  const stream = file instanceof Blob ? file.stream() : file
  return "getReader" in stream ? readerOf(stream) : stream
}

/** Not every browser iterates over streams. */
const readerOf = async function* (stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
