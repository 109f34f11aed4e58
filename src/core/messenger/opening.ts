/** Opening a messenger's storage: as it is, or through the vault that seals it. Docs: storage.md, "The vault". */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { VaultInput } from "../../machines/vault.ts"
import type { CryptoService } from "../crypto/crypto.ts"
import { SottoError } from "../errors.ts"
import { orSottoError, toSottoError } from "../failures.ts"
import type { Elsewhere, Storage, StoreService, Unavailable } from "../store.ts"
import { finishErasing } from "../vault/erasing.ts"
import { type NotOpened, orSottoRefusal } from "../vault/refusals.ts"
import type { Unlock } from "../vault/unlock.ts"
import { type MethodView, openVault, type Vault, viewOf } from "../vault/vault.ts"
import { openVaultPlace, VAULT_HOST, waitLeft } from "../vault/vault-place.ts"

export interface OpenedStorage {
  readonly store: StoreService
  readonly vault: Vault | undefined
}

const notElsewhere = <A, R>(effect: Effect.Effect<A, Elsewhere | Unavailable, R>) =>
  Effect.mapError(effect, (error) => (error._tag === "Elsewhere" ? error : toSottoError(error)))

/** Opens it within the scope; with `unlocks` through its vault, which is made if there is nothing yet. */
export const openStorage = Effect.fnUntraced(function* (
  storage: Storage,
  crypto: CryptoService,
  unlocks: ReadonlyArray<Unlock> | undefined,
  beside: Effect.Effect<void>,
): Effect.fn.Return<OpenedStorage, NotOpened, Scope.Scope> {
  const store = yield* notElsewhere(storage.open)
  yield* orSottoError(finishErasing(store, beside))
  if (unlocks !== undefined) {
    const vault = yield* openVault(store, { crypto, unlocks })
    return { store: vault.store, vault }
  }
  if ((yield* orSottoError(store.hosts)).includes(VAULT_HOST)) {
    return yield* new SottoError("storageSealed", "What is stored here is sealed. Pass unlock to open it.")
  }
  return { store, vault: undefined }
})

/** Seals a storage that was kept unsealed, where it lies; one that is sealed already is only unlocked, which finishes what was begun. */
export const sealInPlace = (
  storage: Storage,
  crypto: CryptoService,
  unlocks: ReadonlyArray<Unlock>,
  beside: Effect.Effect<void>,
): Effect.Effect<void, SottoError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const store = yield* Effect.mapError(storage.open, toSottoError)
      yield* orSottoError(finishErasing(store, beside))
      yield* Effect.mapError(openVault(store, { crypto, unlocks, sealing: true }), (error) => orSottoRefusal(error))
    }),
  )

export interface VaultLook {
  readonly input: VaultInput
  readonly methods: ReadonlyArray<MethodView>
}

/** What can be known of a vault from outside. The storage is open for that long only. */
export const lookAtVault = (storage: Storage): Effect.Effect<VaultLook, SottoError | Elsewhere> =>
  Effect.scoped(
    Effect.gen(function* () {
      const place = yield* orSottoError(openVaultPlace(yield* notElsewhere(storage.open)))
      const { attempts, header } = place
      return {
        input: { made: header !== undefined, wrong: attempts.wrong, wait: yield* orSottoError(waitLeft(place)) },
        methods: header?.methods.map(viewOf) ?? [],
      }
    }),
  )
