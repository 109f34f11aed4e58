/**
 * What became of entries that were told of before. A listener is told which entries are others now, and reads them when it
 * asks: many changes of one entry are one, and what was read is never older than the change. Docs: docs/architecture.md.
 */
import * as Effect from "effect/Effect"
import { cursorOf } from "../contact/records.ts"
import type { SottoError } from "../errors.ts"
import type { Message, MessageChange } from "./values.ts"

/** A listener that is so many entries behind reads the conversation again. */
const MAX_PENDING = 1_024

/** Somebody who listens to what becomes of messages. */
export interface ChangeListener {
  /** The next change; undefined once the contact is gone or the listener has stopped. */
  readonly next: Effect.Effect<MessageChange | undefined, SottoError>
  /** Ends it. */
  readonly stop: () => void
}

export interface Changes {
  /** These entries of the history are others now, or gone. */
  readonly publish: (indices: ReadonlyArray<number>) => void
  readonly listen: () => ChangeListener
  readonly close: () => void
}

export const makeChanges = (read: (index: number) => Effect.Effect<Message | undefined, SottoError>): Changes => {
  const listeners = new Set<{ readonly push: (indices: ReadonlyArray<number>) => void; readonly end: () => void }>()
  let closed = false

  const listen = (): ChangeListener => {
    const pending = new Set<number>()
    let reset = false
    let ended = closed
    let wake: (() => void) | undefined
    const listener = {
      push: (indices: ReadonlyArray<number>) => {
        for (const index of indices) pending.add(index)
        if (pending.size > MAX_PENDING) {
          pending.clear()
          reset = true
        }
        wake?.()
      },
      end: () => {
        ended = true
        listeners.delete(listener)
        wake?.()
      },
    }
    if (!closed) listeners.add(listener)

    const next = Effect.gen(function* (): Effect.fn.Return<MessageChange | undefined, SottoError> {
      while (!ended) {
        if (reset) {
          reset = false
          return { type: "reset" }
        }
        const [index] = pending
        if (index !== undefined) {
          pending.delete(index)
          const message = yield* read(index)
          return message === undefined ? { type: "removed", cursor: cursorOf(index) } : { type: "changed", message }
        }
        yield* Effect.callback<void>((resume) => {
          wake = () => resume(Effect.void)
        })
        wake = undefined
      }
      return undefined
    })
    return { next, stop: listener.end }
  }

  return {
    publish: (indices) => {
      if (indices.length > 0) for (const { push } of listeners) push(indices)
    },
    listen,
    close: () => {
      closed = true
      for (const { end } of [...listeners]) end()
    },
  }
}
