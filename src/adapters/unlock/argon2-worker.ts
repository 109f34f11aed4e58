/** Argon2id on a thread of its own: one request, one answer, and the worker is ended by whoever made it. */
import * as Effect from "effect/Effect"
import { type Argon2Parameters, derive } from "../../core/vault/argon2.ts"

interface Request {
  readonly passphrase: Uint8Array
  readonly salt: Uint8Array
  readonly parameters: Argon2Parameters
}

const scope = globalThis as unknown as {
  onmessage: ((event: { readonly data: Request }) => void) | null
  readonly postMessage: (key: Uint8Array) => void
}

scope.onmessage = ({ data: { parameters, passphrase, salt } }) => {
  void Effect.runPromise(derive(passphrase, salt, parameters)).then((key) => scope.postMessage(key))
}
