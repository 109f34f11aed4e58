/** One row as a bar chart in SVG: a bar to the median, a line over the quartiles. Readable on light and on dark ground. */
import type { Contender, Kept } from "./result.ts"
import { number } from "./words.ts"

const WIDTH = 760
const LABEL = 330
const BAR = 18
const STEP = 34
const TOP = 14
/** Room for the number behind the longest bar. */
const RIGHT = 120

const STYLE = [
  "text{font:13px system-ui,sans-serif;fill:#24292f}",
  ".bar{fill:#3b6ea5}.other{fill:#9aa5b1}.range{stroke:#24292f;stroke-width:1.5}",
  "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.bar{fill:#6ea8e0}.other{fill:#6e7681}.range{stroke:#e6edf3}}",
].join("")

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

export const plot = ({ contenders, title }: Kept): string => {
  const longest = Math.max(...contenders.map(({ high, median }) => Math.max(high, median)))
  const x = (value: number) => Math.round((LABEL + ((WIDTH - LABEL - RIGHT) * value) / longest) * 10) / 10
  const row = ({ high, low, median, name, unit }: Contender, i: number) => {
    const y = TOP + i * STEP
    const middle = y + BAR / 2
    return [
      `<text x="${LABEL - 10}" y="${middle + 4}" text-anchor="end">${escaped(name)}</text>`,
      `<rect class="${i === 0 ? "bar" : "other"}" x="${LABEL}" y="${y}" width="${Math.max(1, x(median) - LABEL).toFixed(1)}" height="${BAR}"/>`,
      `<line class="range" x1="${x(low)}" x2="${x(high)}" y1="${middle}" y2="${middle}"/>`,
      `<text x="${Math.max(x(high), x(median)) + 8}" y="${middle + 4}">${number(median)} ${escaped(unit)}</text>`,
    ].join("")
  }
  const height = TOP + contenders.length * STEP
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title).replaceAll('"', "&quot;")}">`,
    `<style>${STYLE}</style>`,
    ...contenders.map(row),
    "</svg>\n",
  ].join("\n")
}
