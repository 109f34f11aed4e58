/**
 * Argon2id by the runtime's own hand where it has one (Node 24: OpenSSL, on another thread, a tenth of the time), in JavaScript
 * otherwise. Docs: storage.md, "Passphrase".
 */
import * as Effect from "effect/Effect"
import { type Argon2, derive, isBounded, KEY_BYTES } from "../../core/vault/argon2.ts"

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

/** The fastest at hand. */
export const argon2: Argon2 = (passphrase, salt, parameters) =>
  Effect.suspend(() => {
    const own = native()
    if (own === undefined || !isBounded(parameters)) return derive(passphrase, salt, parameters)
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
