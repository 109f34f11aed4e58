/** Wrapping a vault's key under what an unlock method yields, and getting it back. Docs: storage.md, "Unlock methods". */
import * as Effect from "effect/Effect"
import { concat } from "../crypto/bytes.ts"
import { type CryptoService, Refused } from "../crypto/crypto.ts"
import { freshNonce, idOf, type Method, splitWrapped, wipe, wrapContext, wrappingKey } from "./header.ts"
import type { Candidate } from "./unlock.ts"

/** A method with the vault's key wrapped for it. `yielded` is wiped. */
export const wrapped = Effect.fnUntraced(function* (
  crypto: CryptoService,
  vault: Uint8Array,
  method: Omit<Method, "wrapped">,
  yielded: Uint8Array,
  root: Uint8Array,
): Effect.fn.Return<Method> {
  const key = wrappingKey(crypto, vault, yielded)
  const nonce = freshNonce(crypto)
  const ciphertext = yield* crypto.aes256Gcm.seal(key, nonce, root, wrapContext(vault, method))
  wipe(key, yielded)
  return { ...method, wrapped: concat(nonce, ciphertext) }
})

/**
 * The vault's key, from whichever candidate is right. All fail alike, with the one refusal: for a wrong key, a wrapped key that
 * was altered, and a method that is not there. The candidates are wiped.
 */
export const unwrapped = Effect.fnUntraced(function* (
  crypto: CryptoService,
  vault: Uint8Array,
  methods: ReadonlyArray<Method>,
  candidates: ReadonlyArray<Candidate>,
): Effect.fn.Return<Uint8Array, Refused> {
  let root: Uint8Array | undefined
  for (const { id, key: yielded } of candidates) {
    const method = methods.find((one) => idOf(one) === id)
    if (method !== undefined && root === undefined) {
      const key = wrappingKey(crypto, vault, yielded)
      const [nonce, ciphertext] = splitWrapped(method.wrapped)
      const opening = crypto.aes256Gcm.open(key, nonce, ciphertext, wrapContext(vault, method))
      root = yield* Effect.orElseSucceed(opening, () => undefined)
      wipe(key)
    }
    wipe(yielded)
  }
  return root ?? (yield* new Refused())
})
