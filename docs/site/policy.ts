/**
 * Puts a content security policy into every built page: what it brings along runs, by its hash, and nothing else; nothing is
 * requested from elsewhere. The site may share an origin with the app, so it must not be the weaker of the two.
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

/** Wide tables scroll sideways on a phone: without a mouse too. */
const withReachableTables = (html: string): string => html.replaceAll("<table>", '<table tabindex="0">')

export const finishPages = (folder: string): void => {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".html")) continue
    const html = withReachableTables(readFileSync(`${folder}/${name}`, "utf8"))
    const meta = `<meta http-equiv="Content-Security-Policy" content="${policyOf(html)}">`
    writeFileSync(
      `${folder}/${name}`,
      html.replace(/<head>/, () => `<head>${meta}`),
    )
  }
}
