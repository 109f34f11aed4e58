/**
 * The public face, as types: what a user of the SDK holds in their hands. Promises for commands, `Store` for state, async
 * iterables for sequences. `createMessenger` in index.ts makes the values. Docs: README.md, docs/architecture.md.
 */
import type { StateValue } from "xstate"
import type { CryptoService } from "./core/crypto/crypto.ts"
import type { Transition } from "./core/host/transition.ts"
import type { LayerView } from "./core/layers/layer.ts"
import type { Storage } from "./core/store.ts"
import type { HandTransport, Transport } from "./core/transport.ts"

/** A value that changes. `subscribe` calls `fn` with the present value at once and at every change; it returns the way out. */
export interface Store<A> {
  readonly get: () => A
  readonly subscribe: (fn: (value: A) => void) => () => void
}

/** `"10 minutes"`, `"2 hours"`, `"7 days"`, or milliseconds. */
export type Duration = number | `${number} ${"second" | "minute" | "hour" | "day"}${"" | "s"}`

export interface MessengerOptions {
  /** Shown to contacts once paired; changeable; optional. At most 128 bytes of UTF-8. */
  readonly name?: string
  /** Where conversations are kept. Left out: in memory, with a `storageNotDurable` event. */
  readonly storage?: Storage
  /** How peers are reached. At least one. */
  readonly transports: ReadonlyArray<Transport | HandTransport>
  /** What `invite.url` starts with; the invite follows in the fragment. In a browser the page's own address by default. */
  readonly appUrl?: string
  /** Primitives. By default the runtime's own where it has them, otherwise noble. */
  readonly crypto?: CryptoService
}

export type MessengerStatus = "locked" | "ready" | "elsewhere" | "closed"

/** What a person can turn off. */
export interface Settings {
  /** Tell contacts that their messages were read. */
  readonly readReceipts: boolean
  /** Tell contacts that one is writing. */
  readonly typingNotices: boolean
}

export interface Messenger extends AsyncDisposable {
  readonly name: Store<string>
  readonly rename: (name: string) => Promise<void>
  readonly status: Store<MessengerStatus>
  /** Everyone paired or pairing by our `accept`, the most recent conversation first. */
  readonly contacts: Store<ReadonlyArray<Contact>>
  /** Our invites that nobody has used up yet. */
  readonly invites: Store<ReadonlyArray<Invite>>
  readonly settings: Store<Settings>
  readonly configure: (change: Partial<Settings>) => Promise<void>
  readonly invite: (options?: InviteOptions) => Promise<Invite>
  /** What an invite says, before anything is contacted. Rejects with `inviteInvalid`, `inviteExpired` or `inviteNewer`. */
  readonly preview: (textOrUrl: string) => Promise<InvitePreview>
  /** Uses an invite. Resolves once our side is durable; pairing goes on in `contact.session`. */
  readonly accept: (textOrUrl: string) => Promise<Contact>
  /** Everything worth telling a person, from now on. Each iteration has its own, bounded queue. */
  readonly events: AsyncIterable<MessengerEvent>
  /** Every transition of every machine once it is committed. Returns the way out. */
  readonly inspect: (fn: (transition: InspectedTransition) => void) => () => void
  /** Where conversations are kept, for a person. */
  readonly storage: { readonly kind: string; readonly durable: boolean }
  readonly lock: () => Promise<void>
  readonly unlock: () => Promise<void>
  readonly close: () => Promise<void>
}

/** A transition, and whose it is. */
export interface InspectedTransition extends Transition {
  readonly contact: string
  /** Milliseconds of the wall clock at the commit. */
  readonly at: number
}

export interface InviteOptions {
  /** Default: 10 minutes; at most 30 days. */
  readonly expiresIn?: Duration
  /** Our name goes into the invite, unless this is false. It is a claim that nothing proves. */
  readonly withName?: boolean
  /** Which transports to meet over, by kind. Default: all that can listen. `["manual"]`: by hand, see `offer`. */
  readonly via?: ReadonlyArray<string>
}

export type InviteState = "waiting" | "joining" | "used" | "expired" | "cancelled"

export interface Invite {
  readonly id: string
  /** The invite as a link: `appUrl#…`. The part behind `#` never reaches a server. */
  readonly url: string
  /** The invite alone. */
  readonly text: string
  /** An SVG of the link as a QR code. */
  readonly qr: () => string
  readonly expiresAt: number
  readonly state: Store<InviteState>
  /** Resolves when the other side is paired; rejects when the invite ends otherwise. */
  readonly joined: () => Promise<Contact>
  readonly cancel: () => Promise<void>
  /** By hand: the invite with an offer in it, to be shown or sent. A new call makes a new offer. */
  readonly offer: () => Promise<HandCode>
  /** By hand: takes the code that the other side shows. */
  readonly answer: (code: string) => Promise<void>
}

/** A code for a transport by hand. */
export interface HandCode {
  readonly text: string
  readonly qr: () => string
}

export interface InvitePreview {
  /** What the inviter calls themselves. Unproven. */
  readonly claimedName: string | undefined
  readonly expiresAt: number
  /** The services that `accept` would contact, such as `broker.example:9000`. Empty: by hand. */
  readonly services: ReadonlyArray<string>
  readonly byHand: boolean
}

