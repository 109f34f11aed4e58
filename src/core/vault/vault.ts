/**
 * A vault: made over an empty storage, opened by one of its unlock methods, and its methods changed while it is open, none of
 * which seals a record anew. Docs: storage.md, "The vault".
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import type { CryptoService } from "../crypto/crypto.ts"
import { SottoError } from "../errors.ts"
import { toSottoError } from "../failures.ts"
import type { Storage, StoreService, Unavailable } from "../store.ts"
import { damaged } from "./box.ts"
import {
  encodeHeader,
  type Header,
  idOf,
  KEY_BYTES,
  keysOf,
  MAX_METHODS,
  type Method,
  type VaultKeys,
} from "./header.ts"
import { unwrapped, wrapped } from "./keyring.ts"
import { MustWait, methodsFault, orSottoRefusal, refusedFor, unavailableFor, WrongKey } from "./refusals.ts"
import { firstCatalogue, openSealedStore, type SealedStore } from "./sealed-store.ts"
import type { Occasion, Unlock } from "./unlock.ts"
import { openVaultPlace, VAULT_RECORD, type VaultPlace, waitLeft } from "./vault-place.ts"

/** A way to unlock, for a person to choose from. */
export interface MethodView {
  /** To remove or change it by. */
  readonly id: string
  /** Such as `passphrase` or `passkey`. */
  readonly kind: string
  /** What the user calls it, or "". */
  readonly label: string
  /** Milliseconds of the wall clock. */
  readonly addedAt: number
}

export const viewOf = (method: Method): MethodView => ({
  id: idOf(method),
  kind: method.kind,
  label: method.label,
  addedAt: method.addedAt,
})

/** An open vault. */
export interface Vault {
  readonly store: StoreService
  readonly methods: () => ReadonlyArray<MethodView>
  readonly add: (unlock: Unlock, label: string) => Effect.Effect<MethodView, SottoError>
  /** The last sufficient method stays. */
  readonly remove: (id: string) => Effect.Effect<void, SottoError>
  /** Puts a new method in the place of one, in one commit. */
  readonly change: (id: string, unlock: Unlock) => Effect.Effect<MethodView, SottoError>
}

/** What a vault is made of. */
export interface VaultOptions {
  /** The primitives that seal. */
  readonly crypto: CryptoService
  /** The methods to make a new vault with, and to unlock one by: the first of a kind that the vault has. */
  readonly unlocks: ReadonlyArray<Unlock>
  /** Whether what lies there unsealed is to be sealed. What was begun is finished in any case. */
  readonly sealing?: boolean
}

/** Opens the vault in the store, or makes one where nothing is yet. The keys are wiped with the scope. */
export const openVault = Effect.fnUntraced(function* (
  below: StoreService,
  options: VaultOptions,
): Effect.fn.Return<Vault, SottoError | WrongKey | MustWait, Scope.Scope> {
  const place = yield* orSotto(openVaultPlace(below))
  if (place.found === "plain" && options.sealing !== true) {
    return yield* new SottoError(
      "storageNotSealed",
      "What is stored here is not sealed. Open it without unlock, or seal it with sealStorage.",
    )
  }
  return place.header === undefined
    ? yield* madeVault(below, place, options)
    : yield* unlockedVault(below, place, place.header, options)
})

const madeVault = Effect.fnUntraced(function* (
  below: StoreService,
  place: VaultPlace,
  { crypto, unlocks }: VaultOptions,
): Effect.fn.Return<Vault, SottoError, Scope.Scope> {
  const fault = methodsFault(unlocks)
  if (fault !== undefined) return yield* fault
  const vault = crypto.random(16)
  const root = crypto.random(KEY_BYTES)
  const methods: Array<Method> = []
  for (const unlock of unlocks) {
    methods.push(yield* enrolled(crypto, vault, root, unlock, "", { why: "create", wrong: 0 }))
  }
  const keys = keysOf(crypto, vault, root)
  const header: Header = { vault, generation: 1, methods }
  // What is there unsealed goes on the list: with this commit its sealing has begun, and every opening goes on with it.
  const unsealed = yield* orSotto(below.hosts)
  const catalogue = yield* firstCatalogue(crypto, keys, header.generation, unsealed)
  const records = new Map([
    [VAULT_RECORD.header as string, encodeHeader(crypto, keys, header)],
    [VAULT_RECORD.catalogue, catalogue],
  ])
  yield* orSotto(place.commit(records))
  return yield* opened(below, place, crypto, keys, header, catalogue, unlocks)
})

