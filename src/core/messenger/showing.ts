/** Two small helpers of what is shown: transitions for whoever inspects, and lists that are made anew once for many changes. */
import type { InspectedTransition } from "./values.ts"

/** Those who want to see every transition. */
export const makeInspectors = () => {
  const inspectors = new Set<(transition: InspectedTransition) => void>()
  return {
    inspected: (transition: InspectedTransition): void => {
      for (const inspector of [...inspectors]) inspector(transition)
    },
    inspect: (fn: (transition: InspectedTransition) => void): (() => void) => {
      const inspector = (transition: InspectedTransition) => fn(transition)
      inspectors.add(inspector)
      return () => void inspectors.delete(inspector)
    },
  }
}

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
