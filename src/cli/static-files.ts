/** Built files over HTTP (the app, its documentation): read once, sent with a policy that lets the browser fetch nothing from elsewhere. */
import { readdir, readFile } from "node:fs/promises"
import type { RequestHandler } from "./broker.ts"
import { CliError } from "./cli-error.ts"

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  json: "application/json",
  webmanifest: "application/manifest+json",
  map: "application/json",
  txt: "text/plain; charset=utf-8",
  woff2: "font/woff2",
  wasm: "application/wasm",
}

/** For every answer. The page's own policy is in its HTML, which the same build made. */
export const HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "geolocation=(), microphone=(), camera=(self)",
  "x-frame-options": "DENY",
} as const

/** Names that carry a hash of their content never change. */
const isHashed = (name: string): boolean => /^assets\/.*[-.][\w-]{8,}\.\w+$/.test(name)

/**
 * Serves the files of a folder below a path that ends in a slash; undefined where there are none. Nothing outside the folder
 * can be asked for: only names that were found at the start are known. A folder's name stands for the `index.html` in it.
 */
export const serveFolder = async (folder: URL, under: string): Promise<RequestHandler | undefined> => {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => undefined)
  if (found === undefined || found.length === 0) return undefined
  const root = folder.pathname
  const files = new Map<string, Buffer>()
  for (const entry of found) {
    if (!entry.isFile()) continue
    const path = `${entry.parentPath}/${entry.name}`.replaceAll("//", "/")
    files.set(path.slice(root.length), await readFile(path))
  }
  const policies = new Map(
    [...files].flatMap(([name, body]) => (name.endsWith(".html") ? [[name, policyIn(body.toString())] as const] : [])),
  )
  return (request, response) => {
    const [path = "/"] = (request.url ?? "/").split("?")
    const asked = path.slice(under.length)
    const name = asked === "" || asked.endsWith("/") ? `${asked}index.html` : asked
    const body = files.get(name)
    if (body === undefined || (request.method !== "GET" && request.method !== "HEAD")) {
      response.writeHead(body === undefined ? 404 : 405, { ...HEADERS, "content-type": TYPES["txt"] }).end()
      return
    }
    const policy = policies.get(name)
    response.writeHead(200, {
      ...HEADERS,
      ...(policy !== undefined && { "content-security-policy": policy }),
      "content-type": TYPES[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream",
      "cache-control": isHashed(name) ? "public, max-age=31536000, immutable" : "no-cache",
      "content-length": body.length,
    })
    response.end(request.method === "HEAD" ? undefined : body)
  }
}

/** The app, at the root. */
export const serveFiles = async (folder: URL): Promise<RequestHandler> => {
  const handler = await serveFolder(folder, "/")
  if (handler === undefined) throw new CliError("the app is not built. In a checkout, run: npm run build")
  return handler
}

/** The documentation, where it was built; a word about it where it was not. */
export const serveDocs = async (folder: URL, under: string): Promise<RequestHandler> =>
  (await serveFolder(folder, under)) ??
  ((_, response) => {
    const word = "The documentation is not built. In a checkout, run: npm run docs:build\n"
    response.writeHead(404, { ...HEADERS, "content-type": TYPES["txt"] }).end(word)
  })

/** The policy in the page, as a header too: `frame-ancestors` counts only there. */
const policyIn = (html: string): string | undefined => {
  const content = /http-equiv="Content-Security-Policy" content="([^"]*)"/i.exec(html)?.[1]
  return content === undefined ? undefined : `${content.replaceAll("&#39;", "'")}; frame-ancestors 'none'`
}
