/**
 * A real Chromium for tests, and pages in it that run our sources. CHROMIUM_PATH says which one; nothing is downloaded, and
 * no request leaves the machine.
 */
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core"
import { build, type Rolldown } from "vite"

const CANDIDATES = ["/usr/bin/chromium", "/usr/bin/google-chrome"]

/** No sandbox, as in a container; quiet otherwise. */
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
]

/** The path of a Chromium on this machine, or an error that says how to name one. */
export const findChromium = (): string => {
  const named = process.env["CHROMIUM_PATH"]
  const found = (named === undefined ? CANDIDATES : [named]).find((path) => existsSync(path))
  if (found !== undefined) return found
  throw new Error(
    `no Chromium at ${named ?? CANDIDATES.join(" or ")}: install one, or set CHROMIUM_PATH to its executable`,
  )
}

export const launch = (args: ReadonlyArray<string> = []): Promise<Browser> =>
  chromium.launch({ executablePath: findChromium(), args: [...ARGS, ...args] })

/** A browser whose profile is a folder, so that it can be killed and started again. */
export const launchProfile = (folder: string): Promise<BrowserContext> =>
  chromium.launchPersistentContext(folder, { executablePath: findChromium(), args: ARGS })

/** One script out of a module and everything it imports. What the module exports is `globalThis.bundle`. */
export const bundle = async (entry: URL): Promise<string> => {
  const result = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: false,
      target: "esnext",
      lib: { entry: fileURLToPath(entry), formats: ["iife"], name: "bundle" },
      rolldownOptions: { platform: "browser" },
    },
  })
  const [{ output }] = result as [Rolldown.RolldownOutput]
  return `${output[0].code}\nglobalThis.bundle = bundle`
}

/** A module and everything it imports, workers included, as files: by their paths from the root of an origin. */
export const bundleFiles = async (entry: URL): Promise<ReadonlyMap<string, string>> => {
  const result = await build({
    configFile: false,
    logLevel: "error",
    root: fileURLToPath(new URL(".", entry)),
    base: "/",
    worker: { format: "es" },
    build: {
      write: false,
      minify: false,
      target: "esnext",
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: { bundle: fileURLToPath(entry) },
        output: { entryFileNames: "[name].js" },
        preserveEntrySignatures: "strict",
        platform: "browser",
      },
    },
  })
  const files = new Map<string, string>()
  for (const part of (result as Rolldown.RolldownOutput).output) {
    files.set(`/${part.fileName}`, part.type === "chunk" ? part.code : String(part.source))
  }
  return files
}

/** An origin that needs no server and no certificate: secure enough for Web Locks and WebCrypto. */
export const ORIGIN = "http://localhost:3210"

/** A page of that origin with the script in it. */
export const openPage = async (context: BrowserContext, script: string): Promise<Page> => {
  await context.route(`${ORIGIN}/**`, (route) =>
    route.fulfill({ contentType: "text/html", body: "<!doctype html><title>test</title>" }),
  )
  const page = await context.newPage()
  page.on("pageerror", (error) => console.error(error))
  await page.goto(`${ORIGIN}/`)
  await page.addScriptTag({ content: script })
  return page
}

/** A page of that origin that runs a module out of files; what the module exports is `globalThis.bundle`. */
export const openModules = async (context: BrowserContext, files: ReadonlyMap<string, string>): Promise<Page> => {
  const start =
    '<!doctype html><title>test</title><script type="module">globalThis.bundle = await import("/bundle.js")</script>'
  await context.route(`${ORIGIN}/**`, (route) => {
    const script = files.get(new URL(route.request().url()).pathname)
    return script === undefined
      ? route.fulfill({ contentType: "text/html", body: start })
      : route.fulfill({ contentType: "text/javascript", body: script })
  })
  const page = await context.newPage()
  page.on("pageerror", (error) => console.error(error))
  await page.goto(`${ORIGIN}/`)
  await page.waitForFunction(() => "bundle" in globalThis)
  return page
}
