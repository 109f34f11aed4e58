/** How figures are written. */
import type { Figure, Spread } from "./result.ts"

/** Three digits that mean something. */
export const number = (value: number): string =>
  value >= 1_000
    ? Math.round(value).toLocaleString("en-GB")
    : value >= 100
      ? value.toFixed(0)
      : value >= 10
        ? value.toFixed(1)
        : value.toFixed(2)

export const quantity = ({ high, low, median }: Spread, unit: string): string =>
  low === high ? `${number(median)} ${unit}` : `${number(median)} ${unit} (${number(low)} … ${number(high)})`

export const goalText = ({ goal, unit }: Figure): string =>
  goal === undefined ? "–" : "atMost" in goal ? `≤ ${number(goal.atMost)} ${unit}` : `≥ ${number(goal.atLeast)} ${unit}`

export const figureText = (figure: Figure): string => {
  const goal = figure.goal === undefined ? "" : `, goal ${goalText(figure)}`
  return `${figure.says}: ${quantity(figure.value, figure.unit)}${goal}`
}
