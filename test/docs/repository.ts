/** The repository's files, for tests that hold documents against them. */
import { readdirSync, readFileSync } from "node:fs"

export const rootUrl = new URL("../../", import.meta.url)

export interface SourceFile {
  /** From the repository's root. */
  readonly path: string
  readonly source: string
}

/** What is in a folder, and below it. Hidden folders are not entered: in them tests make and take away things meanwhile. */
const below = (folder: string): ReadonlyArray<string> =>
  readdirSync(new URL(`${folder}/`, rootUrl), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith(".") || entry.name === "node_modules") return []
    const path = `${folder}/${entry.name}`
    return entry.isDirectory() ? below(path) : [path]
  })

/** TypeScript files below a folder, by path. */
export const sourceFiles = (folder: string): ReadonlyArray<SourceFile> =>
  below(folder)
    .filter((path) => /\.tsx?$/.test(path))
    .sort()
    .map((path) => ({ path, source: readFileSync(new URL(path, rootUrl), "utf8") }))
