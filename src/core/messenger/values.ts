/**
 * What the engine shows: the plain values of the public face. Promises and async iterables are added by index.ts, Effects
 * and Streams by effect.ts; these are the same in both. Docs: docs/architecture.md, "The face".
 */
import type { StateValue } from "xstate"
import type { Transition } from "../host/transition.ts"
import type { LayerView } from "../layers/layer.ts"
import type { Observable } from "../observable.ts"

/** `"10 minutes"`, `"2 hours"`, `"7 days"`, or milliseconds. */
export type Duration = number | `${number} ${"second" | "minute" | "hour" | "day"}${"" | "s"}`

export type MessengerStatus = "locked" | "ready" | "elsewhere" | "closed"

/** What a person can turn off. */
export interface Settings {
  /** Tell contacts that their messages were read. */
  readonly readReceipts: boolean
  /** Tell contacts that one is writing. */
  readonly typingNotices: boolean
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
  readonly failure?: "expired" | "cancelled"
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
  readonly state: Observable<DeliveryState> | undefined
  /** How many of the sender's messages are missing before this one. */
  readonly gap: number
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
