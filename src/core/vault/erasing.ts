/**
 * Erasing a profile wholly, and finishing that where it was interrupted. The first commit takes the vault's header and catalogue
 * away and leaves a mark in their place: from then on nothing opens, and whoever starts next goes on erasing. Docs: storage.md,
 * "Erasing a profile".
 */
import * as Effect from "effect/Effect"
import type { SottoError } from "../errors.ts"
import { toSottoError } from "../failures.ts"
import type { Storage, StoreService, Unavailable } from "../store.ts"
import { VAULT_HOST, VAULT_RECORD } from "./vault-place.ts"

/** Marks the profile as given up, and takes its keys away. */
const mark = Effect.fnUntraced(function* (store: StoreService): Effect.fn.Return<void, Unavailable | SottoError> {
  const { version } = yield* store.load(VAULT_HOST)
  const { attempts, catalogue, erasing, header } = VAULT_RECORD
  const records = new Map<string, Uint8Array | undefined>([
    [erasing, Uint8Array.of(1)],
    [header, undefined],
    [catalogue, undefined],
    [attempts, undefined],
  ])
  const batch = { host: VAULT_HOST, expected: version, rows: new Map(), records, outward: [], confirmed: [] }
  yield* Effect.catchTag(store.commit(batch), "Conflict", (error) => Effect.fail(toSottoError(error)))
})

/** Erases what is left of a profile that was given up, if it was; the mark goes last. */
export const finishErasing = Effect.fnUntraced(function* (
  store: StoreService,
  beside: Effect.Effect<void>,
): Effect.fn.Return<void, Unavailable> {
  const hosts = yield* store.hosts
  if (!hosts.includes(VAULT_HOST)) return
  if ((yield* store.read(VAULT_HOST, VAULT_RECORD.erasing)) === undefined) return
  yield* beside
  for (const host of hosts) if (host !== VAULT_HOST) yield* store.erase(host)
  yield* store.erase(VAULT_HOST)
})

/**
 * Erases the profile, whoever has it open: its keys, then what the application keeps beside it, then its hosts, then the place. It
 * asks for no passphrase.
 */
export const eraseProfile = Effect.fnUntraced(function* (
  storage: Storage,
  beside: Effect.Effect<void>,
): Effect.fn.Return<void, SottoError> {
  yield* Effect.scoped(
    Effect.gen(function* () {
      const store = yield* Effect.mapError(storage.takeOver ?? storage.open, toSottoError)
      yield* Effect.mapError(mark(store), toSottoError)
      yield* Effect.mapError(finishErasing(store, beside), toSottoError)
    }),
  )
  if (storage.remove !== undefined) yield* Effect.mapError(storage.remove, toSottoError)
})
