/** What a measurement comes to, as it is printed, kept as JSON and drawn. Docs: docs/performance.md, which is made of these. */

/** A median with its quartiles: half of the rounds lay between `low` and `high`. */
export interface Spread {
  readonly median: number
  readonly low: number
  readonly high: number
}

export interface Contender extends Spread {
  readonly name: string
  readonly unit: string
}

/** One figure to reach. `value` is a quotient within a round, or a quantity; reached when it is at most (or at least) `goal`. */
export interface Figure {
  readonly says: string
  readonly unit: string
  readonly value: Spread
  readonly goal?: { readonly atMost: number } | { readonly atLeast: number }
}

export interface Result {
  readonly contenders: ReadonlyArray<Contender>
  readonly figures: ReadonlyArray<Figure>
  /** What has to be said beside the numbers. */
  readonly notes?: ReadonlyArray<string>
}

/** One row of the table: what is measured, against what, and how. */
export interface Row {
  readonly id: string
  readonly title: string
  /** How it is measured, in a sentence or two. */
  readonly how: string
  readonly run: () => Promise<Result>
}

/** A result as it is kept: with when and where it was measured. */
export interface Kept extends Result {
  readonly id: string
  readonly title: string
  readonly how: string
  /** ISO date. */
  readonly day: string
  readonly machine: string
}

export const spreadOf = (values: ReadonlyArray<number>): Spread => {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (part: number) => {
    const place = part * (sorted.length - 1)
    const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!]
    return below + (above - below) * (place - Math.floor(place))
  }
  return { median: at(0.5), low: at(0.25), high: at(0.75) }
}

export const isReached = ({ goal, value }: Figure): boolean =>
  goal === undefined || ("atMost" in goal ? value.median <= goal.atMost : value.median >= goal.atLeast)
