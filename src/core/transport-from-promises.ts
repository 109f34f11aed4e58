/**
 * A transport written with promises and callbacks, made into the Transport port: what a user needs to bring their own
 * network, without knowing Effect. Docs: architecture.md, "Ports".
 */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import {
  type Address,
  type Link,
  LinkClosed,
  type Listener,
  MAX_LINK_FRAME,
  type Path,
  type Transport,
  Unreachable,
} from "./transport.ts"

/** One open connection to a peer, seen from one end. */
export interface PlainLink {
  /** Hands over one frame. Resolves when more may be sent; a rejection ends the link. */
  readonly send: (frame: Uint8Array) => void | Promise<void>
  /** Ends the connection for both. Called once at most, also after `events.closed`. */
  readonly close: () => void
  /** 32 bytes that both ends know of an authenticated channel beneath, if there is one. */
  readonly binding?: Uint8Array
  /** What is known of the way that frames take. Left out: unknown. */
  readonly path?: () => Path | Promise<Path>
}

/** What a link tells. The transport calls these; they never throw, and copy what they are given. */
export interface LinkEvents {
  /** A frame has come. */
  readonly frame: (frame: Uint8Array) => void
  /** The link is gone, whoever ended it. Once. */
  readonly closed: () => void
}

/** A place at which peers can reach us. */
export interface PlainListener {
  /** Where peers find us from now on. */
  readonly address: Uint8Array
  /** Resolves when peers do not find us any more. */
  readonly close: () => void | Promise<void>
  /** Whether peers can find us now, by which service. Left out: there is no service. */
  readonly service?: () => { readonly reachable: boolean; readonly name: string }
}

/** How peers are reached, with promises and callbacks: see `Transport`. */
export interface PlainTransport {
  /** Names it in invites and addresses. At most 16 bytes of UTF-8. */
  readonly kind: string
  /**
   * Listens at a fresh random address, or at an earlier one. For each peer that connects `accept` is given what makes the
   * link out of its events.
   */
  readonly listen: (
    earlier: Uint8Array | undefined,
    accept: (open: (events: LinkEvents) => PlainLink) => void,
  ) => Promise<PlainListener>
  /** Connects to a peer's address. `signal` tells that nobody waits any longer. */
  readonly connect: (at: Uint8Array, events: LinkEvents, signal: AbortSignal) => Promise<PlainLink>
  /** The services that `connect` would contact; undefined for bytes that are no address. Default: none, for any bytes. */
  readonly services?: (at: Uint8Array) => ReadonlyArray<string> | undefined
}

/** Frames or links that arrived and nobody has taken. More are lost: frames 4 MiB at most. */
const MAX_FRAMES = 256
const MAX_LINKS = 16

/** A link from its plain form, for connections that come about without a transport. It ends when it is closed. */
export const defineLink = (open: (events: LinkEvents) => PlainLink): Link => {
  const receiving = new Receiving(() => {})
  return receiving.over(open(receiving.events))
}

/**
 * Rejections of `listen` and `connect` become `Unreachable`: with the reason of the error where it is an `Unreachable`,
 * otherwise `service` and `absent`.
 */
