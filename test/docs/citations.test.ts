/** What comments cite is there: every file of docs/ that is named, and every section that is quoted after it. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import { rootUrl, sourceFiles } from "./repository.ts"

/** The text of comments in one line, so that a citation may break across lines of a comment. */
const commentsIn = (source: string): string =>
  [...source.matchAll(/\/\*\*?([\s\S]*?)\*\/|\/\/(.*)/g)]
    .map(([, block = "", line = ""]) => `${block.replaceAll(/\n\s*\*/g, " ")}${line}`.replaceAll(/\s+/g, " "))
    .join("\n")

export interface Citation {
  readonly document: string
  readonly section: string | undefined
}

/** `protocol.md, "Frames" and "Fragments"` cites two sections; `threat-model.md` alone a document. */
export const citationsIn = (source: string): ReadonlyArray<Citation> =>
  [...commentsIn(source).matchAll(/(?<![\w/-])(?:docs\/)?([a-z][\w-]*\.md)((?:,? (?:and )?"[^"]+")*)/g)].flatMap(
    ([, document, quoted]): ReadonlyArray<Citation> => {
      const sections = [...quoted!.matchAll(/"([^"]+)"/g)].map(([, section]) => section!)
      return sections.length === 0
        ? [{ document: document!, section: undefined }]
        : sections.map((section) => ({ document: document!, section }))
    },
  )

const headingsOf = (markdown: string): ReadonlyArray<string> =>
  [...markdown.replaceAll(/^```[\s\S]*?^```$/gm, "").matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!)

const documents = new Map(
  readdirSync(new URL("docs/", rootUrl))
    .filter((name) => name.endsWith(".md"))
    .map((name) => [name, headingsOf(readFileSync(new URL(`docs/${name}`, rootUrl), "utf8"))]),
)

/** What cannot be found; undefined where all is well. */
const problemWith = ({ document, section }: Citation): string | undefined => {
  const headings = documents.get(document)
  // README.md, CONTRIBUTING.md and the like stand at the root.
  if (headings === undefined) return existsSync(new URL(document, rootUrl)) ? undefined : `no ${document}`
  return section === undefined || headings.includes(section) ? undefined : `no "${section}" in ${document}`
}

describe("what comments cite", () => {
  it("is found, each section under its heading", () => {
    let cited = 0
    const problems: Array<string> = []
    for (const folder of ["src", "test", "examples"]) {
      for (const { path, source } of sourceFiles(folder)) {
        if (path === "test/docs/citations.test.ts") continue // cites what is not there, on purpose
        for (const citation of citationsIn(source)) {
          cited += 1
          const problem = problemWith(citation)
          if (problem !== undefined) problems.push(`${path}: ${problem}`)
        }
      }
    }
    assert.deepStrictEqual(problems, [])
    assert.isAbove(cited, 80)
  })

  it("is missed when it is not there", () => {
    const comment = '/** Docs: protocol.md, "Frames" and\n * "No such thing"; nowhere.md. */'
    assert.deepStrictEqual(citationsIn(comment).map(problemWith), [
      undefined,
      'no "No such thing" in protocol.md',
      "no nowhere.md",
    ])
  })

  it("links inside docs/ and the files at the root lead somewhere", () => {
    const problems: Array<string> = []
    const inFolders = ["docs/guides", "docs/concepts"].flatMap((folder) =>
      readdirSync(new URL(`${folder}/`, rootUrl)).map((name) => `${folder}/${name}`),
    )
    const pages = [...[...documents.keys()].map((name) => `docs/${name}`), ...inFolders.filter(isDocument)]
    for (const page of [...pages, "README.md", "CONTRIBUTING.md"]) {
      const at = new URL(page, rootUrl)
      const text = readFileSync(at, "utf8")
      for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target!)) continue
        const [path = "", anchor] = target!.split("#")
        const file = path === "" ? at : new URL(path, at)
        if (!existsSync(file)) problems.push(`${page}: ${target}`)
        else if (anchor !== undefined && !anchorsOf(readFileSync(file, "utf8")).includes(anchor)) {
          problems.push(`${page}: ${target} has no such heading`)
        }
      }
    }
    assert.deepStrictEqual(problems, [])
  })
})

const isDocument = (path: string): boolean => path.endsWith(".md")

/** As the usual renderers make them, and those that are set by hand. */
const anchorsOf = (markdown: string): ReadonlyArray<string> => [
  ...[...markdown.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, anchor]) => anchor!),
  ...headingsOf(markdown).map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  ),
]
