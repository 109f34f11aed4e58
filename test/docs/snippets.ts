/**
 * Code in the guides: what stands between `<!-- code: path -->` and its end is the file at that path as users would write it, and
 * between `<!-- output: path -->` what it prints. So the guides hold only code that compiles, and runs.
 */
import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { rootUrl } from "./repository.ts"

/** By the package's names, without our header. */
export const asUsersWrite = (source: string): string =>
  source
    .replace(/^\/\*\*[\s\S]*?\*\/\n/, "")
    .replaceAll(/"(?:\.\.\/)+src\/index\.ts"/g, '"sotto"')
    .replaceAll(/"(?:\.\.\/)+src\/effect\.ts"/g, '"sotto/effect"')
    .replaceAll(/"(?:\.\.\/)+src\/adapters\/(.*)\.ts"/g, '"sotto/$1"')
    .replaceAll(/"(?:\.\.\/)+src\/spec\/index\.ts"/g, '"sotto/spec"')
    .replaceAll(/"(?:\.\.\/)+src\/spec\/conformance\/.*\.ts"/g, '"sotto/spec/conformance"')
    .replaceAll('"preact/compat"', '"react"')
    .trim()

const printed = new Map<string, string>()

/** What the program prints. Each runs once. */
export const outputOf = (path: string): string => {
  const known = printed.get(path)
  if (known !== undefined) return known
  const output = execFileSync(process.execPath, [fileURLToPath(new URL(path, rootUrl))], { encoding: "utf8" })
  printed.set(path, output)
  return output
}

const withSnippets = (document: string): string =>
  document
    .replace(/(<!-- code: (\S+) -->\n)[\s\S]*?(<!-- \/code -->)/g, (_, begin: string, path: string, end: string) => {
      const source = readFileSync(new URL(path, rootUrl), "utf8")
      return `${begin}\n\`\`\`ts\n${asUsersWrite(source)}\n\`\`\`\n\n${end}`
    })
    .replace(
      /(<!-- output: (\S+) -->\n)[\s\S]*?(<!-- \/output -->)/g,
      (_, begin: string, path: string, end: string) => `${begin}\n\`\`\`text\n${outputOf(path)}\`\`\`\n\n${end}`,
    )

/** Each guide as it should be, by its path. */
export const guides = (): ReadonlyArray<readonly [path: string, text: string]> =>
  readdirSync(new URL("docs/guides/", rootUrl))
    .filter((name) => name.endsWith(".md"))
    .sort()
    .map((name) => {
      const path = `docs/guides/${name}`
      return [path, withSnippets(readFileSync(new URL(path, rootUrl), "utf8"))]
    })
