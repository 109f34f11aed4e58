/**
 * The engine: one user's contacts, invites and settings over one storage. It assembles the rooms and knows no adapter.
 * Docs: docs/architecture.md.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { makeRefilling } from "./backup/refilling.ts"
import { eraseHalfRestored } from "./backup/stage.ts"
import { MAX_NAME_BYTES } from "./content.ts"
import type { Engine, EngineOptions } from "./engine-values.ts"
import type { SottoError } from "./errors.ts"
import { orSottoError, reasonOf, unavailableFrom } from "./failures.ts"
import { type Circle, makeCircle } from "./messenger/circle.ts"
import { type ContactHandle, isName } from "./messenger/contact-handle.ts"
import { makeFollower } from "./messenger/follower.ts"
import { forPeople, type GuardOptions, makeGuard, noDesk } from "./messenger/guard.ts"
import type { InviteHandle } from "./messenger/invite-handle.ts"
import { makeNews } from "./messenger/news.ts"
import { openStorage } from "./messenger/opening.ts"
import {
  isAutoLock,
  loadProfile,
  type OwnProfile,
  PROFILE_HOST,
  saveProfile,
  settingsOf,
} from "./messenger/own-profile.ts"
import { makeInvite, previewInvite, useInvite } from "./messenger/pairing.ts"
import { autoLockInvalid, nameTooLong, noTransport, notReady } from "./messenger/refused.ts"
import { makeInspectors, onceForAll } from "./messenger/showing.ts"
import { makeHealth } from "./messenger/storage-health.ts"
import type { MessengerEvent, MessengerStatus, Settings } from "./messenger/values.ts"
import { type Cell, cell } from "./observable.ts"
import type { Conflict, Elsewhere, Storage, StoreService, Unavailable } from "./store.ts"
import type { HandTransport, Transport } from "./transport.ts"
import { eraseProfile } from "./vault/erasing.ts"
import type { Vault } from "./vault/vault.ts"

export type { Engine, EngineOptions, EngineStorage } from "./engine-values.ts"

const isHand = (transport: Transport | HandTransport): transport is HandTransport => transport.kind === "manual"

/** What lives while the storage is open. */
interface Open {
  readonly scope: Scope.Closeable
  readonly store: StoreService
  readonly vault: Vault | undefined
  readonly circle: Circle
}

