/**
 * The mailbox of a host: bounded for what comes from outside, always open for what the host owes itself (performed
 * commands and the alarm). Docs: architecture.md, "One pipeline".
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"

/** Four turns' worth of events: a peer that sends faster than a device can open is a peer whose frames are lost. */
export const MAX_MAILBOX = 1_024

/** Attached bytes, in all: 256 link frames of the largest size, a whole turn of them. */
export const MAX_MAILBOX_BYTES = 4 * 1024 * 1024

/** Something that takes room. */
export interface Weighed {
  readonly bytes: number
}

export interface Mailbox<P extends Weighed, E> {
  /** Puts a post in, unless there is no room; false if it was dropped. */
  readonly offer: (post: P) => boolean
  /** Puts a post in as soon as there is room, before all later offers. */
  readonly enqueue: (post: P) => void
  /** Takes back a post that still waits for room. */
  readonly withdraw: (post: P) => void
  /** Puts a post in, whatever the room. */
  readonly push: (post: P) => void
  /** At least one post, at most `max`, in order. Fails once the mailbox has ended and is empty. */
  readonly take: (max: number) => Effect.Effect<ReadonlyArray<P>, E>
  readonly end: (cause: Cause.Cause<E>) => void
  readonly shutdown: Effect.Effect<void>
  readonly isEmpty: () => boolean
  /** How many posts were dropped for want of room. */
  readonly dropped: () => number
}

export const makeMailbox = Effect.fnUntraced(function* <P extends Weighed, E>(): Effect.fn.Return<Mailbox<P, E>> {
  const queue = yield* Queue.unbounded<P, E>()
  const waiting: Array<P> = []
  let held = 0
  let bytes = 0
  let dropped = 0

  const hasRoom = () => held < MAX_MAILBOX && bytes < MAX_MAILBOX_BYTES
  const push = (post: P): boolean => {
    if (!Queue.offerUnsafe(queue, post)) return false // it has ended
    held += 1
    bytes += post.bytes
    return true
  }
  const taken = (posts: ReadonlyArray<P>) => {
    for (const post of posts) {
      held -= 1
      bytes -= post.bytes
    }
    while (waiting.length > 0 && hasRoom()) push(waiting.shift()!)
  }

  return {
    offer: (post) => {
      if (hasRoom()) return push(post)
      dropped += 1
      return false
    },
    enqueue: (post) => {
      if (hasRoom()) push(post)
      else waiting.push(post)
    },
    withdraw: (post) => {
      const index = waiting.indexOf(post)
      if (index >= 0) waiting.splice(index, 1)
    },
    push: (post) => void push(post),
    take: (max) => Effect.tap(Queue.takeBetween(queue, 1, max), (posts) => Effect.sync(() => taken(posts))),
    end: (cause) => void Queue.failCauseUnsafe(queue, cause),
    shutdown: Effect.asVoid(Queue.shutdown(queue)),
    isEmpty: () => held === 0 && waiting.length === 0,
    dropped: () => dropped,
  }
})
