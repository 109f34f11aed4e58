/** The subpaths of the package, and where the site has the reference of each. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = new URL("../../", import.meta.url)

export interface Subpath {
  /** As one imports it. */
  readonly name: string
  /** The source that is built to it. */
  readonly file: string
}

/** Every subpath of package.json that has types. */
export const subpaths = (): ReadonlyArray<Subpath> => {
  const { exports } = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as {
    readonly exports: Readonly<Record<string, string | { readonly types?: string }>>
  }
  return Object.entries(exports).flatMap(([path, target]) => {
    const types = typeof target === "string" ? undefined : target.types
    if (types === undefined) return []
    const file = types.replace(/^\.\/dist\//, "src/").replace(/\.d\.ts$/, ".ts")
    return [{ name: `sotto${path.slice(1)}`, file: fileURLToPath(new URL(file, root)) }]
  })
}

export const slugOf = (name: string): string => `api/${name === "sotto" ? "sotto" : name.slice("sotto/".length)}`
