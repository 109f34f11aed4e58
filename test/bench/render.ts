/** docs/performance.md and its plots, made of the results alone: the same results give the same document. */
import { plot } from "./plot.ts"
import { isReached, type Kept } from "./result.ts"
import { afterwards, introduction } from "./text.ts"
import { goalText, quantity } from "./words.ts"

const plotName = ({ id }: Kept) => `performance/${id}.svg`

/** Every file of the document, from the repository's root, with its text. */
export const performanceDocument = (results: ReadonlyArray<Kept>): ReadonlyMap<string, string> => {
  const drawn = results.filter(({ contenders }) => contenders.length > 1)
  return new Map([
    [
      "docs/performance.md",
      `${[introduction(results), overview(results), details(results), afterwards(results)].join("\n\n")}\n`,
    ],
    ...drawn.map((result) => [`docs/${plotName(result)}`, plot(result)] as const),
  ])
}

const overview = (results: ReadonlyArray<Kept>): string => {
  const rows = results.flatMap(({ figures, id, title }) =>
    figures
      .filter(({ goal }) => goal !== undefined)
      .map((figure, i) => {
        const says = i === 0 ? `[${title}](#${id})` : ""
        const verdict = isReached(figure) ? "reached" : "**not reached**"
        return `| ${says} | ${figure.says} | ${goalText(figure)} | ${quantity(figure.value, figure.unit)} | ${verdict} |`
      }),
  )
  return [
    "## Goals",
    "",
    "| what | figure | goal | median (quartiles) | |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n")
}

const details = (results: ReadonlyArray<Kept>): string => ["## In detail", ...results.map(detail)].join("\n\n")

const detail = (result: Kept): string => {
  const { contenders, day, figures, how, id, machine, notes = [], title } = result
  const parts = [`### <a id="${id}"></a>${title}`, how]
  if (contenders.length > 1) parts.push(`![${title}](${plotName(result)})`)
  if (contenders.length > 0) {
    const rows = contenders.map((one) => `| ${one.name} | ${quantity(one, one.unit)} |`)
    parts.push(["| | median (quartiles) |", "| --- | --- |", ...rows].join("\n"))
  }
  const rows = figures.map((one) => `| ${one.says} | ${quantity(one.value, one.unit)} | ${goalText(one)} |`)
  if (rows.length > 0) parts.push(["| figure | median (quartiles) | goal |", "| --- | --- | --- |", ...rows].join("\n"))
  parts.push(...notes)
  parts.push(`*${day}, ${machine}*`)
  return parts.join("\n\n")
}
