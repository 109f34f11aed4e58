/**
 * What the built chat app loads until its locked screen takes a passphrase: the page, what it names, and every module that
 * those import before they run. Copied to where `npm run size` measures it; test/browser/app/locked.test.ts shows that the
 * screen works with this alone.
 */
import { copyFileSync, mkdirSync, readFileSync } from "node:fs"
import { basename, posix } from "node:path"
import { fileURLToPath } from "node:url"

const STATIC_IMPORT = /(?:\bfrom|\bimport)\s*["'`](\.\.?\/[^"'`]+\.js)["'`]/g
const NAMED_BY_PAGE = /(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g

/** Paths of files, relative to `folder`. Throws when the page names none. */
export const lockedScreen = (folder: string): ReadonlyArray<string> => {
  const found = new Set<string>()
  const add = (path: string): void => {
    if (found.has(path)) return
    found.add(path)
    const text = readFileSync(`${folder}/${path}`, "utf8")
    if (path.endsWith(".html")) for (const [, name] of text.matchAll(NAMED_BY_PAGE)) add(name as string)
    if (path.endsWith(".js"))
      for (const [, name] of text.matchAll(STATIC_IMPORT)) add(posix.join(posix.dirname(path), name as string))
  }
  add("index.html")
  if (![...found].some((path) => path.endsWith(".js"))) throw new Error("the built page names no module")
  return [...found]
}

if (process.argv[1] === import.meta.filename) {
  const root = fileURLToPath(new URL("../../", import.meta.url))
  mkdirSync(`${root}artifacts/size`, { recursive: true })
  for (const path of lockedScreen(`${root}dist/chat`))
    copyFileSync(`${root}dist/chat/${path}`, `${root}artifacts/size/locked-${basename(path)}`)
}
