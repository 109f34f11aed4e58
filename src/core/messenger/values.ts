/**
 * What the engine shows: the plain values of the public face. Promises and async iterables are added by index.ts, Effects
 * and Streams by effect.ts; these are the same in both. Docs: docs/architecture.md, "The face".
 */
import type { StateValue } from "xstate"
import type { HealingReason } from "../../machines/standing.ts"
import type { Transition } from "../host/transition.ts"
import type { LayerView } from "../layers/layer.ts"
import type { Observable } from "../observable.ts"
import type { UnavailableReason } from "../store.ts"
import type { VaultState } from "../vault/keeper.ts"
import type { MethodView } from "../vault/vault.ts"

/** A way to unlock a vault, for a person to choose from. */
export type UnlockMethod = MethodView

/** `"10 minutes"`, `"2 hours"`, `"7 days"`, or milliseconds. */
export type Duration = number | `${number} ${"second" | "minute" | "hour" | "day"}${"" | "s"}`

/**
 * `locked`: the storage is closed, by `lock` or because it was not unlocked yet; `elsewhere`: another tab or process has it, and
 * we open it when that one goes; `closed`: for good. Only in `ready` can anything be asked.
 */
export type MessengerStatus = "locked" | "ready" | "elsewhere" | "closed"

/** What a person can turn off. */
export interface Settings {
  /** Tell contacts that their messages were read. */
  readonly readReceipts: boolean
  /** Tell contacts that one is writing. */
  readonly typingNotices: boolean
  /** Lock after so long without `vault.userActive()`, in milliseconds; null: never. Only where the storage is sealed. */
  readonly autoLock: number | null
}

/**
 * `none`: the storage is not sealed; `uninitialised`: nothing has been made yet, the first unlock makes it; `delayed`: too many
 * wrong tries, see `retryAt`.
 */
export interface VaultView {
  /** Where the vault is in its life. */
  readonly state: "none" | VaultState
  /** Wrong tries in a row. */
  readonly wrong: number
  /** When the next try may be made, in milliseconds of the wall clock; while `delayed` only. */
  readonly retryAt?: number
  /** The ways to unlock, known while locked as well. */
  readonly methods: ReadonlyArray<UnlockMethod>
}

/** How the storage is doing, as far as it and the runtime tell. */
export interface StorageHealth {
  /** What kind of storage, such as `indexeddb`. */
  readonly kind: string
  /** Whether what is kept survives this process. */
  readonly durable: boolean
  /** Whether the browser promised not to clear it when space runs low. Left out: not known yet, or no such promise exists. */
  readonly persisted?: boolean
  /** In bytes; in a browser those of the whole origin. */
  readonly usage?: number
  /** How many bytes there may be in all. */
  readonly quota?: number
}

/** A transition, and whose it is. */
export interface InspectedTransition extends Transition {
  /** "" for the vault's machine, which is nobody's. */
  readonly contact: string
  /** Milliseconds of the wall clock at the commit. */
  readonly at: number
}

/** A frame of a link, as it was carried: up to 16,384 bytes. */
export interface InspectedFrame {
  /** Whose link it was. */
  readonly contact: string
  /** Whether it left or came. */
  readonly way: "out" | "in"
  /** Sealed, or of a handshake. Not to be changed, nor kept beyond the call: copy what is needed. */
  readonly bytes: Uint8Array
  /** Milliseconds of the wall clock. */
  readonly at: number
}

/** How an invite is made. */
export interface InviteOptions {
  /** Default: 10 minutes; at most 30 days. */
  readonly expiresIn?: Duration
  /** Our name goes into the invite, unless this is false. It is a claim that nothing proves. */
  readonly withName?: boolean
  /** Which transports to meet over, by kind. Default: all that can listen. `["manual"]`: by hand, see `offer`. */
  readonly via?: ReadonlyArray<string>
}

/** `joining`: somebody who has the invite is pairing. The last three are ends. */
export type InviteState = "waiting" | "joining" | "used" | "expired" | "cancelled"

