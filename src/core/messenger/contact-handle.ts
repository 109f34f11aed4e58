/** A contact as the engine gives it out: what can be watched, and what can be asked of it. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Scope } from "effect/Scope"
import { type ContactHooks, type ContactOptions, type LiveContact, openContact } from "../contact/contact.ts"
import { LINK, SESSION, STANDING } from "../contact/machines.ts"
import { RECORD } from "../contact/records.ts"
import { fromUtf8, utf8 } from "../crypto/bytes.ts"
import { Crypto } from "../crypto/crypto.ts"
import { SottoError } from "../errors.ts"
import { ownStatics, publicOf } from "../handshake/own-keys.ts"
import { staticPublic } from "../handshake/static-keys.ts"
import type { Transition } from "../host/transition.ts"
import type { Role } from "../ids.ts"
import { cell, derived, type Observable } from "../observable.ts"
import { type SafetyNumber as Fingerprints, safetyNumber } from "../safety-number.ts"
import type { Path } from "../transport.ts"
import { connectionOf, machinesOf, sessionContext, sessionOf } from "./contact-view.ts"
import { type Conversation, makeConversation } from "./conversation.ts"
import { orSottoError } from "./failures.ts"
import type { Connection, MachineView, Message, MessengerEvent, Session, Settings } from "./values.ts"

/** A peer that stops writing without saying so is taken to have stopped after this long, in milliseconds. */
const TYPING_LASTS = 6_000
/** A notice is repeated at most this often while the user goes on writing. */
const TYPING_EVERY = 3_000

/** One contact, open: what can be watched, and what can be asked of it. */
export interface ContactHandle {
  /** Random, and without meaning outside this device. */
  readonly id: string
  /** Who made the invite, and who used it: for life. */
  readonly role: Role
  /** What they call themselves, or what the invite claimed, or "". */
  readonly name: () => string
  /** Milliseconds of the wall clock. */
  readonly createdAt: number
  /** Milliseconds of the wall clock; undefined until paired. */
  readonly pairedAt: () => number | undefined
  /** The way to the peer. */
  readonly connection: Observable<Connection>
  /** How pairing and the session stand. */
  readonly session: Observable<Session>
  /** When the safety number was compared, in milliseconds of the wall clock. */
  readonly verified: Observable<number | undefined>
  /** Whether the peer is writing. */
  readonly typing: Observable<boolean>
  /** Messages of the peer that were not marked as read. */
  readonly unread: Observable<number>
  /** The latest message, of either side. */
  readonly last: Observable<Message | undefined>
  /** Every machine of this contact, ratchets included. */
  readonly machines: Observable<ReadonlyArray<MachineView>>
  /** Undefined until paired. Takes 10,400 hashes the first time. */
  readonly fingerprints: () => Fingerprints | undefined
  /** What was said, and saying something. */
  readonly conversation: Conversation
  /** Records that the safety number was compared, or takes it back. */
  readonly verify: (matches: boolean) => Effect.Effect<void, SottoError>
  /** Goes on after a changed identity without comparing. */
  readonly continueUnverified: Effect.Effect<void, SottoError>
  /** Hangs up, and neither hears nor is heard until `unblock`. */
  readonly block: Effect.Effect<void, SottoError>
  /** Ends `block`. */
  readonly unblock: Effect.Effect<void, SottoError>
  /** Everything up to this message has been seen by the user. */
  readonly markRead: (cursor: string) => Effect.Effect<void, SottoError>
  /** Tells the peer that the user is writing, throttled. */
  readonly setTyping: (active: boolean) => Effect.Effect<void>
  /** Tries to reach the peer now. */
  readonly connect: Effect.Effect<void>
  /** Agrees new keys as soon as both are online; durable once it resolves. */
  readonly renewKeys: Effect.Effect<void, SottoError>
  /** Goes on with this copy after another one took its place; durable once it resolves. Otherwise nothing. */
  readonly reclaim: Effect.Effect<void, SottoError>
  /** Tells the contact what our user is called now. */
  readonly rename: (name: string) => Effect.Effect<void, SottoError>
  /** The contact's host, links and records: inner, and may change. */
  readonly live: LiveContact
}

