/** Which pages of a long list are drawn: arithmetic on heights, so that it can be tested without a browser. */

export interface Span {
  /** Index of the first page drawn. */
  readonly first: number
  /** Index after the last page drawn. */
  readonly end: number
  /** Pixels that stand for the pages above and below. */
  readonly above: number
  readonly below: number
}

/** Pages that touch the view, widened by `overscan` pixels on both sides. At least one page is drawn if there is any. */
export const spanOf = (heights: ReadonlyArray<number>, top: number, height: number, overscan: number): Span => {
  const from = top - overscan
  const to = top + height + overscan
  let first = 0
  let above = 0
  while (first < heights.length - 1 && above + (heights[first] ?? 0) < from) above += heights[first++] ?? 0
  let end = first
  let bottom = above
  while (end < heights.length && (bottom < to || end === first)) bottom += heights[end++] ?? 0
  let below = 0
  for (let index = end; index < heights.length; index++) below += heights[index] ?? 0
  return { first, end, above, below }
}

export const sameSpan = (a: Span, b: Span): boolean =>
  a.first === b.first && a.end === b.end && a.above === b.above && a.below === b.below