export const defineTransport = (plain: PlainTransport): Transport => {
  const { kind } = plain
  const services = ({ at, kind: of }: Address) =>
    of !== kind ? undefined : plain.services === undefined ? [] : plain.services(at.slice())

  const listen = Effect.fnUntraced(function* (earlier?: Address): Effect.fn.Return<Listener, Unreachable, Scope.Scope> {
    if (earlier !== undefined && services(earlier) === undefined) return yield* new Unreachable({ reason: "invalid" })
    const arrived = yield* Effect.acquireRelease(Queue.dropping<Link>(MAX_LINKS), Queue.shutdown)
    const open = new Set<Receiving>()
    let over = false
    const accept = (make: (events: LinkEvents) => PlainLink) => {
      if (over || Queue.isFullUnsafe(arrived)) return make(DEAF).close()
      const receiving = new Receiving(() => open.delete(receiving))
      open.add(receiving)
      Queue.offerUnsafe(arrived, receiving.over(make(receiving.events)))
    }
    const listener = yield* Effect.acquireRelease(
      attempt("service", () => plain.listen(earlier?.at.slice(), accept)),
      (listener) =>
        Effect.promise(async () => {
          over = true
          for (const receiving of open) receiving.end()
          await listener.close()
        }),
      { interruptible: true },
    )
    return {
      address: { kind, at: listener.address.slice() },
      accept: Queue.take(arrived),
      service: Effect.sync(() => listener.service?.()),
    }
  })

  const connect = Effect.fnUntraced(function* (address: Address): Effect.fn.Return<Link, Unreachable, Scope.Scope> {
    if (services(address) === undefined) return yield* new Unreachable({ reason: "invalid" })
    const receiving = new Receiving(() => {})
    return yield* Effect.acquireRelease(
      attempt("absent", (signal) => plain.connect(address.at.slice(), receiving.events, signal)).pipe(
        Effect.map((link) => receiving.over(link)),
      ),
      (link) => link.close,
      { interruptible: true },
    )
  })

  return { kind, listen, connect, services }
}

const attempt = <A extends { readonly close: () => unknown }>(
  reason: Unreachable["reason"],
  run: (signal: AbortSignal) => Promise<A>,
) =>
  Effect.tryPromise({
    try: async (signal) => {
      const made = await run(signal)
      if (signal.aborted) made.close()
      return made
    },
    catch: (cause) => (cause instanceof Unreachable ? cause : new Unreachable({ reason, cause })),
  })

const DEAF: LinkEvents = { frame: () => {}, closed: () => {} }

/** The end of a link that hears: made before the link, because it may speak at once. */
class Receiving {
  private readonly arrived = Effect.runSync(Queue.dropping<Uint8Array, LinkClosed>(MAX_FRAMES))
  private readonly gone = Deferred.makeUnsafe<void>()
  private readonly forget: () => void
  private link: PlainLink | undefined

  constructor(forget: () => void) {
    this.forget = forget
  }

  readonly events: LinkEvents = {
    frame: (frame) => {
      if (frame.length >= 1 && frame.length <= MAX_LINK_FRAME) Queue.offerUnsafe(this.arrived, frame.slice())
    },
    closed: () => this.end(),
  }

  readonly end = (): void => {
    if (!Deferred.doneUnsafe(this.gone, Exit.void)) return
    Queue.failCauseUnsafe(this.arrived, Cause.fail(new LinkClosed()))
    this.forget()
    this.link?.close()
  }

  over(link: PlainLink): Link {
    if (Deferred.isDoneUnsafe(this.gone)) link.close()
    else this.link = link
    const closed = Deferred.await(this.gone)
    const path = Effect.tryPromise(async () => (await link.path?.()) ?? UNKNOWN)
    return {
      send: (frame) => this.send(link, frame, closed),
      receive: Queue.take(this.arrived),
      binding: link.binding?.slice(),
      path: Effect.orElseSucceed(path, () => UNKNOWN),
      closed,
      close: Effect.sync(this.end),
    }
  }

  private send(link: PlainLink, frame: Uint8Array, closed: Effect.Effect<void>): Effect.Effect<void, LinkClosed> {
    return Effect.suspend(() => {
      if (frame.length < 1 || frame.length > MAX_LINK_FRAME) return Effect.die(new RangeError("not a link frame"))
      if (Deferred.isDoneUnsafe(this.gone)) return Effect.fail(new LinkClosed())
      return Effect.tryPromise(async () => link.send(frame.slice())).pipe(
        Effect.catch(() => Effect.andThen(Effect.sync(this.end), Effect.fail(new LinkClosed()))),
        Effect.raceFirst(Effect.andThen(closed, Effect.fail(new LinkClosed()))),
      )
    })
  }
}

const UNKNOWN: Path = { kind: "unknown" }