export interface Connection {
  readonly state: "offline" | "connecting" | "direct" | "relayed"
  /** The link machine's state, in its own words. */
  readonly link: string
  /** Round trip in milliseconds, where known. */
  readonly roundTrip?: number
  /** Milliseconds of the wall clock at which the next attempt is due. */
  readonly nextAttempt?: number
  /** The service that could not be reached, as host:port. */
  readonly unreachable?: string
  /** How often the link came back. */
  readonly reconnects: number
}

/** The five steps of pairing, as a person follows them. */
export type PairingStep = "find" | "path" | "keys" | "layers" | "ready"

export interface Session {
  readonly state: "handshaking" | "established" | "paused" | "failed" | "blocked"
  /** How far pairing has come. */
  readonly step: PairingStep
  /** Why it failed. */
  readonly failure?: "expired" | "refused" | "version" | "timeout" | "used"
  readonly layers: ReadonlyArray<LayerView>
  /** Turns of the KEM ratchet so far. */
  readonly epoch: number
  /** Messages of ours that the peer has not acknowledged. */
  readonly waiting: number
}

/** A machine of a contact as it stands, for "Look inside". */
export interface MachineView {
  readonly machine: string
  readonly id: string
  readonly state: StateValue
  readonly context: unknown
  /** Milliseconds of the wall clock at its last transition in this process, if there was one. */
  readonly since?: number
}

export interface SafetyNumber {
  /** 60 digits in groups of five. */
  readonly digits: string
  /** An SVG of the code that the other side's app compares with. */
  readonly qr: () => string
  /** Whether a scanned code (its text) belongs to the same two identities. */
  readonly matches: (scanned: string) => boolean
}

export interface Contact {
  readonly id: string
  /** What they call themselves, or what the invite claimed, or "". */
  readonly name: string
  /** Milliseconds of the wall clock. */
  readonly pairedAt: number | undefined
  readonly connection: Store<Connection>
  readonly session: Store<Session>
  /** Undefined until paired. */
  readonly safetyNumber: SafetyNumber | undefined
  /** When the safety number was compared, in milliseconds of the wall clock. */
  readonly verified: Store<number | undefined>
  readonly typing: Store<boolean>
  readonly unread: Store<number>
  readonly last: Store<Message | undefined>
  /** Every machine of this contact, ratchets included. */
  readonly machines: Store<ReadonlyArray<MachineView>>
  /** Records that the safety number was compared; `verify(false)` takes it back. */
  readonly verify: (matches?: boolean) => Promise<void>
  /** After a changed identity: go on without comparing. Never marks as compared. */
  readonly continueUnverified: () => Promise<void>
  readonly block: () => Promise<void>
  readonly unblock: () => Promise<void>
  /** Erases the contact and the conversation from this device. */
  readonly remove: () => Promise<void>
  /** Resolves once the message is durable on this device; it will arrive when both are online. At most 64 KiB of UTF-8. */
  readonly send: (text: string) => Promise<SentMessage>
  /** History, then live. `after` a cursor; without one from the beginning. */
  readonly messages: (options?: { readonly after?: string }) => AsyncIterable<Message>
  /** A page of history: the `limit` messages before a cursor, in ascending order. */
  readonly history: (options?: { readonly before?: string; readonly limit?: number }) => Promise<ReadonlyArray<Message>>
  /** Everything up to this message has been seen by the user. */
  readonly markRead: (cursor: string) => Promise<void>
  /** Tells the peer that the user is writing; to be called at key strokes, throttled inside. */
  readonly setTyping: (typing: boolean) => void
  /** Tries to reach the peer now. */
  readonly connect: () => Promise<void>
  /** By hand: a code to show, which the other side answers. */
  readonly offer: () => Promise<HandCode>
  /** By hand: answers the other side's code; the result is the code to show back. On accepting an invite it is called without one. */
  readonly reply: (code?: string) => Promise<HandCode>
  /** By hand: takes the answer to `offer`. */
  readonly answer: (code: string) => Promise<void>
}

export type DeliveryState = "queued" | "sent" | "delivered" | "read" | "failed" | "expired"

export interface Message {
  readonly id: string
  readonly cursor: string
  /** "me", or the contact's id. */
  readonly from: string
  /** The sender's clock, in milliseconds. */
  readonly at: number
  readonly text: string
  /** Own messages only. */
  readonly state: Store<DeliveryState> | undefined
  /** How many of the sender's messages are missing before this one. */
  readonly gap: number
}

export interface SentMessage extends Message {
  readonly state: Store<DeliveryState>
  /** Resolves when the message has come that far (or farther); rejects when it failed or expired. */
  readonly until: (state: "sent" | "delivered" | "read") => Promise<void>
}

export type MessengerEvent =
  | { readonly type: "storageNotDurable" }
  | { readonly type: "paired"; readonly contact: string }
  | { readonly type: "pairingFailed"; readonly contact: string; readonly reason: NonNullable<Session["failure"]> }
  | { readonly type: "messageArrived"; readonly contact: string; readonly message: Message }
  | { readonly type: "identityChanged"; readonly contact: string }
  | { readonly type: "serviceUnreachable"; readonly service: string }
  | { readonly type: "serviceReachable"; readonly service: string }
  | { readonly type: "handshakeRefused"; readonly contact: string; readonly reason: "version" | "suites" | "invalid" }
  | { readonly type: "reassemblyDropped"; readonly contact: string }
  | { readonly type: "stopped"; readonly reason: "storage" | "elsewhere" | "defect" }
