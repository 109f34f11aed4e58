/** The stream of events worth telling a person. Every listener has a bounded queue of its own. */
import type { MessengerEvent } from "./values.ts"

/** A listener that is this far behind has stopped listening; what is older is dropped. */
const MAX_QUEUED = 1_024

/** What is worth telling a person, for whoever listens. */
export interface News {
  /** Tells everybody who listens. */
  readonly publish: (event: MessengerEvent) => void
  /** Listens from now on. `next` resolves with the next event, or undefined once the messenger is closed. */
  readonly listen: () => { readonly next: () => Promise<MessengerEvent | undefined>; readonly stop: () => void }
  /** Nobody hears anything any more. */
  readonly close: () => void
}

export const makeNews = (): News => {
  const listeners = new Set<{ readonly push: (event: MessengerEvent) => void; readonly end: () => void }>()
  let closed = false
  return {
    publish: (event) => {
      for (const { push } of listeners) push(event)
    },
    listen: () => {
      const queue: Array<MessengerEvent> = []
      let waiting: ((event: MessengerEvent | undefined) => void) | undefined
      let ended = closed
      const listener = {
        push: (event: MessengerEvent) => {
          if (waiting !== undefined) {
            waiting(event)
            waiting = undefined
            return
          }
          queue.push(event)
          if (queue.length > MAX_QUEUED) queue.shift()
        },
        end: () => {
          ended = true
          listeners.delete(listener)
          waiting?.(undefined)
          waiting = undefined
        },
      }
      if (!ended) listeners.add(listener)
      return {
        next: () => {
          const first = queue.shift()
          if (first !== undefined || ended) return Promise.resolve(first)
          return new Promise((resolve) => {
            waiting = resolve
          })
        },
        stop: listener.end,
      }
    },
    close: () => {
      closed = true
      for (const { end } of [...listeners]) end()
    },
  }
}
