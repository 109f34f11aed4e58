/**
 * A contact: its host, open or closed, and what is shown of it. What is shown is made when somebody first looks, because most of ten
 * thousand are not looked at. Docs: docs/architecture.md, "Sleeping contacts".
 */
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { type Founding, isReplaced, type LiveContact, openContact } from "../contact/contact.ts"
import { type Listening, listenFor, type ServiceNews } from "../contact/listening.ts"
import { type ContactMachines, LINK, SESSION, STANDING } from "../contact/machines.ts"
import { type About, about, RECORD } from "../contact/records.ts"
import { utf8 } from "../crypto/bytes.ts"
import { SottoError } from "../errors.ts"
import { orSottoError } from "../failures.ts"
import type { Tell } from "../host/handlers.ts"
import type { Attached } from "../host/host.ts"
import { type SafetyNumber as Fingerprints, safetyNumberOf } from "../safety-number.ts"
import { type HostId, Unavailable } from "../store.ts"
import type { Link, Listener } from "../transport.ts"
import { asleepIn } from "./asleep.ts"
import type { ContactHandle, HandleOptions } from "./contact-handle.ts"
import { hooksOf } from "./contact-hooks.ts"
import { type Conversation, makeConversation } from "./conversation.ts"
import { loadSides, type Sides, unpack } from "./identities.ts"
import { NO_TIMES, ShownContact } from "./shown-contact.ts"
import type { Sleeper } from "./sleeping.ts"
import type { Subject } from "./subject.ts"
import { readSummary, type Summary, timeOf } from "./summary.ts"

/** A notice is repeated at most this often while the user goes on writing. */
const TYPING_EVERY = 3_000

/** What a contact begins with; nothing for one that the storage has. */
export interface Beginning {
  readonly founding?: Founding
  readonly listeners?: ReadonlyArray<Listener>
}

export class Handle extends ShownContact implements ContactHandle, Listening, Sleeper {
  readonly id: string
  readonly options: HandleOptions
  private sides: Sides | undefined
  private print: Fingerprints | undefined
  private talk: Conversation | undefined
  /** Somebody outside has the conversation, and may watch it. */
  private given = false
  /** When we last said that the user is writing; negative: that they stopped. */
  private noticed = 0
  private over: Deferred.Deferred<void> | undefined
  private founding: Founding | undefined
  /** Listeners at its addresses that were open before it was; without them it listens again. */
  private listeners: ReadonlyArray<Listener> | undefined
  /** While it listens. */
  private ear: Scope.Closeable | undefined
  protected readonly within: Scope.Scope

  /** `within` is what lives as long as the contact. */
  constructor(id: HostId, within: Scope.Scope, options: HandleOptions) {
    super()
    this.id = id
    this.within = within
    this.options = options
  }

  /** Founds it, or opens what the storage has; `maySleep`: unless something in it has to be done now. */
  begin({ founding, listeners }: Beginning, maySleep: boolean): Effect.Effect<void, SottoError> {
    return Effect.gen({ self: this }, function* () {
      this.listeners = listeners
      const asleep = maySleep ? yield* orSottoError(asleepIn(this.options.store, this.id)) : undefined
      if (asleep === undefined) {
        this.founding = founding
        yield* this.wake()
        this.founding = undefined
      } else {
        this.sleepAs(asleep)
        yield* this.learnIdentities
        this.options.turned(this)
        yield* this.listen(!this.isReplaced(), asleep.about().own)
      }
    })
  }

  latest() {
    const last = this.talk === undefined ? timeOf(this.summary()?.last) : this.talk.last.get()?.at
    const { createdAt, pairedAt } = this.live.about()
    return last ?? pairedAt ?? createdAt
  }

  get last() {
    return this.conversation.last
  }

  get conversation(): Conversation {
    this.given = true
    this.talk ??= this.talkOf(this.summary()!)
    return this.talk
  }

  /** The conversation, if there is one to be kept up to date. */
  talked(): Conversation | undefined {
    return this.talk
  }

  fingerprints() {
    if (this.pairedAt() === undefined || this.sides === undefined) return undefined
    this.print ??= safetyNumberOf(this.options.crypto, ...unpack(this.sides))
    return this.print
  }

  verify(matches: boolean) {
    return Effect.flatMap(Clock.currentTimeMillis, (now) =>
      this.submit({ to: SESSION, event: { type: "Compared", at: matches ? now : null } }),
    )
  }

  get continueUnverified() {
    return this.submit({ to: SESSION, event: { type: "ContinuedUnverified" } })
  }

  get block() {
    return this.submit({ to: SESSION, event: { type: "Blocked" } })
  }

  get unblock() {
    return this.submit({ to: SESSION, event: { type: "Unblocked" } })
  }

  get renewKeys() {
    return Effect.suspend(() => {
      if (this.pairedAt() === undefined) {
        return new SottoError("notPaired", "There are no keys yet. Wait until pairing is over.", { retryable: true })
      }
      if (this.isReplaced()) {
        return new SottoError(
          "replaced",
          "Another copy goes on with this contact. Take this one back first, by reclaim.",
        )
      }
      return this.submit({ to: STANDING, event: { type: "RenewalAsked" } })
    })
  }

  get reclaim() {
    return Effect.suspend(() =>
      this.isReplaced() ? this.submit({ to: STANDING, event: { type: "Reclaimed" } }) : Effect.void,
    )
  }

  get connect() {
    return this.use(({ host }) => Effect.sync(() => void host.tell({ to: LINK, event: { type: "UserAsked" } })))
  }

