/**
 * What must hold of a conversation after one side crashed again and again: the judge of the tests that kill processes and crash
 * tabs. Pure, so that it can be seen to catch what it is for. Docs: simulator.md, "Real crashes".
 */

/** A message of the side that crashed, as the other side shows it. Its text is a name and a number: `life7 12`. */
export interface Kept {
  readonly id: string
  readonly text: string
  readonly gap: number
}

export interface Ended {
  /** Ids of what the side that stayed wrote, in order. */
  readonly written: ReadonlyArray<string>
  /** Ids of the same as the side that crashed shows them, or, where only this side can be asked, as it says that they are had. */
  readonly arrived: ReadonlyArray<string>
  /** Ids that the side that crashed had said it accepted. */
  readonly accepted: ReadonlySet<string>
  /** Ids of what the side that crashed shows as its own, in order; left out where it cannot be asked any more. */
  readonly own?: ReadonlyArray<string>
  /** What the side that stayed shows of it, in order. */
  readonly shown: ReadonlyArray<Kept>
}

const unequal = (a: ReadonlyArray<string>, b: ReadonlyArray<string>) =>
  a.length !== b.length || a.some((one, i) => one !== b[i])

/** What was lost, doubled or put out of order; empty where nothing was. */
export const faultsOf = ({ accepted, arrived, own, shown, written }: Ended): ReadonlyArray<string> => {
  const faults: Array<string> = []
  const ids = shown.map(({ id }) => id)
  const here = new Set(ids)
  if (unequal(written, arrived)) faults.push("what the one that stayed wrote is not there once, in order")
  if (here.size !== ids.length) faults.push("something is shown twice")
  for (const id of accepted) if (!here.has(id)) faults.push(`lost: ${id} was accepted`)
  if (own !== undefined && unequal(own, ids)) faults.push("what the one that crashed wrote is not here once, in order")
  if (shown.some(({ gap }) => gap !== 0)) faults.push("a gap is shown")
  const last = new Map<string, number>()
  for (const { text } of shown) {
    const [name = "", number = ""] = text.split(" ")
    if (Number(number) <= (last.get(name) ?? -1)) faults.push(`out of order: ${text}`)
    last.set(name, Number(number))
  }
  return faults
}
