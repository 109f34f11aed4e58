/** A document of docs/ as a page of the site: its title as front matter, its links made to lead where the pages are. */
import { posix } from "node:path"

/** Under this the site is served, by `sotto serve` as well. */
export const BASE = "/docs"

export interface Page {
  /** Path below the site's root, without slashes at its ends. */
  readonly slug: string
  readonly text: string
  /** What kind of file Astro is to read. Default: md. */
  readonly type?: "md" | "mdx"
}

/** Where a document of the repository, named from its root, is on the site; undefined where it is no page. */
export type Places = ReadonlyMap<string, string>

const front = (fields: Readonly<Record<string, unknown>>): string =>
  ["---", ...Object.entries(fields).map(([name, value]) => `${name}: ${JSON.stringify(value)}`), "---", ""].join("\n")

/** The heading of the first level is the page's title; Starlight prints it. */
export const withTitle = (markdown: string, more: Readonly<Record<string, unknown>> = {}): string => {
  const [, title = "Untitled"] = /^# (.+)$/m.exec(markdown) ?? []
  return (
    front({ title: title.replaceAll("`", ""), ...more }) +
    markdown.replace(/^# .+\n/m, "").replaceAll(/^<!--.*-->\n/gm, "")
  )
}

/** Links to documents lead to their pages. What is no page is a file of the repository, which a reader has or has not: its path. */
export const relink = (markdown: string, from: string, places: Places): string =>
  markdown.replace(/\[([^\]]*)\]\(([^)\s]+)\)/g, (whole, text: string, target: string) => {
    if (/^([a-z]+:|#|\/)/.test(target)) return whole
    const [path = "", anchor] = target.split("#")
    const file = posix.join(posix.dirname(from), path)
    const slug = places.get(file)
    if (slug !== undefined) return `[${text}](${BASE}/${slug}/${anchor === undefined ? "" : `#${anchor}`})`
    const bare = text.replaceAll("`", "")
    return file.includes(bare) ? `\`${file}\`` : `${text} (\`${file}\`)`
  })

/** A column without a heading has one for who hears the page. */
export const withHeads = (markdown: string): string =>
  markdown.replace(/^\|(.*)\|\n(?=\|(?: ?:?-+:? ?\|)+$)/gm, (row) =>
    row.replace(/(?<=\|)\s*(?=\|)/g, ' <span class="sr-only">of which</span> '),
  )

/** A cell of a table. */
export const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ")

export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |`).join("\n")
