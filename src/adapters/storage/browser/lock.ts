/**
 * One writer among the tabs and workers of an origin, by a Web Lock: the browser frees it when its holder dies, and tells a
 * holder that was robbed. The lock says who may try; that nobody else can write is the fencing number's part.
 * Docs: core/store.ts, "Storage"; Web Locks, https://w3c.github.io/web-locks/.
 */
import { Elsewhere, Unavailable } from "../../../core/store.ts"

export interface Lock {
  /** Resolves when somebody has taken the lock from us, and never otherwise. */
  readonly robbed: Promise<void>
  /** Gives it up; resolves once the next one can have it. */
  readonly release: () => Promise<void>
}

const lockManager = (): LockManager => {
  const { locks } = navigator
  if (locks !== undefined) return locks
  throw new Unavailable({ reason: "denied", cause: new Error("no Web Locks here: the page is not a secure context") })
}

/** Takes the lock of a place. Rejects with `Elsewhere` while somebody has it, unless it is to be taken from them. */
export const lock = async (place: string, robbing: boolean): Promise<Lock> => {
  const granted = Promise.withResolvers<boolean>()
  const held = Promise.withResolvers<void>()
  const robbed = Promise.withResolvers<void>()
  const ended = lockManager()
    .request(place, robbing ? { steal: true } : { ifAvailable: true }, (got) => {
      granted.resolve(got !== null)
      return got === null ? undefined : held.promise
    })
    .catch((error: unknown) => {
      granted.reject(error)
      if (error instanceof DOMException && error.name === "AbortError") robbed.resolve()
    })
  const isOurs = await granted.promise.catch((error: unknown) => {
    throw new Unavailable({ reason: "denied", cause: error })
  })
  if (!isOurs) throw new Elsewhere()
  return {
    robbed: robbed.promise,
    release: async () => {
      held.resolve()
      await ended
    },
  }
}

/** Resolves when nobody has the lock. Many may wait; a shared request does not stand in anybody's way. */
export const free = async (place: string, signal: AbortSignal): Promise<void> => {
  await lockManager().request(place, { mode: "shared", signal }, () => undefined)
}
