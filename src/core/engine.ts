/**
 * The engine: one user's contacts, invites and settings over one storage. It assembles the rooms and knows no adapter.
 * Docs: docs/architecture.md.
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { makeRefilling } from "./backup/refilling.ts"
import { eraseHalfRestored } from "./backup/stage.ts"
import { MAX_NAME_BYTES } from "./content.ts"
import type { Engine, EngineOptions } from "./engine-values.ts"
import { SottoError } from "./errors.ts"
import { type Circle, makeCircle } from "./messenger/circle.ts"
import { type ContactHandle, isName } from "./messenger/contact-handle.ts"
import { orSottoError, reasonOf, toSottoError } from "./messenger/failures.ts"
import { makeFollower } from "./messenger/follower.ts"
import type { InviteHandle } from "./messenger/invite-handle.ts"
import { makeNews } from "./messenger/news.ts"
import { loadProfile, type OwnProfile, PROFILE_HOST, saveProfile } from "./messenger/own-profile.ts"
import { makeInvite, previewInvite, useInvite } from "./messenger/pairing.ts"
import { makeHealth } from "./messenger/storage-health.ts"
import type { InspectedTransition, MessengerEvent, MessengerStatus, Settings } from "./messenger/values.ts"
import { type Cell, cell } from "./observable.ts"
import { type Conflict, type Storage, type StoreService, Unavailable } from "./store.ts"
import type { HandTransport, Transport } from "./transport.ts"

export type { Engine, EngineOptions, EngineStorage } from "./engine-values.ts"

const isHand = (transport: Transport | HandTransport): transport is HandTransport => transport.kind === "manual"

/** What lives while the storage is open. */
interface Open {
  readonly scope: Scope.Closeable
  readonly store: StoreService
  readonly circle: Circle
}

