/** One end of a simulated link: what has arrived, who waits for it, and that it may be over. Docs: core/transport.ts. */
import * as Effect from "effect/Effect"
import { type Link, LinkClosed, MAX_LINK_FRAME } from "../../core/transport.ts"
import type { Process } from "./process.ts"

/** Frames under way in one direction before a sender has to wait. */
const HIGH_WATER = 64
/** Frames that arrived and nobody took; more are lost. */
const MAX_INBOX = 1_024

export interface End {
  readonly process: Process
  readonly inbox: Array<Uint8Array>
  readonly waiting: Set<(effect: Effect.Effect<Uint8Array, LinkClosed>) => void>
  readonly onClosed: Set<() => void>
  /** Senders that wait for the line to be less busy. */
  readonly blocked: Array<() => void>
  underWay: number
  closed: boolean
}

export interface Wire {
  readonly id: number
  readonly ends: readonly [End, End]
}

export const makeEnd = (process: Process): End => ({
  process,
  inbox: [],
  waiting: new Set(),
  onClosed: new Set(),
  blocked: [],
  underWay: 0,
  closed: false,
})

export const take = (end: End, bytes: Uint8Array) => {
  if (end.closed) return
  const [waiting] = end.waiting
  if (waiting !== undefined) {
    end.waiting.delete(waiting)
    return waiting(Effect.succeed(bytes))
  }
  if (end.inbox.length < MAX_INBOX) end.inbox.push(bytes)
}

export const closeEnd = (end: End) => {
  if (end.closed) return
  end.closed = true
  for (const waiting of [...end.waiting]) waiting(new LinkClosed())
  end.waiting.clear()
  for (const act of [...end.onClosed]) act()
  for (const blocked of end.blocked.splice(0)) blocked()
}

/** One end as the port wants it. `hand` puts a frame on the way. */
export const linkOf = (
  end: End,
  options: {
    readonly binding: Uint8Array
    readonly roundTrip: number
    readonly hand: (frame: Uint8Array) => void
    readonly close: () => void
  },
): Link => ({
  send: (frame) =>
    Effect.suspend((): Effect.Effect<void, LinkClosed> => {
      if (frame.length < 1 || frame.length > MAX_LINK_FRAME) return Effect.die(new RangeError("not a link frame"))
      if (end.closed) return new LinkClosed()
      options.hand(frame)
      if (end.underWay < HIGH_WATER) return Effect.void
      return Effect.callback<void, LinkClosed>((resume) => {
        end.blocked.push(() => resume(end.closed ? new LinkClosed() : Effect.void))
      })
    }),
  receive: Effect.suspend(() => {
    const next = end.inbox.shift()
    if (next !== undefined) return Effect.succeed(next)
    if (end.closed) return new LinkClosed()
    return Effect.callback<Uint8Array, LinkClosed>((resume) => {
      end.waiting.add(resume)
      return Effect.sync(() => void end.waiting.delete(resume))
    })
  }),
  binding: options.binding.slice(),
  path: Effect.succeed({ kind: "memory", roundTrip: options.roundTrip }),
  closed: Effect.suspend(() =>
    end.closed
      ? Effect.void
      : Effect.callback<void>((resume) => {
          const act = () => resume(Effect.void)
          end.onClosed.add(act)
          return Effect.sync(() => void end.onClosed.delete(act))
        }),
  ),
  close: Effect.sync(options.close),
})
