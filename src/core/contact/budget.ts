/**
 * How much work one link can make us do with frames that do not open. Anybody on a link can send such frames; each costs a
 * few hundred microseconds before it is refused. Docs: protocol.md, "Limits".
 */

/** Frames that may fail one after the other: more than a full window of repetitions. */
export const BUDGET = 256
/** What comes back each second. */
export const REFILL = 16

export interface Budget {
  /** Whether one more frame may be tried. `now` in milliseconds. */
  readonly spend: (now: number) => boolean
  /** A frame opened: its sender is genuine, and what it was given is given back. */
  readonly earn: () => void
}

export const makeBudget = (): Budget => {
  let left = BUDGET
  let since = 0
  return {
    spend: (now) => {
      left = Math.min(BUDGET, left + (Math.max(0, now - since) / 1_000) * REFILL)
      since = now
      if (left < 1) return false
      left -= 1
      return true
    },
    earn: () => {
      left = BUDGET
    },
  }
}
