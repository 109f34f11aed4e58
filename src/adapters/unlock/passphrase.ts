/**
 * Unlocking by a passphrase: Argon2id with a salt of its own, at a cost that is measured where the method is made. Docs:
 * storage.md, "Passphrase"; core/vault/unlock.ts.
 */
import * as Effect from "effect/Effect"
import { utf8 } from "../../core/crypto/bytes.ts"
import {
  type Argon2Parameters,
  decodeArgon2,
  encodeArgon2,
  LEAST_MEMORY,
  MOST_WORK,
  normalised,
  SALT_BYTES,
} from "../../core/vault/argon2.ts"
import { type Occasion, type Unlock, type UnlockFailed, unlockFailed } from "../../core/vault/unlock.ts"
import { systemRandom } from "../crypto/random.ts"
import { argon2, type MakeWorker } from "./argon2.ts"

export type { Argon2Parameters } from "../../core/vault/argon2.ts"
export type { MakeWorker } from "./argon2.ts"

/** How long unlocking may take where the method is made, in milliseconds: half a second is long for a guesser, not for a person. */
export const TARGET_TIME = 500

/** More is no passphrase, and Argon2 hashes it all. */
const MAX_BYTES = 4_096

/** Asks a person. Undefined, or a rejection, is a change of mind. */
export type AskPassphrase = (occasion: Occasion) => string | undefined | Promise<string | undefined>

/** Cost, and where it is spent. */
export interface PassphraseOptions {
  /** What one derivation costs. Left out: 64 MiB, and as many passes as take about half a second here. */
  readonly cost?: Partial<Argon2Parameters>
  /** In a browser: makes the worker that derives, where a bundler or a policy wants it made otherwise. */
  readonly worker?: MakeWorker
}

/**
 * A passphrase. `ask` is called whenever one is needed: to make a vault, to open it, and to add this method to one
 * (`occasion.why`). Empty ones are refused; how long it should be is for whoever asks to say.
 */
export const passphrase = (ask: AskPassphrase, options: PassphraseOptions = {}): Unlock => {
  const asked = (occasion: Occasion): Effect.Effect<Uint8Array, UnlockFailed> =>
    Effect.tryPromise({ try: async () => ask(occasion), catch: () => cancelled }).pipe(
      Effect.flatMap((text) => {
        if (text === undefined || text === "") return Effect.fail(cancelled)
        const bytes = utf8(normalised(text))
        return bytes.length <= MAX_BYTES ? Effect.succeed(bytes) : Effect.fail(tooLong)
      }),
    )

  return {
    kind: "passphrase",
    sufficient: true,

    enrol: Effect.fnUntraced(function* (_, occasion) {
      const secret = yield* asked(occasion)
      const salt = systemRandom(SALT_BYTES)
      const { key, parameters } = yield* calibrated(secret, salt, options)
      secret.fill(0)
      return { params: encodeArgon2({ ...parameters, salt }), key }
    }),

    derive: Effect.fnUntraced(function* (_, methods, occasion) {
      const stored = methods.flatMap(({ id, params }) => {
        const decoded = decodeArgon2(params)
        return decoded === undefined ? [] : [{ id, decoded }]
      })
      if (stored.length === 0) return yield* outOfBounds
      const secret = yield* asked(occasion)
      const candidates = yield* Effect.forEach(stored, ({ decoded, id }) =>
        Effect.map(argon2(secret, decoded.salt, decoded, options.worker), (key) => ({ id, key })),
      )
      secret.fill(0)
      return candidates
    }),
  }
}

/** Derives with one pass and, where that is much too fast, again with as many as take the wanted time. */
const calibrated = Effect.fnUntraced(function* (secret: Uint8Array, salt: Uint8Array, options: PassphraseOptions) {
  const { cost = {}, worker } = options
  const { lanes = 1, memory = LEAST_MEMORY, passes } = cost
  const began = performance.now()
  const first = { memory, passes: passes ?? 1, lanes }
  const key = yield* argon2(secret, salt, first, worker)
  const took = Math.max(1, performance.now() - began)
  const wanted = Math.min(Math.floor(TARGET_TIME / took), Math.floor(MOST_WORK / memory))
  if (passes !== undefined || wanted < 2) return { key, parameters: first }
  key.fill(0)
  const parameters = { ...first, passes: wanted }
  return { key: yield* argon2(secret, salt, parameters, worker), parameters }
})

const cancelled = unlockFailed("cancelled", "No passphrase was given. Nothing was changed.")
const tooLong = unlockFailed("cancelled", "A passphrase has at most 4,096 bytes. Choose a shorter one.")
const outOfBounds = unlockFailed(
  "invalid",
  "The passphrase's stored parameters are out of bounds, so they were not used. Use another method, or a backup.",
)
