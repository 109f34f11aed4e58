/** Two small helpers of what is shown: transitions for whoever inspects, and lists that are made anew once for many changes. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { InspectedFrame, InspectedTransition } from "./values.ts"

/** Those who want to see every transition. */
export const makeInspectors = Effect.map(Clock.Clock, (clock) => {
  const inspectors = new Set<(transition: InspectedTransition) => void>()
  const watchers = new Set<(frame: InspectedFrame) => void>()
  return {
    /** Cheap while nobody looks. */
    carried: (frame: Omit<InspectedFrame, "at">): void => {
      if (watchers.size === 0) return
      const seen = { ...frame, at: clock.currentTimeMillisUnsafe() }
      for (const watcher of [...watchers]) watcher(seen)
    },
    inspectFrames: (fn: (frame: InspectedFrame) => void): (() => void) => {
      const watcher = (frame: InspectedFrame) => fn(frame)
      watchers.add(watcher)
      return () => void watchers.delete(watcher)
    },
    inspected: (transition: InspectedTransition): void => {
      for (const inspector of [...inspectors]) inspector(transition)
    },
    inspect: (fn: (transition: InspectedTransition) => void): (() => void) => {
      const inspector = (transition: InspectedTransition) => fn(transition)
      inspectors.add(inspector)
      return () => void inspectors.delete(inspector)
    },
  }
})

/** Runs once for all calls of one turn of the event loop. */
export const onceForAll = (run: () => void): (() => void) => {
  let waiting = false
  return () => {
    if (waiting) return
    waiting = true
    queueMicrotask(() => {
      waiting = false
      run()
    })
  }
}
