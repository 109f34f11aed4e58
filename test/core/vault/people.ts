/** Keys, passphrases and storages for tests of the vault: real ones, only cheap. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { nativeCrypto } from "../../../src/adapters/crypto/native.ts"
import { makeShelves, memory, type Shelves } from "../../../src/adapters/storage/memory.ts"
import { type AskPassphrase, passphrase } from "../../../src/adapters/unlock/passphrase.ts"
import { rawKey } from "../../../src/adapters/unlock/raw-key.ts"
import { utf8 } from "../../../src/core/crypto/bytes.ts"
import type { CryptoService } from "../../../src/core/crypto/crypto.ts"
import type { Storage } from "../../../src/core/store.ts"
import { type Occasion, type Unlock, UnlockFailed } from "../../../src/core/vault/unlock.ts"
import { sealedStorage } from "../../../src/core/vault/vault.ts"

export const crypto: CryptoService = nativeCrypto()!

/** RFC 9106's least: these tests are not about its cost. */
export const CHEAP = { cost: { memory: 8, passes: 1, lanes: 1 } } as const

export const cheapPassphrase = (ask: AskPassphrase): Unlock => passphrase(ask, CHEAP)

/**
 * A passphrase without Argon2, which works on another thread and so outside a test's virtual time. It is a method like any other:
 * what it asks and yields is a passphrase's.
 */
export const words = (ask: AskPassphrase): Unlock => {
  const asked = (occasion: Occasion) =>
    Effect.flatMap(
      Effect.promise(async () => ask(occasion)),
      (text) =>
        text === undefined
          ? Effect.fail(new UnlockFailed({ reason: "cancelled", says: "Nothing was said." }))
          : Effect.succeed(crypto.sha256(utf8(text))),
    )
  return {
    kind: "passphrase",
    sufficient: true,
    enrol: (_, occasion) => Effect.map(asked(occasion), (key) => ({ key, params: new Uint8Array() })),
    derive: (_, methods, occasion) =>
      Effect.map(asked(occasion), (key) => methods.map(({ id }) => ({ id, key: key.slice() }))),
  }
}

export const KEY = new Uint8Array(32).fill(7)

/** Sealed under a raw key, over shelves that a test can read and change. */
export const sealedMemory = (shelves: Shelves = makeShelves(), unlock: Unlock = rawKey(KEY)): Storage =>
  sealedStorage(memory(shelves), { crypto, unlocks: [unlock] })

export const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Promise<A> =>
  Effect.runPromise(Effect.scoped(effect))
