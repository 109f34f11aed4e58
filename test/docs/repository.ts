/** The repository's files, for tests that hold documents against them. */
import { readdirSync, readFileSync } from "node:fs"

export const rootUrl = new URL("../../", import.meta.url)

export interface SourceFile {
  /** From the repository's root. */
  readonly path: string
  readonly source: string
}

/** TypeScript files below a folder, by path. */
export const sourceFiles = (folder: string): ReadonlyArray<SourceFile> =>
  readdirSync(new URL(`${folder}/`, rootUrl), { recursive: true, encoding: "utf8" })
    // Hidden folders hold what tests make and take away again.
    .filter((path) => /\.tsx?$/.test(path) && !/(^|[\\/])(\.|node_modules)/.test(path))
    .map((path) => `${folder}/${path.replaceAll("\\", "/")}`)
    .sort()
    .map((path) => ({ path, source: readFileSync(new URL(path, rootUrl), "utf8") }))
