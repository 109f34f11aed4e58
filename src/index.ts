/**
 * Sotto in plain TypeScript: promises, stores, async iterables. Importing has no side effect and needs no global.
 * Docs: README.md; the same as Effects and Streams in effect.ts.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { defaultCrypto } from "./adapters/crypto/default.ts"
import { memory } from "./adapters/storage/memory.ts"
import type { CryptoService } from "./core/crypto/crypto.ts"
import { makeEngine } from "./core/engine.ts"
import { toSottoError } from "./core/failures.ts"
import { sealInPlace } from "./core/messenger/opening.ts"
import type { Storage } from "./core/store.ts"
import type { Unlock } from "./core/vault/unlock.ts"
import type { Contact, Invite, Messenger, MessengerEvent, MessengerOptions } from "./face.ts"
import { backupFace } from "./face-backup.ts"
import { contactFace, inviteFace, promised } from "./face-values.ts"

export type {
  Aead,
  Cbc,
  CryptoService,
  DiffieHellman,
  Digest,
  Encapsulated,
  IncrementalKem,
  Kem,
  Signature,
  XEdDSA,
} from "./core/crypto/crypto.ts"
export { SottoError, type SottoErrorCode } from "./core/errors.ts"
export type { Observable } from "./core/observable.ts"
export { defineStorage, type PlainStorage, type PlainStore } from "./core/storage-from-promises.ts"
export {
  type Batch,
  Conflict,
  Elsewhere,
  type Outward,
  type Range,
  type Row,
  type Saved,
  type Storage,
  type StorageMeasure,
  type StoreService,
  type Timer,
  Unavailable,
  type UnavailableReason,
} from "./core/store.ts"
export {
  type Address,
  type HandAnswer,
  type HandOffer,
  type HandTransport,
  type Link,
  type Listener,
  type Path,
  type Transport,
  Unreachable,
} from "./core/transport.ts"
export {
  defineLink,
  defineTransport,
  type LinkEvents,
  type PlainLink,
  type PlainListener,
  type PlainTransport,
} from "./core/transport-from-promises.ts"
export type { Argon2Parameters } from "./core/vault/argon2.ts"
export type { VaultState } from "./core/vault/keeper.ts"
export {
  type Candidate,
  type Enrolled,
  type Enrolment,
  type Occasion,
  type Unlock,
  UnlockFailed,
} from "./core/vault/unlock.ts"
export type { MethodView } from "./core/vault/vault.ts"
export type * from "./face.ts"
export type { HealingReason } from "./machines/standing.ts"

/**
 * Opens a messenger over a storage. Rejects with `SottoError`: `noTransport`, `nameTooLong`, `storage…` when the storage
 * cannot be opened, and `unlock…` when its vault cannot (see `Messenger.unlock`). While another tab or process has the storage, it resolves with `status` "elsewhere".
 */
