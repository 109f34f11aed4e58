/**
 * What every built page gets at last. A content security policy: what it brings along runs, by its hash, and nothing else; nothing is
 * requested from elsewhere. The site may share an origin with the app, so it must not be the weaker of the two. And tables that can
 * be read on a phone.
 */
import { createHash } from "node:crypto"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"

/** Inline scripts that a browser would run: neither data nor loaded from a file. */
const scriptsIn = (html: string): ReadonlyArray<string> =>
  [...html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)].flatMap(([, attributes = "", text = ""]) =>
    /\ssrc=|type="application\//.test(attributes) || text === "" ? [] : [text],
  )

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`

/** Styles may be inline: code samples colour each word by an attribute, which no hash can allow. Search is WebAssembly. */
export const policyOf = (html: string): string =>
  [
    "default-src 'none'",
    `script-src 'self' 'wasm-unsafe-eval' ${[...new Set(scriptsIn(html).map(hashOf))].sort().join(" ")}`.trimEnd(),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ")

const textOf = (html: string): string =>
  html
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll('"', "&quot;")
    .trim()

/**
 * Tables that are wide scroll sideways, without a mouse too. On a phone each row of three cells or more is a card: its cells stand below
 * each other, and each says what column it is in.
 */
const withReadableTables = (html: string): string =>
  html.replaceAll(/<table>([\s\S]*?)<\/table>/g, (_, inner: string) => {
    const heads = [...inner.matchAll(/<th\b[^>]*>([\s\S]*?)<\/th>/g)].map(([, head = ""]) => textOf(head))
    if (heads.length < 3) return `<table tabindex="0">${inner}</table>`
    const rows = inner.replaceAll(/<tr\b[^>]*>[\s\S]*?<\/tr>/g, (row) => {
      let column = 0
      return row.replaceAll(/<td\b/g, () => `<td data-label="${heads[column++] ?? ""}"`)
    })
    return `<table tabindex="0" class="cards">${rows}</table>`
  })

/** Paths in cells and titles may go on in the next line after a slash, and nowhere else. */
const withBreakablePaths = (html: string): string =>
  html.replaceAll(/(<td\b[^>]*>[\s\S]*?<\/td>|<h1\b[^>]*>[^<]*<\/h1>)/g, (cell) =>
    cell.replaceAll(/>[^<]*\/[^<]*(?=<)/g, (text) => text.replaceAll(/(?<=\w)\/(?=\w)/g, "/<wbr>")),
  )

export const finishPages = (folder: string): void => {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".html")) continue
    const html = withBreakablePaths(withReadableTables(readFileSync(`${folder}/${name}`, "utf8")))
    const meta = `<meta http-equiv="Content-Security-Policy" content="${policyOf(html)}">`
    writeFileSync(
      `${folder}/${name}`,
      html.replace(/<head>/, () => `<head>${meta}`),
    )
  }
}