const unlockedVault = Effect.fnUntraced(function* (
  below: StoreService,
  place: VaultPlace,
  header: NonNullable<VaultPlace["header"]>,
  { crypto, unlocks }: VaultOptions,
): Effect.fn.Return<Vault, SottoError | WrongKey | MustWait, Scope.Scope> {
  const { methods, vault } = header
  const { wrong } = place.attempts
  const wait = yield* orSotto(waitLeft(place))
  if (wait > 0) return yield* new MustWait({ wrong, wait })
  const unlock = unlocks.find(({ kind }) => methods.some((method) => method.kind === kind))
  if (unlock === undefined) {
    const kinds = [...new Set(methods.map(({ kind }) => kind))].join(" or ")
    return yield* new SottoError("unlockMethod", `This vault opens with ${kinds}. Pass such a method to unlock.`)
  }
  const own = methods.filter(({ kind }) => kind === unlock.kind)
  const candidates = yield* refusedFor(
    unlock.derive(
      vault,
      own.map((method) => ({ id: idOf(method), params: method.params })),
      { why: "unlock", wrong },
    ),
  )
  // Counted before it is tried: ending the process in between takes nothing back.
  yield* orSotto(place.setAttempts({ wrong: wrong + 1, at: yield* Clock.currentTimeMillis }))
  const refused = () => new WrongKey({ wrong: wrong + 1 })
  const root = yield* Effect.mapError(unwrapped(crypto, vault, own, candidates), refused)
  yield* orSotto(place.setAttempts({ wrong: 0, at: 0 }))
  const keys = keysOf(crypto, vault, root)
  if (!header.isGenuine(crypto, keys)) return yield* toSottoError(damaged("the vault's header was altered"))
  return yield* opened(below, place, crypto, keys, header, place.catalogue, unlocks)
})

const opened = Effect.fnUntraced(function* (
  below: StoreService,
  place: VaultPlace,
  crypto: CryptoService,
  keys: VaultKeys,
  first: Header,
  catalogue: Uint8Array | undefined,
  unlocks: ReadonlyArray<Unlock>,
): Effect.fn.Return<Vault, SottoError, Scope.Scope> {
  const sealed: SealedStore = yield* orSotto(
    openSealedStore({ below, place, crypto, keys, generation: first.generation, catalogue }),
  )
  let header: Header = { vault: first.vault, generation: first.generation, methods: first.methods }
  const oneAtATime = Semaphore.makeUnsafe(1).withPermit
  /** Kinds that the application says can stand alone; one it does not know was sufficient when it was made. */
  const isSufficient = ({ kind }: Method) =>
    unlocks.find((unlock) => unlock.kind === kind)?.sufficient ?? kind !== "passkey"

  const write = Effect.fnUntraced(function* (methods: ReadonlyArray<Method>) {
    const next: Header = { vault: header.vault, generation: header.generation + 1, methods }
    yield* orSotto(sealed.renew(next.generation, encodeHeader(crypto, keys, next)))
    header = next
  })

  const enrol = (unlock: Unlock, label: string) =>
    enrolled(crypto, header.vault, keys.root, unlock, label, { why: "add", wrong: 0 })

  const indexOf = Effect.fnUntraced(function* (id: string) {
    const index = header.methods.findIndex((method) => idOf(method) === id)
    if (index >= 0) return index
    return yield* new SottoError("unlockMethod", "This vault has no such unlock method. See vault.methods.")
  })

  const keepsSufficient = (methods: ReadonlyArray<Method>) =>
    methods.some(isSufficient)
      ? Effect.void
      : Effect.fail(
          new SottoError(
            "unlockMethod",
            "A vault keeps a passphrase, or another method that no lost device takes along. Add one first.",
          ),
        )

  return {
    store: sealed.store,
    methods: () => header.methods.map(viewOf),
    add: (unlock, label) =>
      oneAtATime(
        Effect.gen(function* () {
          if (header.methods.length >= MAX_METHODS) {
            return yield* new SottoError("unlockMethod", `A vault has at most ${MAX_METHODS} unlock methods.`)
          }
          const method = yield* enrol(unlock, label)
          yield* write([...header.methods, method])
          return viewOf(method)
        }),
      ),
    remove: (id) =>
      oneAtATime(
        Effect.gen(function* () {
          const index = yield* indexOf(id)
          const left = header.methods.toSpliced(index, 1)
          yield* keepsSufficient(left)
          yield* write(left)
        }),
      ),
    change: (id, unlock) =>
      oneAtATime(
        Effect.gen(function* () {
          const index = yield* indexOf(id)
          const method = yield* enrol(unlock, header.methods[index]!.label)
          const changed = header.methods.with(index, method)
          if (!unlock.sufficient) yield* keepsSufficient(changed)
          yield* write(changed)
          return viewOf(method)
        }),
      ),
  }
})

const enrolled = Effect.fnUntraced(function* (
  crypto: CryptoService,
  vault: Uint8Array,
  root: Uint8Array,
  unlock: Unlock,
  label: string,
  occasion: Occasion,
): Effect.fn.Return<Method, SottoError> {
  const { key, params } = yield* refusedFor(unlock.enrol(vault, occasion))
  const addedAt = yield* Clock.currentTimeMillis
  return yield* wrapped(crypto, vault, { id: crypto.random(8), kind: unlock.kind, label, addedAt, params }, key, root)
})

const orSotto = <A, R>(effect: Effect.Effect<A, Unavailable, R>): Effect.Effect<A, SottoError, R> =>
  Effect.mapError(effect, toSottoError)

/** The storage with everything in it sealed: for a custom face, for tests, and to see that the port's promises hold. */
export const sealedStorage = (storage: Storage, options: VaultOptions): Storage => {
  const through = (opener: Storage["open"]): Storage["open"] =>
    Effect.flatMap(opener, (below) =>
      openVault(below, options).pipe(
        Effect.map(({ store }) => store),
        Effect.mapError((error) => unavailableFor(orSottoRefusal(error))),
      ),
    )
  const { open, takeOver } = storage
  return { ...storage, open: through(open), ...(takeOver && { takeOver: through(takeOver) }) }
}