export const createMessenger = async (options: MessengerOptions): Promise<Messenger> => {
  const scope = Scope.makeUnsafe()
  const { crypto = defaultCrypto() } = options
  const engine = await promised(
    Scope.provide(
      makeEngine({
        storage: options.storage ?? memory(),
        transports: options.transports,
        appUrl: options.appUrl ?? pageAddress(),
        crypto,
        ...(options.name !== undefined && { name: options.name }),
        ...(options.unlock !== undefined && { unlock: listOf(options.unlock) }),
        eraseBeside: besideOf(options),
        ...(options.startLocked !== undefined && { startLocked: options.startLocked }),
        ...(options.maxAwake !== undefined && { maxAwake: options.maxAwake }),
        ahead: keysAhead(crypto),
      }),
      scope,
    ),
  )
  // One handle a thing, so that users may compare them.
  const contacts = cached((handle: Parameters<typeof contactFace>[1]) => contactFace(engine, handle))
  const invites = cached((handle: Parameters<typeof inviteFace>[0]) => inviteFace(handle, contacts))
  const close = async () => {
    await promised(engine.close)
    await promised(Scope.close(scope, Exit.void))
  }
  return {
    name: engine.name,
    status: engine.status,
    settings: engine.settings,
    storage: {
      ...engine.storage,
      measure: () => promised(engine.storage.measure),
      persist: () => promised(engine.storage.persist),
    },
    contacts: mapped(engine.contacts, (handles) => handles.map(contacts)),
    invites: mapped(engine.invites, (handles) => handles.map(invites)),
    rename: (name) => promised(engine.rename(name)),
    configure: (change) => promised(engine.configure(change)),
    invite: async (inviteOptions = {}): Promise<Invite> => invites(await promised(engine.invite(inviteOptions))),
    preview: (text) => promised(engine.preview(text)),
    accept: async (text): Promise<Contact> => contacts(await promised(engine.accept(text))),
    ...backupFace(engine),
    events: { [Symbol.asyncIterator]: () => eventsOf(engine.news) },
    inspect: engine.inspect,
    inspectFrames: engine.inspectFrames,
    lock: () => promised(engine.lock),
    unlock: (by) => promised(by === undefined ? engine.unlock : engine.unlockWith(listOf(by))),
    vault: {
      state: engine.vault.view,
      addMethod: (unlock, label = "") => promised(engine.vault.add(unlock, label)),
      removeMethod: (id) => promised(engine.vault.remove(id)),
      changeMethod: (id, unlock) => promised(engine.vault.change(id, unlock)),
      userActive: engine.vault.userActive,
    },
    takeOver: () => promised(engine.takeOver),
    erase: () => promised(engine.erase),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/**
 * Removes a storage with everything in it, for good, also what remembers that it was there: the way on after `storageLost`, for
 * a person who wants to start afresh. Rejects with `elsewhere` while a messenger has it open.
 */
export const removeStorage = (storage: Storage): Promise<void> =>
  promised(Effect.mapError(storage.remove ?? Effect.void, toSottoError))

/**
 * Seals a storage that was kept unsealed, where it lies: contacts, history and ratchets go on, and what lay there unsealed is
 * erased. No messenger may have it open (`elsewhere`). Rejects as `createMessenger` would. Interrupted anywhere, nothing is lost: the
 * next `createMessenger` with `unlock`, or this again, finishes it. Docs: docs/storage.md, "Sealing in place".
 */
export const sealStorage = (
  storage: Storage,
  unlock: Unlock | ReadonlyArray<Unlock>,
  options: Pick<MessengerOptions, "crypto" | "eraseBeside"> = {},
): Promise<void> => promised(sealInPlace(storage, options.crypto ?? defaultCrypto(), listOf(unlock), besideOf(options)))

/** How long keys of the next pairing are not thought of, in milliseconds: what comes with opening goes first. */
const AHEAD_AFTER = 2_000

const keysAhead = (crypto: CryptoService) =>
  Effect.promise(() => import("./face-ahead.ts")).pipe(
    Effect.delay(AHEAD_AFTER),
    Effect.flatMap(({ keysAhead }) => keysAhead(crypto)),
  )

const besideOf = ({ eraseBeside }: Pick<MessengerOptions, "eraseBeside">): Effect.Effect<void> =>
  eraseBeside === undefined ? Effect.void : Effect.promise(async () => eraseBeside())

const listOf = <A>(one: A | ReadonlyArray<A>): ReadonlyArray<A> => (Array.isArray(one) ? one : [one as A])

const eventsOf = (news: { readonly listen: () => ReturnType<import("./core/messenger/news.ts").News["listen"]> }) => {
  const { next, stop } = news.listen()
  const iterator: AsyncIterator<MessengerEvent> = {
    next: async () => {
      const event = await next()
      return event === undefined ? { done: true, value: undefined } : { done: false, value: event }
    },
    return: async () => {
      stop()
      return { done: true, value: undefined }
    },
  }
  return iterator
}

/** The page's own address in a browser; elsewhere an invite is a link that only Sotto understands. */
const pageAddress = (): string => {
  const page = globalThis.location as { readonly origin?: string; readonly pathname?: string } | undefined
  return page?.origin === undefined ? "sotto:" : `${page.origin}${page.pathname ?? "/"}`
}

const cached = <A extends object, B>(make: (from: A) => B): ((from: A) => B) => {
  const made = new WeakMap<A, { readonly value: B }>()
  return (from) => {
    const before = made.get(from)
    if (before !== undefined) return before.value
    const value = make(from)
    made.set(from, { value })
    return value
  }
}

const mapped = <A, B>(
  source: { readonly get: () => A; readonly subscribe: (fn: (value: A) => void) => () => void },
  map: (value: A) => B,
) => ({
  get: () => map(source.get()),
  subscribe: (fn: (value: B) => void) => source.subscribe((value) => fn(map(value))),
})
