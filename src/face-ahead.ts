/** Keys of the next pairing, made when there is time: loaded by itself, because a first chat does not wait for it. */
import type * as Effect from "effect/Effect"
import type { Scope } from "effect/Scope"
import { idle } from "./adapters/idle.ts"
import type { CryptoService } from "./core/crypto/crypto.ts"
import type { KeysAhead } from "./core/handshake/keys-ahead.ts"
import { makeKeysAhead } from "./core/handshake/making-ahead.ts"

export const keysAhead = (crypto: CryptoService): Effect.Effect<KeysAhead, never, Scope> => makeKeysAhead(crypto, idle)
