/**
 * The Transport port: how a frame reaches one peer. A transport authenticates nobody: addresses are routing handles, and
 * everything that matters is decided by the handshake. Docs: architecture.md, "Ports".
 */

import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** A link frame is never longer than this many bytes; the largest that every WebRTC stack sends unfragmented. */
export const MAX_LINK_FRAME = 16 * 1024

/**
 * Where a peer can be met: bytes that only the transport named by `kind` understands (for `peerjs` a broker and a random
 * id). At most 160 bytes, because it travels in an invite.
 */
export interface Address {
  /** Which transport it is of. At most 16 bytes of UTF-8. */
  readonly kind: string
  /** What that transport reads. At most 160 bytes. */
  readonly at: Uint8Array
}

/**
 * Nobody was reached. `service`: the broker itself did not answer, or refuses our address; `absent`: the peer is not there
 * now; `noPath`: it is, but no frames get through; `unsupported`: this runtime lacks what the transport needs; `invalid`: the
 * address or code is not one of this transport.
 */
export class Unreachable extends Data.TaggedError("Unreachable")<{
  /** What was missing. */
  readonly reason: "service" | "absent" | "noPath" | "unsupported" | "invalid"
  /** Which service, in words for a person: a host and port. Never an address of a contact. */
  readonly service?: string
  readonly cause?: unknown
}> {}

/** The link is gone, and stays so. */
export class LinkClosed extends Data.TaggedError("LinkClosed")<Record<never, never>> {}

/** What is known about the way that frames take. */
export interface Path {
  /** Whether frames go from device to device, or over somebody's relay. */
  readonly kind: "direct" | "relayed" | "memory" | "unknown"
  /** Round trip in milliseconds, where the transport knows it. */
  readonly roundTrip?: number
}

/** One open way to a peer. It authenticates nobody. */
export interface Link {
  /**
   * Hands one frame (1 … MAX_LINK_FRAME bytes) to the network. Resolves when the buffer is below its high-water mark;
   * fails with `LinkClosed`, and then always. Frames may be lost, repeated, reordered or damaged.
   */
  readonly send: (frame: Uint8Array) => Effect.Effect<void, LinkClosed>
  /**
   * The next frame, in order of arrival; fails with `LinkClosed` once the link is gone and all arrived frames are taken. One
   * reader at a time; an interrupted read loses nothing. What arrives beyond a bounded queue is lost.
   */
  readonly receive: Effect.Effect<Uint8Array, LinkClosed>
  /**
   * What both ends can compute of the secure channel beneath (both DTLS fingerprints, sorted, hashed to 32 bytes), or
   * undefined where there is none. Equal at both ends unless somebody stands between them.
   */
  readonly binding: Uint8Array | undefined
  /** What is known about the way that frames take. */
  readonly path: Effect.Effect<Path>
  /** Resolves when the link is gone, whoever ended it. */
  readonly closed: Effect.Effect<void>
  /** Ends it for both. */
  readonly close: Effect.Effect<void>
}

/** An address of ours at which peers reach us while the scope is open. */
export interface Listener {
  /** Where peers find us. */
  readonly address: Address
  /**
   * The next link that a peer opened to this address; it lives until it is closed or the listener's scope ends. Never fails:
   * a lost broker is reconnected behind it.
   */
  readonly accept: Effect.Effect<Link>
  /** Whether peers can find us now. `undefined` for a transport without a service. */
  readonly service: Effect.Effect<{ readonly reachable: boolean; readonly name: string } | undefined>
}

/** Who takes links as they come. */
export interface Taker {
  /** A peer opened one. */
  readonly onLink: (link: Link) => void
}

const attending = new WeakMap<Listener["accept"], (by: Taker) => void>()

/**
 * An `accept` that can also hand links over, so that nobody has to wait for them: a fiber that waits takes a kilobyte. Known by the
 * effect itself, and not by the listener: whoever puts another `accept` in its place is not passed by.
 */
export const attendable = (accept: Listener["accept"], attend: (by: Taker) => void): Listener["accept"] => {
  attending.set(accept, attend)
  return accept
}

/** How this `accept` hands links over; undefined: it has to be waited for. To be used once, and `accept` no more. */
export const attendOf = (accept: Listener["accept"]): ((by: Taker) => void) | undefined => attending.get(accept)

/**
 * Reaches peers. What `createMessenger({ transports })` takes: any value of this type. Upheld by
 * `spec/conformance/transport`.
 */
export interface Transport {
  /** Matches `Address.kind`. */
  readonly kind: string
  /**
   * Listens at a fresh random address of at least 128 bits, or again at an earlier one of ours. Resolves when peers can
   * reach it.
   */
  readonly listen: (address?: Address) => Effect.Effect<Listener, Unreachable, Scope.Scope>
  /**
   * Opens a link to a peer's address; the link lives as long as the scope. `onFound` is called when the peer has answered
   * and only the path is missing; a transport that cannot tell never calls it.
   */
  readonly connect: (address: Address, onFound?: () => void) => Effect.Effect<Link, Unreachable, Scope.Scope>
  /** The services (host:port) that `connect` would contact, for a person to see beforehand. Undefined: not an address. */
  readonly services: (address: Address) => ReadonlyArray<string> | undefined
}

/** Our offer, to be carried to the peer by hand. */
export interface HandOffer {
  /** At most `MAX_HAND_CODE` bytes, fit for a QR code. Not secret, but it names our network addresses. */
  readonly code: Uint8Array
  /** Takes the answer that came back; once. The link lives until it is closed or the offer's scope ends. */
  readonly accept: (answer: Uint8Array) => Effect.Effect<Link, Unreachable>
}

/** Our answer to a peer's offer, to be carried back by hand. */
export interface HandAnswer {
  /** At most `MAX_HAND_CODE` bytes. */
  readonly code: Uint8Array
  /** Resolves when the peer took the answer. The link lives until it is closed or the answer's scope ends. */
  readonly link: Effect.Effect<Link, Unreachable>
}

/** A code carried by hand is never longer, so that it fits a QR code beside an invite. */
export const MAX_HAND_CODE = 512

/**
 * Reaches a peer without any service between: two codes are carried by hand, each way one. `createMessenger({ transports })`
 * takes it beside Transports. A code of the peer that is malformed fails with `Unreachable` "invalid".
 */
export interface HandTransport {
  /** Names it in invites and addresses. */
  readonly kind: "manual"
  /** A code to show; the link opens once the other side's answer was taken. */
  readonly offer: Effect.Effect<HandOffer, Unreachable, Scope.Scope>
  /** Answers a code of the other side with one to show back. */
  readonly answer: (offer: Uint8Array) => Effect.Effect<HandAnswer, Unreachable, Scope.Scope>
}
