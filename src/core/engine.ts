/**
 * The engine: one user's contacts, invites and settings over one storage. It assembles the rooms and knows no adapter.
 * Docs: docs/architecture.md.
 */
import type * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { RECORD } from "./contact/records.ts"
import { MAX_NAME_BYTES } from "./content.ts"
import { Crypto, type CryptoService } from "./crypto/crypto.ts"
import { SottoError } from "./errors.ts"
import { decodeInvite, type Invite } from "./handshake/invite.ts"
import { type ContactHandle, isName, openContactHandle } from "./messenger/contact-handle.ts"
import { toMillis } from "./messenger/duration.ts"
import { orSottoError, toSottoError } from "./messenger/failures.ts"
import { type Hand, handPairing } from "./messenger/hand-pairing.ts"
import { toHex } from "./messenger/hex.ts"
import { type InviteHandle, makeInviteHandle } from "./messenger/invite-handle.ts"
import { foundInviter, foundJoiner } from "./messenger/new-contact.ts"
import { makeNews, type News } from "./messenger/news.ts"
import { loadProfile, PROFILE_HOST, saveProfile } from "./messenger/own-profile.ts"
import type {
  InspectedTransition,
  InviteOptions,
  InvitePreview,
  MessengerStatus,
  Settings,
} from "./messenger/values.ts"
import { type Cell, cell, type Observable } from "./observable.ts"
import type { HostId, Storage, StoreService } from "./store.ts"
import type { HandTransport, Listener, Transport } from "./transport.ts"

/** An invite is good for this long unless it says otherwise, in milliseconds. */
const DEFAULT_LIFETIME = 10 * 60_000
const MAX_LIFETIME = 30 * 24 * 60 * 60_000
/** A joiner does not wait longer than this for addresses of its own: the inviter's are enough to begin with. */
const LISTEN_PATIENCE = 3_000

export interface EngineOptions {
  readonly name?: string
  readonly storage: Storage
  readonly transports: ReadonlyArray<Transport | HandTransport>
  /** What `url` of an invite starts with. */
  readonly appUrl: string
  readonly crypto: CryptoService
}

export interface Engine {
  readonly name: Observable<string>
  readonly status: Observable<MessengerStatus>
  readonly contacts: Observable<ReadonlyArray<ContactHandle>>
  readonly invites: Observable<ReadonlyArray<InviteHandle>>
  readonly settings: Observable<Settings>
  readonly news: News
  readonly storage: { readonly kind: string; readonly durable: boolean }
  readonly rename: (name: string) => Effect.Effect<void, SottoError>
  readonly configure: (change: Partial<Settings>) => Effect.Effect<void, SottoError>
  readonly invite: (options: InviteOptions) => Effect.Effect<InviteHandle, SottoError>
  readonly preview: (textOrUrl: string) => Effect.Effect<InvitePreview, SottoError>
  readonly accept: (textOrUrl: string) => Effect.Effect<ContactHandle, SottoError>
  readonly remove: (contact: ContactHandle) => Effect.Effect<void, SottoError>
  readonly hand: (contact: ContactHandle) => Effect.Effect<Hand, SottoError>
  readonly inspect: (fn: (transition: InspectedTransition) => void) => () => void
  readonly lock: Effect.Effect<void>
  readonly unlock: Effect.Effect<void, SottoError>
  readonly close: Effect.Effect<void>
}

const isHand = (transport: Transport | HandTransport): transport is HandTransport => transport.kind === "manual"

/** What lives while the storage is open. */
interface Open {
  readonly scope: Scope.Closeable
  readonly store: StoreService
  readonly held: Map<HostId, Held>
}

/** One contact's host and what hangs on it: it is an invite until somebody has used it. */
interface Held {
  readonly contact: ContactHandle
  readonly scope: Scope.Closeable
  readonly invite: InviteHandle | undefined
  readonly hand: Hand
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
  let open: Open | undefined

