/**
 * When the runtime has nothing better to do: a browser says it (`requestIdleCallback`); elsewhere it is a turn that came when it was
 * asked for. Nothing here keeps a process alive. Docs: architecture.md, "Keys made ahead".
 */
import * as Effect from "effect/Effect"

interface Runtime {
  readonly requestIdleCallback?: (fn: () => void) => number
  readonly cancelIdleCallback?: (handle: number) => void
}

/** A turn that is this late had others before it. In milliseconds. */
const LATE = 10
/** After a late one it is tried again. In milliseconds. */
const AGAIN = 100

const runtime = globalThis as Runtime

/** A timer for which no process stays. Returns the way out. */
const later = (ms: number, fn: () => void): (() => void) => {
  const timer = setTimeout(fn, ms) as ReturnType<typeof setTimeout> & { readonly unref?: () => void }
  timer.unref?.()
  return () => clearTimeout(timer)
}

/** Completes after so many milliseconds, at the first moment that is idle. */
export const idle = (after: number): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    let cancel = () => {}
    const done = () => resume(Effect.void)
    const look = () => {
      if (runtime.requestIdleCallback !== undefined) {
        const handle = runtime.requestIdleCallback(done)
        cancel = () => runtime.cancelIdleCallback?.(handle)
        return
      }
      const asked = performance.now()
      cancel = later(0, () => {
        if (performance.now() - asked < LATE) return done()
        cancel = later(AGAIN, look)
      })
    }
    cancel = after > 0 ? later(after, look) : () => {}
    if (after <= 0) look()
    return Effect.sync(() => cancel())
  })