  markRead(cursor: string) {
    return this.conversation.markRead(cursor, this.options.settings().readReceipts)
  }

  rename(name: string) {
    return this.submit({ to: SESSION, event: { type: "ProfileChanged" } }, [[RECORD.ownName, utf8(name)]])
  }

  setTyping(active: boolean): Effect.Effect<void> {
    return Effect.map(Clock.currentTimeMillis, (now) => {
      const isNews = active !== this.noticed > 0 || (active && Math.abs(now - this.noticed) >= TYPING_EVERY)
      const live = this.wakened()
      if (!isNews || live === undefined || !this.options.settings().typingNotices || !live.links.isOpen()) return
      this.noticed = active ? now : -now
      live.host.tell({ to: SESSION, event: { type: "UserTyped", active } })
    })
  }

  adopt(link: Link, dialed: boolean) {
    return this.use(({ links }) => links.adopt(link, dialed))
  }

  get gone(): Effect.Effect<void> {
    this.over ??= Deferred.makeUnsafe<void>()
    return Deferred.await(this.over)
  }

  private isReplaced(): boolean {
    return isReplaced(this.live.host)
  }

  /** Listens at its addresses, or no longer. What came in before stays. */
  private listen(on: boolean, own: About["own"]): Effect.Effect<void> {
    return Effect.suspend(() => {
      const { ear } = this
      if (on === (ear !== undefined)) return Effect.void
      this.ear = on ? Scope.forkUnsafe(this.within) : undefined
      if (ear !== undefined) return Scope.close(ear, Exit.void)
      return Scope.provide(listenFor(own, this.options.transports, this.listeners, this), this.ear!)
    })
  }

  /** Somebody opened a link to one of our addresses. */
  onLink(link: Link): void {
    const taken = this.ear === undefined ? link.close : Effect.ignore(this.adopt(link, false))
    this.options.fork(Effect.forkIn(taken, this.within))
  }

  /** What a listener of ours says of the service that it is reached by. */
  onService({ reachable, service }: ServiceNews): void {
    const { publish } = this.options
    if (this.unreachable === service && !reachable) return
    if (!reachable) publish({ type: "serviceUnreachable", service })
    else if (this.unreachable !== undefined) {
      publish({ type: "serviceReachable", service })
      this.wakened()?.host.tell({ to: LINK, event: { type: "NetworkReturned" } })
    }
    this.unreachable = reachable ? undefined : service
    this.views.connection?.invalidate()
  }

  /** Both sides' static keys, once there is a peer. */
  get learnIdentities(): Effect.Effect<void, SottoError> {
    return Effect.map(orSottoError(loadSides(this.options, this.id)), (sides) => {
      this.sides = sides ?? this.sides
      this.print = undefined
    })
  }

  private submit(event: Tell<ContactMachines>, attached?: Attached): Effect.Effect<void, SottoError> {
    return this.use(({ host }) => Effect.asVoid(orSottoError(host.submit(event, attached))))
  }

  private talkOf(summary: Summary): Conversation {
    const { crypto, store } = this.options
    const subject: Subject = { id: this.id, shown: () => this.live, use: (act) => this.use(act) }
    return makeConversation({ subject, summary, store, crypto })
  }

  /** Nothing more will come of it: it was removed, or its storage closed. */
  end(): void {
    this.options.over(this)
    this.over ??= Deferred.makeUnsafe<void>()
    Deferred.doneUnsafe(this.over, Exit.void)
    this.talk?.close()
  }

  protected openHost(): Effect.Effect<LiveContact, SottoError, Scope.Scope> {
    return Effect.gen({ self: this }, function* () {
      const { ahead, crypto, ended, store, transports } = this.options
      const { founding, id } = this
      this.since = new Map()
      const hooks = yield* hooksOf(this)
      const own = founding?.about.own ?? (yield* this.committedAbout()).own
      const listen = (on: boolean) => this.listen(on, own)
      const options = { id, ahead, crypto, store, transports, hooks, listen, ...(founding && { founding }) }
      const live = yield* orSottoError(openContact(options))
      const scope = yield* Effect.scope
      yield* Effect.forkIn(
        Effect.flatMap(live.ended, (why) => ended(id, why)),
        scope,
      )
      return live
    })
  }

  protected committedAbout() {
    return orSottoError(
      Effect.flatMap(this.options.store.read(this.id, RECORD.about), (bytes) => {
        const known = about.decode(bytes ?? new Uint8Array())
        return known === undefined ? new Unavailable({ reason: "broken" }) : Effect.succeed(known)
      }),
    )
  }

  protected summaryNow() {
    return this.talk!.summary()
  }

  protected woke(): Effect.Effect<void, SottoError> {
    return Effect.gen({ self: this }, function* () {
      // While it was being opened, messages may have disappeared.
      if (this.talk !== undefined) yield* this.talk.refresh
      else this.talk = this.talkOf(yield* orSottoError(readSummary(this.options.store, this.id, this.role)))
      if (this.sides === undefined && this.pairedAt() !== undefined) yield* this.learnIdentities
    })
  }

  protected slept(): void {
    if (!this.given) this.talk = undefined
    this.since = NO_TIMES
    this.path = undefined
    this.views.typing?.set(false)
    for (const view of [this.views.machines, this.views.session, this.views.connection]) view?.invalidate()
    this.options.turned(this)
  }

  protected used(): void {
    this.options.turned(this)
  }
}
