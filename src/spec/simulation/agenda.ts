/**
 * Virtual time: what is due, and when. Nothing happens between two entries, so a run takes as long as its work does, and the
 * same entries always come in the same order. Docs: simulator.md, "Time".
 */

/** Something that time will bring. */
export interface Entry {
  readonly id: number
  /** Milliseconds of virtual time. */
  readonly due: number
  /** What it is, for a view: a frame, a timer, a restart. */
  readonly what: string
  readonly run: () => void
}

export interface Agenda {
  readonly now: () => number
  /** Adds an entry; entries of the same time come in the order in which they were added. Returns its removal. */
  readonly add: (due: number, what: string, run: () => void) => { readonly id: number; readonly cancel: () => void }
  /** The next entry; undefined when nothing is due, ever. */
  readonly next: () => Entry | undefined
  /** Takes the next entry off, moves time to it, and runs it. False without one. */
  readonly step: () => boolean
  /** Moves time on without running anything; never back. */
  readonly passTo: (time: number) => void
  readonly entries: () => ReadonlyArray<Entry>
  /** How often an entry was added or taken: while it stays the same, nothing has come and nothing was begun. */
  readonly changes: () => number
}

export const makeAgenda = (start: number): Agenda => {
  let now = start
  let count = 0
  let steps = 0
  /** In descending order, so that the next one is the last. */
  const entries: Array<Entry> = []
  return {
    now: () => now,
    add: (due, what, run) => {
      const entry: Entry = { id: ++count, due: Math.max(due, now), what, run }
      let low = 0
      let high = entries.length
      while (low < high) {
        const middle = (low + high) >>> 1
        if (entries[middle]!.due > entry.due) low = middle + 1
        else high = middle
      }
      entries.splice(low, 0, entry)
      return {
        id: entry.id,
        cancel: () => {
          const index = entries.indexOf(entry)
          if (index >= 0) entries.splice(index, 1)
        },
      }
    },
    next: () => entries.at(-1),
    step: () => {
      const entry = entries.pop()
      if (entry === undefined) return false
      steps += 1
      now = Math.max(now, entry.due)
      entry.run()
      return true
    },
    passTo: (time) => {
      now = Math.max(now, time)
    },
    entries: () => entries.toReversed(),
    changes: () => count + steps,
  }
}
