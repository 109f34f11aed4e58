/** The documents of docs/ and docs/guides/ as pages: the files stay what is true, the site shows them. */
import { readdirSync, readFileSync } from "node:fs"
import { type Page, type Places, relink, withHeads, withTitle } from "./markdown.ts"
import { withPictures } from "./pictures.ts"

const root = new URL("../../", import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), "utf8")

/** Folders of documents, and where their pages are. */
const FOLDERS = [
  { folder: "docs", slug: "reference" },
  { folder: "docs/guides", slug: "guides" },
  { folder: "docs/concepts", slug: "concepts" },
] as const

const documents = FOLDERS.flatMap(({ folder, slug }) =>
  readdirSync(new URL(`${folder}/`, root))
    .filter((name) => name.endsWith(".md") && name !== "README.md")
    .sort()
    .map((name) => ({ path: `${folder}/${name}`, slug: `${slug}/${name.slice(0, -3)}` })),
)

export const places: Places = new Map(documents.map(({ path, slug }) => [path, slug]))

/** In this order in the sidebar; what is not named comes after, by name. */
const ORDER = [
  "start",
  "embed",
  "transport",
  "store",
  "layer",
  "conformance",
  "fuzzing",
  "self-host",
  "cascade",
  "ratchets",
  "delivery",
  "vault",
  "architecture",
  "protocol",
  "storage",
  "backup",
  "threat-model",
  "invariants",
  "audit",
  "simulator",
  "recordings",
  "performance",
  "signal",
  "comparison",
  "worked-example",
]

const orderOf = (slug: string): number => {
  const order = ORDER.indexOf(slug.slice(slug.lastIndexOf("/") + 1))
  return order < 0 ? ORDER.length : order
}

/** `≤ 1.50 ×` does not break into lines. */
const withWholeGoals = (markdown: string): string =>
  markdown.replaceAll(/([≤≥]) ([\d.,]+) (?=[×%]|[µm]?s\b|[KM]?i?B\b)/g, "$1\u00a0$2\u00a0")

export const documentPages = (): ReadonlyArray<Page> =>
  documents.map(({ path, slug }) => ({
    slug,
    text: withTitle(withWholeGoals(withHeads(relink(withPictures(read(path), path), path, places))), {
      sidebar: { order: orderOf(slug) },
    }),
  }))