/** Opens the storage and everything in it. A storage that another process has open leaves an engine that is `elsewhere`. */
export const makeEngine = Effect.fnUntraced(function* (
  options: EngineOptions,
): Effect.fn.Return<Engine, SottoError, Scope.Scope> {
  const { appUrl, crypto, eraseBeside: beside = Effect.void, storage } = options
  const transports = options.transports.filter((transport) => !isHand(transport)) as ReadonlyArray<Transport>
  const byHand = options.transports.find(isHand)
  if (options.transports.length === 0) return yield* noTransport
  if (options.name !== undefined && !isName(options.name, MAX_NAME_BYTES)) return yield* nameTooLong

  const outer = yield* Effect.scope
  const news = makeNews()
  const { carried, inspect, inspected, inspectFrames } = yield* makeInspectors
  const name = cell("")
  const status: Cell<MessengerStatus> = cell<MessengerStatus>("locked")
  const settings = cell<Settings>({ readReceipts: true, typingNotices: true, autoLock: null })
  const contacts = cell<ReadonlyArray<ContactHandle>>([])
  const invites = cell<ReadonlyArray<InviteHandle>>([])
  const { health, measure, persist, persistOnce } = makeHealth(storage)
  let open: Open | undefined

  const ready: Effect.Effect<Open, SottoError> = Effect.suspend(() =>
    open === undefined ? notReady(status.get()) : Effect.as(allowed, open),
  )

  /** Lists follow many small changes; they are made anew once for all of them. */
  const refresh = onceForAll(() => {
    contacts.set(open?.circle.contacts() ?? [])
    invites.set(open?.circle.invites() ?? [])
  })

  const publish = (event: MessengerEvent) => {
    news.publish(event)
    // With the first contact there is something to keep. Nobody waits for the answer, which may never come.
    if (event.type === "paired") Effect.runFork(Effect.forkIn(askToKeep, outer))
  }

  const askToKeep = Effect.map(persistOnce, (persisted) => {
    if (!persisted) news.publish({ type: "storageNotPersisted" })
  })

  const circleOver = (store: StoreService) =>
    makeCircle({
      making: options.ahead,
      crypto,
      maxAwake: options.maxAwake,
      store,
      transports,
      byHand,
      appUrl,
      settings: settings.get,
      publish,
      inspected: (contact, transition, at) => inspected({ ...transition, contact, at }),
      carried,
      changed: refresh,
      // A host that lost its storage must not send with what it has in memory.
      ended: stopped,
    })

  const around = Effect.map(ready, ({ circle, scope }) => {
    return { circle, scope, crypto, transports, byHand, name: name.get() }
  })

  const stopped = (why: Exit.Exit<never, Conflict | Unavailable>) =>
    Effect.suspend(() => (open === undefined ? Effect.void : lost(open, unavailableFrom(why))))

  /** The storage is not ours any more: nothing that is in memory may be used again. */
  const lost = (place: Open, { reason }: Unavailable): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (open !== place) return Effect.void
      return Effect.andThen(Effect.forkIn(guard?.tell({ type: "StorageLost" }) ?? Effect.void, outer), gone(reason))
    })

  const gone = (reason: Unavailable["reason"]): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (reason === "elsewhere") {
        news.publish({ type: "stopped", reason: "elsewhere" })
        return Effect.andThen(shut("elsewhere"), follower.start)
      }
      news.publish({ type: "storageFailed", reason })
      news.publish({ type: "stopped", reason: "storage" })
      return shut("closed")
    })

  const shut = (next: MessengerStatus) =>
    Effect.suspend(() => {
      const place = open
      open = undefined
      status.set(next)
      contacts.set([])
      invites.set([])
      if (guard !== undefined) name.set("")
      const closing = place === undefined ? Effect.void : Scope.close(place.scope, Exit.void)
      return next === "elsewhere" ? closing : Effect.andThen(follower.stop, closing)
    })

  const fill = Effect.fnUntraced(function* (place: Open): Effect.fn.Return<void, SottoError> {
    yield* orSottoError(eraseHalfRestored(place.store))
    const own = yield* show(place)
    status.set("ready")
    if (!storage.durable) news.publish({ type: "storageNotDurable" })
    else if (guard === undefined) news.publish({ type: "storageNotSealed" })
    if (options.name !== undefined && options.name !== own.name) yield* rename(options.name)
  })

  /** Shows the profile, and opens every contact that the storage has. */
  const show = Effect.fnUntraced(function* (place: Open): Effect.fn.Return<OwnProfile, SottoError> {
    const profile = yield* orSottoError(loadProfile(place.store))
    const own = profile ?? (yield* orSottoError(saveProfile(place.store, { name: options.name ?? "" })))
    name.set(own.name)
    settings.set(settingsOf(own))
    const ids = yield* orSottoError(place.store.hosts)
    yield* place.circle.holdAll(
      place.scope,
      ids.filter((id) => id !== PROFILE_HOST),
    )
    return own
  })

  const refillable = { ready: Effect.suspend(() => ready), show: (place: Open) => Effect.asVoid(show(place)), lost }
  const { allowed, pairing, refill } = makeRefilling(refillable)

  const oneStart = Semaphore.makeUnsafe(1).withPermit

  const openWith = Effect.fnUntraced(function* (opener: Storage["open"], unlocks: EngineOptions["unlock"]) {
    const scope = yield* Scope.fork(outer)
    const opening = openStorage({ ...storage, open: opener }, crypto, unlocks, beside)
    const opened = yield* Effect.onError(Scope.provide(opening, scope), () => Scope.close(scope, Exit.void))
    const { vault } = opened
    const store = options.between?.(opened.store) ?? opened.store
    // It may have been closed while a person was being asked.
    if (status.get() === "closed") return yield* Effect.andThen(Scope.close(scope, Exit.void), notReady("closed"))
    const circle = yield* Scope.provide(circleOver(store), scope)
    const place: Open = { scope, store, vault, circle }
    open = place
    if (store.lost !== undefined) {
      const watch = Effect.flatMap(store.lost, (why) => Effect.forkIn(lost(place, why), outer))
      yield* Effect.forkIn(watch, scope)
    }
    yield* Effect.forkIn(measure, scope)
    // Half open, it would hold the storage and answer nobody.
    yield* Effect.onError(fill(place), () => (open === place ? shut("locked") : Effect.void))
    return settings.get().autoLock
  })

  const vaultOptions: GuardOptions = {
    storage,
    scope: outer,
    vault: () => open?.vault,
    closeAll: Effect.suspend(() => shut("locked")),
    inspected: (transition, at) => inspected({ ...transition, contact: "", at }),
  }
  const guard = options.unlock === undefined ? undefined : makeGuard(vaultOptions)

  const orFollow = (opening: Effect.Effect<unknown, SottoError | Elsewhere>): Effect.Effect<void, SottoError> =>
    Effect.catch(Effect.asVoid(opening), (error) => {
      if (error._tag !== "Elsewhere") return Effect.fail(error)
      status.set("elsewhere")
      return follower.start
    })

  const startWith = (opener: Storage["open"], unlocks = options.unlock) =>
    Effect.suspend((): Effect.Effect<void, SottoError> => {
      if (open !== undefined) return Effect.void
      if (status.get() === "closed") return notReady("closed")
      const opening = openWith(opener, unlocks)
      return orFollow(guard?.unlock(opening) ?? forPeople(opening))
    }).pipe(oneStart)

  const start = startWith(storage.open)
  /** What a person is asked to unlock stays locked until they come. */
  const look = Effect.suspend(() =>
    orFollow(Effect.tap(guard?.look ?? Effect.void, () => Effect.sync(() => status.set("locked")))),
  )
  const begin = options.startLocked === true && guard !== undefined ? look : start

  const follower = makeFollower({
    scope: outer,
    freed: storage.freed,
    open: Effect.suspend(() => begin),
    isElsewhere: () => status.get() === "elsewhere",
    gaveUp: (error) => {
      // `unlock` says why to whoever tries.
      if (status.get() === "elsewhere") status.set("locked")
      const reason = error === undefined ? "broken" : reasonOf(error)
      if (reason !== "elsewhere") news.publish({ type: "storageFailed", reason })
    },
  })

  const rename = Effect.fnUntraced(function* (next: string) {
    const place = yield* ready
    if (!isName(next, MAX_NAME_BYTES)) return yield* nameTooLong
    yield* orSottoError(saveProfile(place.store, { name: next }))
    name.set(next)
    for (const { contact } of place.circle.held.values()) yield* contact.rename(next)
  })

  const oneAtATime = Semaphore.makeUnsafe(1).withPermit
  const engine: Engine = {
    name,
    status,
    contacts,
    invites,
    settings,
    news,
    storage: { kind: storage.kind, durable: storage.durable, health, measure, persist },
    rename,

    configure: Effect.fnUntraced(function* (change) {
      const place = yield* ready
      if (!isAutoLock(change.autoLock ?? null)) return yield* autoLockInvalid
      settings.set(settingsOf(yield* orSottoError(saveProfile(place.store, change))))
      const { autoLock } = settings.get()
      if (change.autoLock !== undefined) yield* guard?.tell({ type: "AutoLockChosen", after: autoLock }) ?? Effect.void
    }),

    invite: (inviteOptions) => pairing(Effect.flatMap(around, (known) => makeInvite(known, inviteOptions))),
    preview: (textOrUrl) => Effect.andThen(ready, previewInvite(transports, textOrUrl)),
    // One at a time: a button pressed twice must find the contact that its first press made.
    accept: (textOrUrl) => pairing(oneAtATime(Effect.flatMap(around, (known) => useInvite(known, textOrUrl)))),

    remove: Effect.fnUntraced(function* (contact) {
      const { circle } = yield* ready
      const held = circle.held.get(contact.id)
      if (held !== undefined) yield* circle.erase(held)
    }),

    hand: (contact) => Effect.flatMap(ready, ({ circle }) => circle.handOf(contact.id)),

    inspect,
    inspectFrames,
    crypto,
    stored: Effect.map(ready, ({ store }) => store),
    refill,
    lock: Effect.andThen(guard?.lock ?? Effect.void, shut("locked")),
    unlock: Effect.andThen(follower.stop, start),
    unlockWith: (unlocks) => Effect.andThen(follower.stop, startWith(storage.open, unlocks)),
    vault: guard ?? noDesk,
    takeOver: Effect.andThen(follower.stop, startWith(storage.takeOver ?? storage.open)),
    erase: Effect.andThen(shut("closed"), eraseProfile(storage, beside)),
    close: Effect.andThen(shut("closed"), Effect.sync(news.close)),
  }

  yield* Effect.addFinalizer(() => engine.close)
  yield* begin
  return engine
})
