/** A recording as lines of text, for a terminal. Docs: recordings.md. */
import { nameOf } from "../../core/messenger/contact-view.ts"
import type { RecordedLine, Recording } from "./recording.ts"

export const whoIs = (contact: number): string => (contact === 0 ? "device" : `contact ${contact}`)

/** As the simulator writes down what happens, so that the same words serve both. */
export const wordsOf = (line: RecordedLine): string => {
  if ("way" in line) return `${line.way === "out" ? "⇢ sends" : "⇠ gets"} ${line.kind}, ${line.length} bytes`
  if ("news" in line) return line.text === undefined ? `hears ${line.news}` : `is shown ${JSON.stringify(line.text)}`
  const { commands, event, from, id, to } = line
  const did = commands.length === 0 ? "" : ` [${commands.join(", ")}]`
  return `${id} ${event}: ${from === undefined ? "" : `${nameOf(from)} `}→ ${nameOf(to)}${did}`
}

/** What it is, a line for each thing that happened, and where it ends. */
export const timelineOf = ({ head, lines, truncated }: Recording): ReadonlyArray<string> => [
  `A recording of ${lines.length} lines, ${head.texts ? "with the texts that arrived" : "without texts"}${
    head.dropped === 0 ? "" : `; ${head.dropped} before them were not kept`
  }.`,
  "",
  ...lines.map(
    (line) => `${(line.at / 1_000).toFixed(3).padStart(12)} s  ${whoIs(line.contact).padEnd(10)}  ${wordsOf(line)}`,
  ),
  ...(truncated ? ["", "It breaks off here, in the middle of a line."] : []),
]