/** Opens the storage and everything in it. A storage that another process has open leaves an engine that is `elsewhere`. */
export const makeEngine = Effect.fnUntraced(function* (
  options: EngineOptions,
): Effect.fn.Return<Engine, SottoError, Scope.Scope> {
  const { appUrl, crypto, storage } = options
  const transports = options.transports.filter((transport) => !isHand(transport)) as ReadonlyArray<Transport>
  const byHand = options.transports.find(isHand)
  if (options.transports.length === 0) {
    return yield* new SottoError(
      "noTransport",
      "No transport was given. Pass at least one, such as peerjs() or manual().",
    )
  }
  if (options.name !== undefined && !isName(options.name, MAX_NAME_BYTES)) return yield* nameTooLong

  const outer = yield* Effect.scope
  const news = makeNews()
  const inspectors = new Set<(transition: InspectedTransition) => void>()
  const name = cell("")
  const status: Cell<MessengerStatus> = cell<MessengerStatus>("locked")
  const settings = cell<Settings>({ readReceipts: true, typingNotices: true })
  const contacts = cell<ReadonlyArray<ContactHandle>>([])
  const invites = cell<ReadonlyArray<InviteHandle>>([])
  const { health, measure, persist, persistOnce } = makeHealth(storage)
  let open: Open | undefined

  const ready: Effect.Effect<Open, SottoError> = Effect.suspend(() => {
    if (open !== undefined) return Effect.as(allowed, open)
    const now = status.get()
    return now === "elsewhere"
      ? new SottoError("elsewhere", "Sotto is open in another tab or process. Close it there, then try again.", {
          retryable: true,
        })
      : now === "locked"
        ? new SottoError("locked", "Sotto is locked. Unlock it, then try again.", { retryable: true })
        : new SottoError("closed", "This messenger is closed. Create a new one.")
  })

  let refreshing = false
  /** Lists follow many small changes; they are made anew once for all of them. */
  const refresh = () => {
    if (refreshing) return
    refreshing = true
    queueMicrotask(() => {
      refreshing = false
      contacts.set(open?.circle.contacts() ?? [])
      invites.set(open?.circle.invites() ?? [])
    })
  }

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
      crypto,
      store,
      transports,
      byHand,
      appUrl,
      settings: settings.get,
      publish,
      inspected: (contact, transition, at) => {
        for (const inspector of [...inspectors]) inspector({ ...transition, contact, at })
      },
      changed: refresh,
      // A host that lost its storage must not send with what it has in memory.
      ended: stopped,
    })

  const around = Effect.map(ready, ({ circle, scope }) => ({
    circle,
    scope,
    crypto,
    transports,
    byHand,
    name: name.get(),
  }))

  const stopped = (why: Exit.Exit<never, Conflict | Unavailable>) =>
    Effect.suspend(() => {
      if (open === undefined) return Effect.void
      const failure = Exit.isFailure(why)
        ? why.cause.reasons.find((reason) => reason._tag === "Fail")?.error
        : undefined
      return lost(open, failure?._tag === "Unavailable" ? failure : new Unavailable({ reason: "broken" }))
    })

  /** The storage is not ours any more: nothing that is in memory may be used again. */
  const lost = (place: Open, { reason }: Unavailable): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (open !== place) return Effect.void
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
      const closing = place === undefined ? Effect.void : Scope.close(place.scope, Exit.void)
      return next === "elsewhere" ? closing : Effect.andThen(follower.stop, closing)
    })

  const fill = Effect.fnUntraced(function* (place: Open): Effect.fn.Return<void, SottoError> {
    yield* orSottoError(eraseHalfRestored(place.store))
    const own = yield* show(place)
    status.set("ready")
    if (!storage.durable) news.publish({ type: "storageNotDurable" })
    if (options.name !== undefined && options.name !== own.name) yield* rename(options.name)
  })

  /** Shows the profile, and opens every contact that the storage has. */
  const show = Effect.fnUntraced(function* (place: Open): Effect.fn.Return<OwnProfile, SottoError> {
    const profile = yield* orSottoError(loadProfile(place.store))
    const own = profile ?? (yield* orSottoError(saveProfile(place.store, { name: options.name ?? "" })))
    name.set(own.name)
    settings.set({ readReceipts: own.readReceipts, typingNotices: own.typingNotices })
    for (const id of yield* orSottoError(place.store.hosts)) {
      if (id === PROFILE_HOST) continue
      yield* place.circle.hold(yield* Scope.fork(place.scope), { id })
    }
    return own
  })

  const { allowed, pairing, refill } = makeRefilling({
    ready: Effect.suspend(() => ready),
    show: (place: Open) => Effect.asVoid(show(place)),
    lost,
  })

  const oneStart = Semaphore.makeUnsafe(1).withPermit

  const startWith = (opener: Storage["open"]): Effect.Effect<void, SottoError> =>
    Effect.gen(function* () {
      if (open !== undefined) return
      if (status.get() === "closed") return yield* ready
      const scope = yield* Scope.fork(outer)
      const opening = yield* Effect.exit(Scope.provide(opener, scope))
      if (Exit.isFailure(opening)) {
        yield* Scope.close(scope, Exit.void)
        const failure = opening.cause.reasons.find((reason) => reason._tag === "Fail")?.error
        if (failure === undefined) return yield* Effect.failCause(opening.cause as Cause.Cause<never>)
        if (failure._tag !== "Elsewhere") return yield* toSottoError(failure)
        status.set("elsewhere")
        return yield* follower.start
      }
      const place: Open = { scope, store: opening.value, circle: circleOver(opening.value) }
      open = place
      if (place.store.lost !== undefined) {
        const watch = Effect.flatMap(place.store.lost, (why) => Effect.forkIn(lost(place, why), outer))
        yield* Effect.forkIn(watch, scope)
      }
      yield* Effect.forkIn(measure, scope)
      // Half open, it would hold the storage and answer nobody.
      yield* Effect.onError(fill(place), () => (open === place ? shut("locked") : Effect.void))
    }).pipe(Effect.asVoid, oneStart)

  const start = startWith(storage.open)

  const follower = makeFollower({
    scope: outer,
    freed: storage.freed,
    open: start,
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
      const { readReceipts, typingNotices } = yield* orSottoError(saveProfile(place.store, change))
      settings.set({ readReceipts, typingNotices })
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

    hand: Effect.fnUntraced(function* (contact) {
      const held = (yield* ready).circle.held.get(contact.id)
      return held?.hand ?? (yield* new SottoError("removed", "This contact was removed. Pair with them again."))
    }),

    inspect: (fn) => {
      const inspector = (transition: InspectedTransition) => fn(transition)
      inspectors.add(inspector)
      return () => void inspectors.delete(inspector)
    },

    crypto,
    stored: Effect.map(ready, ({ store }) => store),
    refill,
    lock: shut("locked"),
    unlock: Effect.andThen(follower.stop, start),
    takeOver: Effect.andThen(follower.stop, startWith(storage.takeOver ?? storage.open)),
    close: Effect.andThen(shut("closed"), Effect.sync(news.close)),
  }

  yield* Effect.addFinalizer(() => engine.close)
  yield* start
  return engine
})

const nameTooLong = new SottoError("nameTooLong", "The name is longer than 128 bytes. Choose a shorter one.")
