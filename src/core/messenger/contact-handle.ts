/** A contact as the engine gives it out: what can be watched, and what can be asked of it. It is made in handle.ts. */
import type * as Effect from "effect/Effect"
import type { ContactOptions, LiveContact, Shown } from "../contact/contact.ts"
import { fromUtf8, utf8 } from "../crypto/bytes.ts"
import type { SottoError } from "../errors.ts"
import type { Transition } from "../host/transition.ts"
import type { Role } from "../ids.ts"
import type { Observable } from "../observable.ts"
import type { SafetyNumber as Fingerprints } from "../safety-number.ts"
import type { HostId } from "../store.ts"
import type { Link } from "../transport.ts"
import type { Conversation } from "./conversation.ts"
import type { Sleeper } from "./sleeping.ts"
import type { Subject } from "./subject.ts"
import type { Connection, InspectedFrame, MachineView, Message, MessengerEvent, Session, Settings } from "./values.ts"

/** One contact: what can be watched, and what can be asked of it. */
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
  /** When something was last said, or else when it began. */
  readonly latest: () => number
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
  readonly connect: Effect.Effect<void, SottoError>
  /** Agrees new keys as soon as both are online; durable once it resolves. */
  readonly renewKeys: Effect.Effect<void, SottoError>
  /** Goes on with this copy after another one took its place; durable once it resolves. Otherwise nothing. */
  readonly reclaim: Effect.Effect<void, SottoError>
  /** Tells the contact what our user is called now. */
  readonly rename: (name: string) => Effect.Effect<void, SottoError>
  /** What can be seen of it now, awake or asleep. */
  readonly live: Shown
  /** With its host open, which stays so meanwhile. */
  readonly use: Subject["use"]
  /** Takes in a link to it that was opened by listening, or by hand. */
  readonly adopt: (link: Link, dialed: boolean) => Effect.Effect<void, SottoError>
  /** Completes once nothing more will come of it: it was removed, or its storage closed. */
  readonly gone: Effect.Effect<void>
}

/** The same for all contacts of an open storage. */
export interface HandleOptions extends Pick<ContactOptions, "ahead" | "crypto" | "store" | "transports"> {
  readonly settings: () => Settings
  readonly fork: (effect: Effect.Effect<unknown>) => void
  readonly publish: (event: MessengerEvent) => void
  readonly inspected: (id: HostId, transition: Transition, at: number) => void
  /** A frame left or came. */
  readonly carried: (frame: Omit<InspectedFrame, "at">) => void
  /** Something that the list of contacts shows has changed: a name, an order, a state. */
  readonly listChanged: (id: HostId) => void
  /** Pairing came to an end: true when paired. */
  readonly pairingEnded: (id: HostId, paired: boolean) => void
  /** Its host ended by itself. */
  readonly ended: (id: HostId, why: Effect.Success<LiveContact["ended"]>) => Effect.Effect<void>
  /** It was used, opened, or fell asleep. */
  readonly turned: (one: Sleeper) => void
  /** Nothing more will come of it. */
  readonly over: (one: Sleeper) => void
}

/** A display name that fits; for what peers and invites claim as well as for our own. */
export const isName = (name: string, maxBytes: number): boolean =>
  utf8(name).length <= maxBytes && fromUtf8(utf8(name)) === name
