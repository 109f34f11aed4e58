/**
 * Unlocking by a key that the embedding program keeps, in an operating system's key store, say. It is as good as its 32 bytes
 * are random and secret; nothing is asked of a person. Docs: storage.md, "Unlock methods"; core/vault/unlock.ts.
 */
import * as Effect from "effect/Effect"
import { METHOD_KEY_BYTES, type Unlock, UnlockFailed } from "../../core/vault/unlock.ts"

/** 32 random bytes, or a function that gets them each time they are needed. */
export type RawKeySource = Uint8Array | (() => Uint8Array | Promise<Uint8Array>)

/** Unlocks by 32 bytes that the program keeps. Another length fails with `unsupported`. */
export const rawKey = (source: RawKeySource): Unlock => {
  const key = Effect.tryPromise({
    try: async () => (typeof source === "function" ? (await source()).slice() : source.slice()),
    catch: () => new UnlockFailed({ reason: "cancelled", says: "The key could not be had. Nothing was changed." }),
  }).pipe(
    Effect.filterOrFail(
      (bytes) => bytes.length === METHOD_KEY_BYTES,
      () => wrongLength,
    ),
  )
  return {
    kind: "rawKey",
    sufficient: true,
    enrol: () => Effect.map(key, (bytes) => ({ params: new Uint8Array(), key: bytes })),
    derive: (_, methods) =>
      Effect.map(key, (bytes) => {
        const candidates = methods.map(({ id }) => ({ id, key: bytes.slice() }))
        bytes.fill(0)
        return candidates
      }),
  }
}

const wrongLength = new UnlockFailed({ reason: "unsupported", says: "A raw key has 32 bytes. Pass 32 random ones." })
