/** The tabs of each profile of a simulation: one of them has the storage, the others wait for it. Docs: simulator.md, "Crashes". */
import { type Life, statusOf } from "./peer.ts"

export interface Tabs {
  /** Those that live, in the order in which they were opened. */
  readonly of: (peer: string) => ReadonlyArray<Life>
  readonly all: () => ReadonlyArray<Life>
  /** The one that can be used; where there is none, the newest. */
  readonly life: (peer: string) => Life | undefined
  /** The newest that waits for the storage: another one has it. */
  readonly waiting: (peer: string) => Life | undefined
  /** That one takes it. False: there is none. */
  readonly takeBack: (peer: string) => boolean
  readonly add: (peer: string, life: Life) => void
  readonly remove: (peer: string, process: Life["process"]) => void
}

export const makeTabs = (peers: ReadonlyArray<string>): Tabs => {
  const tabs = new Map<string, Array<Life>>(peers.map((peer) => [peer, []]))
  const of = (peer: string) => tabs.get(peer)!
  const waiting = (peer: string) => of(peer).findLast((tab) => statusOf(tab) === "elsewhere")
  return {
    of,
    all: () => [...tabs.values()].flat(),
    life: (peer) => of(peer).find((tab) => statusOf(tab) === "ready") ?? of(peer).at(-1),
    waiting,
    takeBack: (peer) => {
      const tab = waiting(peer)
      if (tab?.engine !== undefined) tab.process.fork(tab.engine.takeOver)
      return tab !== undefined
    },
    add: (peer, life) => void of(peer).push(life),
    remove: (peer, process) =>
      void tabs.set(
        peer,
        of(peer).filter((tab) => tab.process !== process),
      ),
  }
}