/** A code for a transport by hand: to be sent as text, or shown. */
export interface HandCode {
  /** The code as text; white space in it does not matter. */
  readonly text: string
  /** An SVG of the text as a QR code. */
  readonly qr: () => string
}

/** What an invite says, before anything is contacted. */
export interface InvitePreview {
  /** What the inviter calls themselves. Unproven. */
  readonly claimedName: string | undefined
  /** Milliseconds of the wall clock. */
  readonly expiresAt: number
  /** The services that `accept` would contact, such as `broker.example:9000`. Empty: by hand. */
  readonly services: ReadonlyArray<string>
  /** Whether it wants, or allows, codes that people carry: see `Contact.reply`. */
  readonly byHand: boolean
}

/** The way to a contact, for a person. */
export interface Connection {
  /** `relayed`: over a TURN server. `offline`: not looking right now; see `link` and `nextAttempt`. */
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

/**
 * The five steps of pairing, as a person follows them: finding the peer, opening a path, exchanging keys, agreeing the four
 * layers, done.
 */
export type PairingStep = "find" | "path" | "keys" | "layers" | "ready"

/** How pairing and the session stand, for a person. */
export interface Session {
  /**
   * `healing`: keys are being agreed anew, by themselves; what is written waits. `paused`: the peer's identity changed, and
   * nothing is sent until our user has decided. `replaced`: another copy of this state agreed keys with the peer; this one is
   * silent, what is written waits, and only `reclaim` goes on with it.
   */
  readonly state: "handshaking" | "established" | "healing" | "replaced" | "paused" | "failed" | "blocked"
  /** How far pairing has come. */
  readonly step: PairingStep
  /** Why it failed. */
  readonly failure?: "expired" | "cancelled"
  /** From the innermost to the outermost; empty until there are keys. */
  readonly layers: ReadonlyArray<LayerView>
  /** Turns of the KEM ratchet so far. */
  readonly epoch: number
  /** Messages of ours that the peer has not acknowledged. */
  readonly waiting: number
}

/** A machine of a contact as it stands, for "Look inside". */
export interface MachineView {
  /** Which statechart. */
  readonly machine: string
  /** Which instance, such as `delivery/17`. */
  readonly id: string
  /** Where it stands. */
  readonly state: StateValue
  /** Ids and counters; never keys or messages. */
  readonly context: unknown
  /** Milliseconds of the wall clock at its last transition in this process, if there was one. */
  readonly since?: number
}

/** What two people compare to know that nobody stands between them. */
export interface SafetyNumber {
  /** 60 digits in groups of five. */
  readonly digits: string
  /** An SVG of the code that the other side's app compares with. */
  readonly qr: () => string
  /** Whether a scanned code (its text) belongs to the same two identities. */
  readonly matches: (scanned: string) => boolean
}

/**
 * `queued`: durable here; `sent`: handed to a link; `delivered`: durable there; `read`: the peer's user saw it, and lets it be
 * told. `failed` and `expired` will not arrive.
 */
export type DeliveryState = "queued" | "sent" | "delivered" | "read" | "failed" | "expired"

/** Messages disappear so long after they were read, or after they were sent. */
export interface DisappearingTimer {
  /** Milliseconds. */
  readonly after: number
  /** From being read, or from being sent. */
  readonly from: "reading" | "sending"
}

/** One side's reaction to a message. */
export interface Reaction {
  /** "me", or the contact's id. */
  readonly from: string
  /** One emoji; what this runtime cannot show it may show as several. */
  readonly emoji: string
}

/** One entry of a conversation. */
export interface Message {
  /** 16 random bytes in hexadecimal, the same on both sides. */
  readonly id: string
  /** `notice`: no message, but a line, see `notice`. `timer`: no message, but a line: who it is from set disappearing messages to `timer`, or off. */
  readonly kind: "text" | "timer" | "notice"
  /** Of a notice: why keys were agreed anew here; or `replaced`, see `Session.state`. */
  readonly notice?: HealingReason | "replaced"
  /** Its place in the conversation: opaque, for `messages`, `history` and `markRead`. */
  readonly cursor: string
  /** "me", or the contact's id. */
  readonly from: string
  /** The sender's clock, in milliseconds. */
  readonly at: number
  /** Empty when it was deleted, or expired before it was delivered. */
  readonly text: string
  /** The id of the message that it answers; that one may be gone. */
  readonly replyTo: string | undefined
  /** Whether the text is another than at first. */
  readonly edited: boolean
  /** Its sender deleted it for everyone. */
  readonly deleted: boolean
  /** At most one of each side. */
  readonly reactions: ReadonlyArray<Reaction>
  /** Absent: it stays. */
  readonly timer: DisappearingTimer | undefined
  /** When it disappears, in milliseconds of the wall clock, once that is counted. */
  readonly expiresAt: number | undefined
  /** Own messages only. */
  readonly state: Observable<DeliveryState> | undefined
  /** How many of the sender's messages are missing before this one. */
  readonly gap: number
}

/**
 * What became of an entry after it was first told of: it is another now, or it is gone (deleted here, disappeared). `reset`:
 * so much has changed that the conversation is better read again.
 */
export type MessageChange =
  | { readonly type: "changed"; readonly message: Message }
  | { readonly type: "removed"; readonly cursor: string }
  | { readonly type: "reset" }

/** Everything worth telling a person. */
export type MessengerEvent =
  /** Nothing that is said will survive this process. */
  | { readonly type: "storageNotDurable" }
  /** What is kept can be read by whoever gets at the disk: there is no `unlock`. */
  | { readonly type: "storageNotSealed" }
  | { readonly type: "paired"; readonly contact: string }
  | { readonly type: "pairingFailed"; readonly contact: string; readonly reason: NonNullable<Session["failure"]> }
  | { readonly type: "messageArrived"; readonly contact: string; readonly message: Message }
  | { readonly type: "identityChanged"; readonly contact: string }
  /** Keys were agreed anew with a contact, and the conversation goes on: see `Message.notice`. */
  | { readonly type: "healed"; readonly contact: string; readonly reason: HealingReason }
  /**
   * One side's state is an old one that was put back, or a second copy of it is in use, here or there. Nothing more is sealed
   * with it; new keys are being agreed. If nobody restored anything, somebody may have copied a device.
   */
  | { readonly type: "cloneDetected"; readonly contact: string }
  /** Another copy of this state took our place with a contact, and this one is silent: see `Session.state`. */
  | { readonly type: "replaced"; readonly contact: string }
  /** A broker, as host:port, does not answer: peers cannot find us there. */
  | { readonly type: "serviceUnreachable"; readonly service: string }
  | { readonly type: "serviceReachable"; readonly service: string }
  /** Somebody tried to pair and was refused: of another version or with other layers, or not genuine at all. */
  | { readonly type: "handshakeRefused"; readonly contact: string; readonly reason: "version" | "suites" | "invalid" }
  /** A long message's fragments were given up: too many at once, or some that contradict each other. It is sent again. */
  | { readonly type: "reassemblyDropped"; readonly contact: string }
  /** The browser may clear the storage when space runs low: it was asked to promise otherwise, and did not. */
  | { readonly type: "storageNotPersisted" }
  /** The storage failed under way, or when it was to be opened after waiting for it. Nothing that was accepted is lost by us. */
  | { readonly type: "storageFailed"; readonly reason: Exclude<UnavailableReason, "elsewhere"> }
  /**
   * The storage failed, or a defect was found: the messenger has closed itself. Or it was taken over, and is `elsewhere`: it
   * has dropped everything and opens again when the other has gone. Nothing accepted is lost.
   */
  | { readonly type: "stopped"; readonly reason: "storage" | "elsewhere" | "defect" }
