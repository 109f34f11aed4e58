/**
 * What each link may cost us: its own work budget, and its own frames in progress. Anybody who learnt an address can open a
 * link; nothing that comes over it may use up what the peer's own link needs. Docs: protocol.md, "Limits".
 */
import { MAX_IN_PROGRESS, NOTHING_IN_PROGRESS, type Reassembly, reassemble } from "../fragments.ts"
import type { Fragment } from "../frame.ts"
import { type Budget, makeBudget } from "./budget.ts"

/** Frames whose link is remembered until they have opened: more than a full mailbox. */
const MAX_CARRIED = 1_024

interface Inlet {
  readonly budget: Budget
  reassembly: Reassembly
  proven: boolean
}

export interface Inlets {
  /** Whether one more frame of this link may be tried. `now` in milliseconds. */
  readonly spend: (link: string, now: number) => boolean
  /** Remembers which link an event's frame came over. */
  readonly carried: (frame: string, link: string) => void
  /** A frame opened: the link that it came over, which is the peer's own. Undefined if it is not remembered. */
  readonly genuine: (frame: string) => string | undefined
  /** Adds a fragment: the frame that it completed, and how many others had to make way. */
  readonly add: (
    link: string,
    fragment: Fragment,
  ) => { readonly frame: Uint8Array | undefined; readonly dropped: number }
  readonly closed: (link: string) => void
}

export const makeInlets = (): Inlets => {
  const inlets = new Map<string, Inlet>()
  const carriers = new Map<string, string>()

  const at = (link: string): Inlet => {
    const known = inlets.get(link)
    if (known !== undefined) return known
    const inlet = { budget: makeBudget(), reassembly: NOTHING_IN_PROGRESS, proven: false }
    inlets.set(link, inlet)
    return inlet
  }

  /** Who has to make way: a stranger before the peer, and of these whoever has most in progress. */
  const widest = (): Inlet =>
    [...inlets.values()]
      .filter(({ reassembly }) => reassembly.inProgress.length > 0)
      .sort(
        (a, b) =>
          Number(a.proven) - Number(b.proven) || b.reassembly.inProgress.length - a.reassembly.inProgress.length,
      )[0]!

  const inProgress = () => [...inlets.values()].reduce((sum, { reassembly }) => sum + reassembly.inProgress.length, 0)

  return {
    spend: (link, now) => at(link).budget.spend(now),
    carried: (frame, link) => {
      carriers.set(frame, link)
      if (carriers.size > MAX_CARRIED) carriers.delete(carriers.keys().next().value!)
    },
    genuine: (frame) => {
      const link = carriers.get(frame)
      const inlet = link === undefined ? undefined : inlets.get(link)
      if (inlet === undefined) return undefined
      inlet.proven = true
      inlet.budget.earn()
      return link
    },
    add: (link, fragment) => {
      const inlet = at(link)
      const { dropped, frame, reassembly } = reassemble(inlet.reassembly, fragment)
      inlet.reassembly = reassembly
      let lost = dropped.length
      while (inProgress() > MAX_IN_PROGRESS) {
        const victim = widest()
        victim.reassembly = { inProgress: victim.reassembly.inProgress.slice(1) }
        lost++
      }
      return { frame, dropped: lost }
    },
    closed: (link) => void inlets.delete(link),
  }
}
