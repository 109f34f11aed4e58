/**
 * A transport with a hand on its links: what is sent and what arrives can be seen, altered, held back, and made up. What an
 * attacker on the path can do, and nothing more. Docs: protocol.md, "Links".
 */

import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import { decodeFrame, type Frame } from "../../src/core/frame.ts"
import { type Link, LinkClosed, type Transport } from "../../src/core/transport.ts"

/** What becomes of a frame: these go on in its place. */
export type Hand = (frame: Uint8Array, link: TappedLink) => ReadonlyArray<Uint8Array>

export interface TappedLink {
  readonly dialed: boolean
  /** To this side, as if the peer had sent it. */
  readonly deliver: (frame: Uint8Array) => void
  /** To the peer, as if this side had sent it. */
  readonly send: (frame: Uint8Array) => void
  readonly close: () => void
  readonly isOpen: () => boolean
  readonly binding: Uint8Array | undefined
}

export interface Seen {
  readonly frame: Uint8Array
  readonly kind: Frame["kind"] | undefined
  readonly link: TappedLink
}

export interface Tap extends Transport {
  /** Everything that this side sent, and everything that reached it, in order. */
  readonly sent: ReadonlyArray<Seen>
  readonly arrived: ReadonlyArray<Seen>
  readonly links: ReadonlyArray<TappedLink>
  /** Replaced at will. Default: everything goes on as it is. */
  outgoing: Hand
  incoming: Hand
  /** What this side takes for the channel binding of a new link. */
  binding: (genuine: Uint8Array | undefined) => Uint8Array | undefined
  /** How often this side tried to reach somebody. */
  readonly dials: () => number
  /** As when the process dies: its links and addresses are gone, and nobody told it. */
  readonly kill: () => Promise<void>
}

const asIs: Hand = (frame) => [frame]

export const tapped = (inner: Transport, stir: () => void = () => {}): Tap => {
  const sent: Array<Seen> = []
  const arrived: Array<Seen> = []
  const links: Array<TappedLink> = []
  const listening: Array<Scope.Closeable> = []
  let dials = 0
  let dead = false

  const wrap = Effect.fnUntraced(function* (link: Link, dialed: boolean) {
    const incoming = yield* Queue.unbounded<Uint8Array, LinkClosed>()
    let open = true
    const binding = tap.binding(link.binding)
    const here: TappedLink = {
      dialed,
      binding,
      isOpen: () => open,
      deliver: (frame) => {
        stir()
        Queue.offerUnsafe(incoming, frame.slice())
      },
      send: (frame) => {
        stir()
        Effect.runFork(Effect.ignore(link.send(frame)))
      },
      close: () => {
        stir()
        Effect.runFork(link.close)
      },
    }
    links.push(here)
    const pump = Effect.gen(function* () {
      while (true) {
        const frame = yield* link.receive
        stir()
        arrived.push({ frame, kind: decodeFrame(frame)?.kind, link: here })
        for (const one of tap.incoming(frame, here)) Queue.offerUnsafe(incoming, one)
      }
    })
    Effect.runFork(
      Effect.ensuring(
        Effect.ignore(pump),
        Effect.sync(() => {
          open = false
          stir()
          Queue.failCauseUnsafe(incoming, Cause.fail(new LinkClosed()))
        }),
      ),
    )
    return {
      ...link,
      binding,
      receive: Queue.take(incoming),
      send: Effect.fnUntraced(function* (frame: Uint8Array) {
        stir()
        sent.push({ frame: frame.slice(), kind: decodeFrame(frame)?.kind, link: here })
        for (const one of tap.outgoing(frame, here)) yield* link.send(one)
      }),
    } satisfies Link
  })

  const tap: Tap = {
    kind: inner.kind,
    services: inner.services,
    sent,
    arrived,
    links,
    outgoing: asIs,
    incoming: asIs,
    binding: (genuine) => genuine,
    dials: () => dials,
    kill: async () => {
      dead = true
      for (const scope of listening.splice(0)) await Effect.runPromise(Scope.close(scope, Exit.void))
      for (const { close } of links) close()
    },
    listen: Effect.fnUntraced(function* (address) {
      if (dead) return yield* Effect.never
      const within = yield* Scope.fork(yield* Effect.scope)
      listening.push(within)
      const listener = yield* Scope.provide(inner.listen(address), within)
      return { ...listener, accept: Effect.flatMap(listener.accept, (link) => wrap(link, false)) }
    }),
    connect: (address, onFound) =>
      Effect.suspend(() => {
        if (dead) return Effect.never
        dials++
        return Effect.flatMap(inner.connect(address, onFound), (link) => wrap(link, true))
      }),
  }
  return tap
}
