/**
 * Builds the chat app to dist/chat: static files for any host, with a policy that allows no outside code and no outside
 * request. The app imports the SDK by its public names, as any user would; the aliases point them at the sources.
 */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { defineConfig, type Plugin } from "vite"

const repository = new URL("../../", import.meta.url)
const file = (path: string) => new URL(path, repository).pathname
const version: string = JSON.parse(readFileSync(file("package.json"), "utf8")).version

/** `ws:` and `wss:` because a broker may be one's own, elsewhere. No inline script or style, and no HTML made from strings. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self' ws: wss:",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types sotto",
].join("; ")

/** Only in a build: while developing, Vite's client puts styles into the page. */
const policy = (): Plugin => ({
  name: "sotto:policy",
  apply: "build",
  transformIndexHtml: () => [
    {
      tag: "meta",
      attrs: { "http-equiv": "Content-Security-Policy", content: CONTENT_SECURITY_POLICY },
      injectTo: "head-prepend",
    },
  ],
})

/** Tells the service worker the names of the built files; a change in any of them changes the worker, hence the version. */
const precache = (): Plugin => ({
  name: "sotto:precache",
  apply: "build",
  enforce: "post",
  generateBundle(_options, bundle) {
    const worker = bundle["service-worker.js"]
    if (worker?.type !== "chunk") throw new Error("the service worker was not built")
    const hash = createHash("sha256")
    const files = Object.keys(bundle)
      .filter((name) => name !== "service-worker.js" && !name.endsWith(".map"))
      .sort()
    for (const name of files) {
      const part = bundle[name]
      if (part) hash.update(name).update(part.type === "chunk" ? part.code : part.source)
    }
    const listed = ["./", "./icon.svg", "./manifest.webmanifest", ...files.filter((name) => name !== "index.html")]
    for (const name of ["icon.svg", "manifest.webmanifest"])
      hash.update(readFileSync(file(`examples/chat/public/${name}`)))
    worker.code = worker.code
      .replace("__PRECACHE__", () => JSON.stringify(listed))
      .replace("__BUILD__", () => JSON.stringify(hash.digest("hex").slice(0, 16)))
  },
})

/** No page has `node:crypto`, so the primitives over it are not sent to any. */
const withoutNode = (): Plugin => ({
  name: "sotto:without-node",
  enforce: "pre",
  load: (id) =>
    id === file("src/adapters/crypto/native.ts") ? "export const nativeCrypto = () => undefined" : undefined,
})

export default defineConfig({
  root: file("examples/chat"),
  base: "./",
  // The same files whoever builds them: a test runner sets its own environment.
  define: { __VERSION__: JSON.stringify(version), "process.env.NODE_ENV": JSON.stringify("production") },
  oxc: { jsx: { runtime: "automatic", importSource: "preact", development: false } },
  plugins: [policy(), precache(), withoutNode()],
  resolve: {
    alias: [
      { find: /^sotto$/, replacement: file("src/index.ts") },
      { find: /^sotto\/backup$/, replacement: file("src/backup.ts") },
      { find: /^sotto\/recording$/, replacement: file("src/recording.ts") },
      { find: /^sotto\/machines$/, replacement: file("src/machines/index.ts") },
      { find: /^sotto\/unlock\/([\w-]+)/, replacement: file("src/adapters/unlock/$1.ts") },
      { find: /^sotto\/(transport|storage)\/(\w+)$/, replacement: file("src/adapters/$1/$2.ts") },
    ],
  },
  build: {
    outDir: file("dist/chat"),
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: file("examples/chat/index.html"), "service-worker": file("examples/chat/src/service-worker.ts") },
      output: {
        entryFileNames: (chunk) => (chunk.name === "service-worker" ? "service-worker.js" : "assets/[name]-[hash].js"),
      },
    },
  },
})
