/**
 * Argon2id by the runtime's own hand where it has one (Node 24: OpenSSL, on another thread, a tenth of the time), in JavaScript
 * otherwise: in a worker where there are workers, so that a page stays alive meanwhile. Docs: storage.md, "Passphrase".
 */
import * as Effect from "effect/Effect"
import { type Argon2Parameters, derive, isBounded, KEY_BYTES } from "../../core/vault/argon2.ts"

interface NativeParameters {
  readonly message: Uint8Array
  readonly nonce: Uint8Array
  readonly parallelism: number
  readonly tagLength: number
  readonly memory: number
  readonly passes: number
}

type Native = (
  algorithm: "argon2id",
  parameters: NativeParameters,
  done: (error: Error | null, key: Uint8Array) => void,
) => void

const native = (): Native | undefined => {
  const node = globalThis.process?.getBuiltinModule?.("node:crypto") as { readonly argon2?: Native } | undefined
  return typeof node?.argon2 === "function" ? node.argon2 : undefined
}

/** Makes the worker, where a bundler or a policy wants it made otherwise: of this package's `unlock/argon2-worker`. */
export type MakeWorker = () => Worker

const ownWorker: MakeWorker = () => new Worker(new URL("./argon2-worker.js", import.meta.url), { type: "module" })

/** What argon2-worker.ts answers. Undefined: no worker came to be, or it did not load. */
const inWorker = (request: object, make: MakeWorker): Effect.Effect<Uint8Array | undefined> =>
  Effect.callback((resume) => {
    let worker: Worker | undefined
    const end = (key: Uint8Array | undefined) => {
      worker?.terminate()
      resume(Effect.succeed(key))
    }
    try {
      worker = make()
    } catch {
      return end(undefined)
    }
    worker.onerror = (event) => {
      event.preventDefault()
      end(undefined)
    }
    worker.onmessage = ({ data }: MessageEvent<unknown>) => end(data instanceof Uint8Array ? data : undefined)
    worker.postMessage(request)
    return Effect.sync(() => worker?.terminate())
  })

/** The fastest at hand that leaves the page alive. */
export const argon2 = (passphrase: Uint8Array, salt: Uint8Array, parameters: Argon2Parameters, make = ownWorker) =>
  Effect.suspend((): Effect.Effect<Uint8Array> => {
    const own = native()
    if (!isBounded(parameters)) return derive(passphrase, salt, parameters)
    if (own === undefined) {
      if (typeof globalThis.document === "undefined" || typeof globalThis.Worker === "undefined") {
        return derive(passphrase, salt, parameters)
      }
      return Effect.flatMap(inWorker({ passphrase, salt, parameters }, make), (key) =>
        key === undefined ? derive(passphrase, salt, parameters) : Effect.succeed(key),
      )
    }
    const { lanes, memory, passes } = parameters
    const [message, nonce] = [passphrase.slice(), salt.slice()]
    const work = { message, nonce, parallelism: lanes, tagLength: KEY_BYTES, memory, passes }
    return Effect.callback<Uint8Array>((resume) => {
      own("argon2id", work, (error, key) => {
        message.fill(0)
        resume(error === null ? Effect.succeed(new Uint8Array(key)) : Effect.die(error))
      })
    })
  })