export interface ContactHandleOptions extends Omit<ContactOptions, "hooks"> {
  readonly settings: () => Settings
  readonly publish: (event: MessengerEvent) => void
  readonly inspected: (id: string, transition: Transition, at: number) => void
  /** Something that the list of contacts shows has changed: a name, an order, a state. */
  readonly listChanged: () => void
  /** Pairing came to an end: true when paired. */
  readonly pairingEnded: (paired: boolean) => void
}

export const openContactHandle = Effect.fnUntraced(function* (
  options: ContactHandleOptions,
): Effect.fn.Return<ContactHandle, SottoError, Scope> {
  const { crypto, id, listChanged, publish, settings, store } = options
  const clock = yield* Clock.Clock
  const since = new Map<string, number>()
  const typing = cell(false)
  let typingUntil = 0
  let path: Path | undefined
  let unreachable: string | undefined
  let lastNotice = { active: false, at: 0 }
  let print: (() => Fingerprints) | undefined
  let conversation: Conversation | undefined

  const connection = derived(() => connectionOf(live, path, unreachable))
  const session = derived(() => sessionOf(live))
  const machines = derived(() => machinesOf(live, since))
  const verified = derived(() => live.about().comparedAt)
  const unread = derived(() => sessionContext(live).unread)

  const askPath = Effect.suspend(() =>
    Effect.map(live.links.path, (found) => {
      path = found
      connection.invalidate()
    }),
  )
  const scope = yield* Effect.scope

  const noticeTyping = Effect.fnUntraced(function* (active: boolean) {
    typing.set(active)
    typingUntil = (yield* Clock.currentTimeMillis) + TYPING_LASTS
    if (!active) return
    yield* Effect.sleep(TYPING_LASTS)
    if ((yield* Clock.currentTimeMillis) >= typingUntil) typing.set(false)
  })

  /** Both sides' static keys, once there is a peer. */
  const loadIdentities = Effect.gen(function* () {
    const own = ownStatics.decode((yield* store.read(id, RECORD.ownStatics)) ?? new Uint8Array())
    const waiting = yield* store.read(id, RECORD.candidate)
    const peer = staticPublic.decode(waiting ?? (yield* store.read(id, RECORD.peerStatics)) ?? new Uint8Array())
    if (own === undefined || peer === undefined) return
    const ours = yield* Effect.provideService(publicOf(own), Crypto, crypto)
    print = once(() => safetyNumber(crypto, ours, peer))
  })

  const paired = Effect.gen(function* () {
    yield* Effect.ignore(loadIdentities)
    options.pairingEnded(true)
    publish({ type: "paired", contact: id })
    listChanged()
  })

  const hooks: ContactHooks = {
    news: (news) => {
      switch (news.type) {
        case "paired":
          Effect.runForkWith(services)(paired)
          return
        case "failed":
          options.pairingEnded(false)
          publish({ type: "pairingFailed", contact: id, reason: news.reason === "cancelled" ? "cancelled" : "expired" })
          return listChanged()
        case "message": {
          typing.set(false)
          const tell = Effect.suspend(() => conversation?.at(news.index) ?? Effect.succeed(undefined))
          Effect.runFork(
            Effect.ignore(
              Effect.map(tell, (message) => {
                if (message !== undefined) publish({ type: "messageArrived", contact: id, message })
              }),
            ),
          )
          return
        }
        case "typing":
          Effect.runForkWith(services)(Effect.forkIn(noticeTyping(news.active), scope))
          return
        case "healed":
          publish({ type: "healed", contact: id, reason: news.reason })
          return listChanged()
        case "cloneDetected":
          return publish({ type: "cloneDetected", contact: id })
        case "replaced":
          publish({ type: "replaced", contact: id })
          return listChanged()
        case "identityChanged":
          // The number to compare is that of the identity which is waiting.
          Effect.runForkWith(services)(Effect.ignore(loadIdentities))
          return publish({ type: "identityChanged", contact: id })
        case "refused":
          return publish({ type: "handshakeRefused", contact: id, reason: news.reason })
        case "delivery":
          return
      }
    },
    changed: (changed) => {
      conversation?.committed(changed)
      if (changed.instances.includes(LINK)) connection.invalidate()
      session.invalidate()
      machines.invalidate()
      if (changed.records.includes(RECORD.about)) {
        verified.invalidate()
        listChanged()
      }
      if (changed.instances.includes(SESSION)) {
        unread.invalidate()
        listChanged()
      }
    },
    inspected: (notice) => {
      if ("ignored" in notice) return
      const at = clock.currentTimeMillisUnsafe()
      since.set(notice.id, at)
      if (since.size > 4_096) since.delete(since.keys().next().value!)
      options.inspected(id, notice, at)
    },
    fault: () => {},
    service: ({ reachable, service }) => {
      if (unreachable === service && !reachable) return
      if (!reachable) publish({ type: "serviceUnreachable", service })
      else if (unreachable !== undefined) {
        publish({ type: "serviceReachable", service })
        live.host.tell({ to: LINK, event: { type: "NetworkReturned" } })
      }
      unreachable = reachable ? undefined : service
      connection.invalidate()
    },
    reassemblyDropped: () => publish({ type: "reassemblyDropped", contact: id }),
    linksChanged: () => {
      connection.invalidate()
      Effect.runForkWith(services)(Effect.forkIn(askPath, scope))
    },
  }
  const services = yield* Effect.context<never>()
  const live: LiveContact = yield* orSottoError(openContact({ ...options, hooks }))
  conversation = yield* makeConversation({ live, store, crypto })
  if (live.about().pairedAt !== undefined) yield* orSottoError(loadIdentities)

  const submit = (event: Parameters<LiveContact["host"]["submit"]>[0]) =>
    Effect.asVoid(orSottoError(live.host.submit(event)))
  const toSession = (event: Parameters<typeof submit>[0]["event"]) => submit({ to: SESSION, event } as never)

  return {
    id,
    role: live.about().role,
    name: () => live.about().name,
    createdAt: live.about().createdAt,
    pairedAt: () => live.about().pairedAt,
    connection,
    session,
    verified,
    typing,
    unread,
    last: conversation.last,
    machines,
    fingerprints: () => (live.about().pairedAt === undefined ? undefined : print?.()),
    conversation,
    live,
    verify: Effect.fnUntraced(function* (matches) {
      yield* toSession({ type: "Compared", at: matches ? yield* Clock.currentTimeMillis : null })
    }),
    continueUnverified: toSession({ type: "ContinuedUnverified" }),
    block: toSession({ type: "Blocked" }),
    unblock: toSession({ type: "Unblocked" }),
    markRead: (cursor) => conversation!.markRead(cursor, settings().readReceipts),
    setTyping: Effect.fnUntraced(function* (active) {
      const at = yield* Clock.currentTimeMillis
      const isNews = active !== lastNotice.active || (active && at - lastNotice.at >= TYPING_EVERY)
      if (!isNews || !settings().typingNotices || !live.links.isOpen()) return
      lastNotice = { active, at }
      live.host.tell({ to: SESSION, event: { type: "UserTyped", active } })
    }),
    renewKeys: Effect.suspend(() => {
      if (live.about().pairedAt === undefined) {
        return new SottoError("notPaired", "There are no keys yet. Wait until pairing is over.", { retryable: true })
      }
      if (sessionOf(live).state === "replaced") {
        return new SottoError(
          "replaced",
          "Another copy goes on with this contact. Take this one back first, by reclaim.",
        )
      }
      return submit({ to: STANDING, event: { type: "RenewalAsked" } })
    }),
    reclaim: Effect.suspend(() =>
      sessionOf(live).state === "replaced" ? submit({ to: STANDING, event: { type: "Reclaimed" } }) : Effect.void,
    ),
    connect: Effect.sync(() => void live.host.tell({ to: LINK, event: { type: "UserAsked" } })),
    rename: (name) =>
      Effect.asVoid(
        orSottoError(
          live.host.submit({ to: SESSION, event: { type: "ProfileChanged" } }, [[RECORD.ownName, utf8(name)]]),
        ),
      ),
  }
})

/** A display name that fits; for what peers and invites claim as well as for our own. */
export const isName = (name: string, maxBytes: number): boolean =>
  utf8(name).length <= maxBytes && fromUtf8(utf8(name)) === name

const once = <A>(compute: () => A): (() => A) => {
  let kept: { readonly value: A } | undefined
  return () => {
    kept ??= { value: compute() }
    return kept.value
  }
}