  const ready = Effect.suspend(() => {
    if (open !== undefined) return Effect.succeed(open)
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
      refreshNow()
    })
  }
  const refreshNow = () => {
    const held = [...(open?.held.values() ?? [])]
    const paired = held.filter(({ contact, invite }) => invite === undefined || contact.pairedAt() !== undefined)
    const latest = ({ contact }: Held) => contact.last.get()?.at ?? contact.pairedAt() ?? contact.createdAt
    contacts.set(paired.sort((a, b) => latest(b) - latest(a)).map(({ contact }) => contact))
    invites.set(
      held.flatMap(({ contact, invite }) => (invite === undefined || contact.pairedAt() !== undefined ? [] : [invite])),
    )
  }

  const letGo = Effect.fnUntraced(function* (place: Open, held: Held) {
    place.held.delete(held.contact.id)
    yield* Scope.close(held.scope, Exit.void)
    refreshNow()
  })

  const hold = Effect.fnUntraced(function* (
    place: Open,
    within: Scope.Closeable,
    begin: {
      readonly id: HostId
      readonly founding?: Parameters<typeof openContactHandle>[0]["founding"]
      readonly listeners?: ReadonlyArray<Listener>
      readonly invite?: Invite
    },
  ): Effect.fn.Return<Held, SottoError> {
    const { founding, id, listeners } = begin
    let held: Held | undefined
    let handle: InviteHandle | undefined
    const contact = yield* Scope.provide(
      openContactHandle({
        id,
        crypto,
        store: place.store,
        transports,
        ...(founding && { founding }),
        ...(listeners && { listeners }),
        settings: settings.get,
        publish: news.publish,
        inspected: (contactId, transition, at) => {
          for (const inspector of [...inspectors]) inspector({ ...transition, contact: contactId, at })
        },
        listChanged: () => {
          handle?.changed()
          refresh()
        },
        pairingEnded: (paired) => {
          handle?.ended(paired)
          // An invite that came to nothing leaves nothing behind; a contact whose pairing failed is shown until removed.
          if (!paired && handle !== undefined) {
            Effect.runFork(Effect.ignore(Effect.suspend(() => (held === undefined ? Effect.void : erase(place, held)))))
          }
          refresh()
        },
      }),
      within,
    )
    if (contact.role === "inviter" && contact.pairedAt() === undefined) {
      const invite = begin.invite ?? (yield* inviteOf(place, id))
      if (invite !== undefined) {
        handle = makeInviteHandle({ invite, contact, appUrl, hand: handPairing(byHand, contact, within, invite) })
      }
    }
    held = { contact, scope: within, invite: handle, hand: handPairing(byHand, contact, within, undefined) }
    place.held.set(id, held)
    // A host that ended by itself has lost its storage: nothing more may be sent with what it has in memory.
    yield* Effect.forkIn(
      Effect.andThen(
        contact.live.ended,
        Effect.suspend(() => (place.held.has(id) ? stopped("storage") : Effect.void)),
      ),
      within,
    )
    refreshNow()
    return held
  })

  const inviteOf = Effect.fnUntraced(function* (place: Open, id: HostId) {
    const bytes = yield* orSottoError(place.store.read(id, RECORD.invite))
    const invite = bytes === undefined ? "notAnInvite" : decodeInvite(new TextDecoder().decode(bytes))
    return typeof invite === "string" ? undefined : invite
  })

  const erase = Effect.fnUntraced(function* (place: Open, held: Held) {
    yield* letGo(place, held)
    yield* orSottoError(place.store.erase(held.contact.id))
  })

  const stopped = (reason: "storage" | "elsewhere" | "defect") =>
    Effect.suspend(() => {
      if (open === undefined) return Effect.void
      news.publish({ type: "stopped", reason })
      return shut("closed")
    })

  const shut = (next: MessengerStatus) =>
    Effect.suspend(() => {
      const place = open
      open = undefined
      status.set(next)
      contacts.set([])
      invites.set([])
      return place === undefined ? Effect.void : Scope.close(place.scope, Exit.void)
    })

  const fill = Effect.fnUntraced(function* (place: Open): Effect.fn.Return<void, SottoError> {
    const profile = yield* orSottoError(loadProfile(place.store))
    const own = profile ?? (yield* orSottoError(saveProfile(place.store, { name: options.name ?? "" })))
    name.set(own.name)
    settings.set({ readReceipts: own.readReceipts, typingNotices: own.typingNotices })
    for (const id of yield* orSottoError(place.store.hosts)) {
      if (id === PROFILE_HOST) continue
      yield* hold(place, yield* Scope.fork(place.scope), { id })
    }
    status.set("ready")
    if (!storage.durable) news.publish({ type: "storageNotDurable" })
    if (options.name !== undefined && options.name !== own.name) yield* rename(options.name)
  })

  const start: Effect.Effect<void, SottoError> = Effect.gen(function* () {
    if (open !== undefined) return
    if (status.get() === "closed") return yield* ready
    const scope = yield* Scope.fork(outer)
    const opening = yield* Effect.exit(Scope.provide(storage.open, scope))
    if (Exit.isFailure(opening)) {
      yield* Scope.close(scope, Exit.void)
      const failure = opening.cause.reasons.find((reason) => reason._tag === "Fail")?.error
      if (failure === undefined) return yield* Effect.failCause(opening.cause as Cause.Cause<never>)
      if (failure._tag === "Elsewhere") return status.set("elsewhere")
      return yield* toSottoError(failure)
    }
    const place: Open = { scope, store: opening.value, held: new Map() }
    open = place
    // Half open, it would hold the storage and answer nobody.
    yield* Effect.onError(fill(place), () => (open === place ? shut("locked") : Effect.void))
  }).pipe(Effect.asVoid, Semaphore.makeUnsafe(1).withPermit)

  const rename = Effect.fnUntraced(function* (next: string) {
    const place = yield* ready
    if (!isName(next, MAX_NAME_BYTES)) return yield* nameTooLong
    yield* orSottoError(saveProfile(place.store, { name: next }))
    name.set(next)
    for (const { contact } of place.held.values()) yield* contact.rename(next)
  })

  const decode = Effect.fnUntraced(function* (textOrUrl: string): Effect.fn.Return<Invite, SottoError> {
    const invite = decodeInvite(textOrUrl)
    if (invite === "newer") {
      return yield* new SottoError("inviteNewer", "This invite is from a newer Sotto. Update Sotto, then use it again.")
    }
    if (invite === "damaged") {
      return yield* new SottoError("inviteInvalid", "This invite is damaged. Copy all of it, or ask for a new one.")
    }
    if (invite === "notAnInvite") {
      return yield* new SottoError("inviteInvalid", "This is not a Sotto invite. Paste the whole link or its text.")
    }
    if (invite.expiresAt * 1_000 <= (yield* Clock.currentTimeMillis)) {
      return yield* new SottoError("inviteExpired", "This invite has expired. Ask for a new one.")
    }
    return invite
  })

  const engine: Engine = {
    name,
    status,
    contacts,
    invites,
    settings,
    news,
    storage: { kind: storage.kind, durable: storage.durable },
    rename,

    configure: Effect.fnUntraced(function* (change) {
      const place = yield* ready
      const { readReceipts, typingNotices } = yield* orSottoError(saveProfile(place.store, change))
      settings.set({ readReceipts, typingNotices })
    }),

    invite: Effect.fnUntraced(function* ({ expiresIn, via, withName = true }) {
      const place = yield* ready
      const lifetime = expiresIn === undefined ? DEFAULT_LIFETIME : toMillis(expiresIn)
      if (lifetime === undefined || lifetime > MAX_LIFETIME) {
        return yield* new SottoError("optionInvalid", 'expiresIn is a duration up to 30 days, such as "10 minutes".')
      }
      const wanted = transports.filter(({ kind }) => via === undefined || via.includes(kind))
      const hand = byHand !== undefined && (via === undefined || via.includes("manual"))
      if (wanted.length === 0 && !hand) {
        return yield* new SottoError("noTransport", "None of these transports was given to createMessenger.")
      }
      const within = yield* Scope.fork(place.scope)
      const making = Effect.gen(function* () {
        const listeners = yield* Scope.provide(listenOn(wanted, false), within)
        const own = listeners.map(({ address }) => address)
        const made = foundInviter({ name: name.get(), withName, lifetime, own })
        const { founding, invite } = yield* Effect.provideService(made, Crypto, crypto)
        return yield* hold(place, within, { id: toHex(crypto.random(16)), founding, listeners, invite })
      })
      const { invite } = yield* Effect.onError(making, () => Scope.close(within, Exit.void))
      return invite!
    }),

    preview: Effect.fnUntraced(function* (textOrUrl) {
      const { expiresAt, hand, meet, name: claimedName } = yield* decode(textOrUrl)
      const services = meet.flatMap((address) => transports.flatMap((transport) => transport.services(address) ?? []))
      return {
        claimedName,
        expiresAt: expiresAt * 1_000,
        services: [...new Set(services)],
        byHand: hand !== undefined || meet.length === 0,
      }
    }),

    // One at a time: a button pressed twice must find the contact that its first press made.
    accept: Effect.fnUntraced(function* (textOrUrl) {
      const place = yield* ready
      const invite = yield* decode(textOrUrl)
      // The contact's id follows from the invite, so that using one twice comes to the same contact.
      const id = toHex(crypto.sha256(invite.id).slice(0, 16))
      const before = place.held.get(id)
      if (before !== undefined) return before.contact
      for (const held of place.held.values()) {
        if (held.invite?.isOf(invite) === true) {
          return yield* new SottoError(
            "inviteOwn",
            "This is your own invite. Send it to the person you want to talk to.",
          )
        }
      }
      const reachable = invite.meet.some(({ kind }) => transports.some((transport) => transport.kind === kind))
      if (!reachable && (invite.hand === undefined || byHand === undefined)) {
        return yield* new SottoError("notSupported", "This invite needs a way to connect that is not set up here.")
      }
      const within = yield* Scope.fork(place.scope)
      const taking = Effect.gen(function* () {
        const own = listenOn(transports, true).pipe(
          Effect.timeoutOrElse({
            duration: LISTEN_PATIENCE,
            orElse: () => Effect.succeed<ReadonlyArray<Listener>>([]),
          }),
        )
        const listeners = invite.hand === undefined ? yield* Scope.provide(own, within) : []
        const addresses = listeners.map(({ address }) => address)
        const founding = yield* Effect.provideService(
          foundJoiner({ name: name.get(), invite, own: addresses }),
          Crypto,
          crypto,
        )
        return yield* hold(place, within, { id, founding, listeners })
      })
      const { contact, hand } = yield* Effect.onError(taking, () => Scope.close(within, Exit.void))
      if (invite.hand !== undefined) hand.remember(invite.hand)
      return contact
    }, Semaphore.makeUnsafe(1).withPermit),

    remove: Effect.fnUntraced(function* (contact) {
      const place = yield* ready
      const held = place.held.get(contact.id)
      if (held !== undefined) yield* erase(place, held)
    }),

    hand: Effect.fnUntraced(function* (contact) {
      const held = (yield* ready).held.get(contact.id)
      return held?.hand ?? (yield* new SottoError("removed", "This contact was removed. Pair with them again."))
    }),

    inspect: (fn) => {
      const inspector = (transition: InspectedTransition) => fn(transition)
      inspectors.add(inspector)
      return () => void inspectors.delete(inspector)
    },

    lock: shut("locked"),
    unlock: start,
    close: Effect.andThen(shut("closed"), Effect.sync(news.close)),
  }

  yield* Effect.addFinalizer(() => engine.close)
  yield* start
  return engine
})

const nameTooLong = new SottoError("nameTooLong", "The name is longer than 128 bytes. Choose a shorter one.")

/** Listens with all of these; fails only if none of them can and nothing else is left. */
const listenOn = Effect.fnUntraced(function* (
  transports: ReadonlyArray<Transport>,
  mayBeNone: boolean,
): Effect.fn.Return<ReadonlyArray<Listener>, SottoError, Scope.Scope> {
  const exits = yield* Effect.forEach(transports, (transport) => Effect.exit(transport.listen()), {
    concurrency: "unbounded",
  })
  const listeners = exits.flatMap((exit) => (Exit.isSuccess(exit) ? [exit.value] : []))
  const failed = exits.find((exit) => Exit.isFailure(exit))
  if (listeners.length === 0 && !mayBeNone && failed !== undefined) return yield* orSottoError(Effect.as(failed, []))
  return listeners
})
