/**
 * Keeps the built files, and nothing else, so that the app opens without a network. A new version waits until the person
 * agrees. Messages, invites and addresses never pass through here: only same-origin GETs of listed files are answered.
 */
declare const __PRECACHE__: ReadonlyArray<string>
declare const __BUILD__: string

/** What TypeScript's DOM library lacks, as far as it is used here. */
interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface Fetching extends Lasting {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}
interface Worker {
  readonly registration: { readonly scope: string }
  readonly clients: { claim(): Promise<void> }
  skipWaiting(): Promise<void>
  addEventListener(type: "install" | "activate", listener: (event: Lasting) => void): void
  addEventListener(type: "fetch", listener: (event: Fetching) => void): void
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void
}

const worker = globalThis as unknown as Worker
const cacheName = `sotto-${__BUILD__}`
const listed = new Set(__PRECACHE__.map((path) => new URL(path, worker.registration.scope).href))

/** `no-cache`: a file that the browser kept from an earlier version must not enter this one. */
const fill = async () => {
  const cache = await caches.open(cacheName)
  await cache.addAll([...listed].map((url) => new Request(url, { cache: "no-cache" })))
}

const dropOthers = async () => {
  for (const name of await caches.keys()) {
    if (name.startsWith("sotto-") && name !== cacheName) await caches.delete(name)
  }
  await worker.clients.claim()
}

/** The page's own address without query and fragment, or the listed file. */
const keyOf = (request: Request): string | undefined => {
  if (request.method !== "GET") return undefined
  const url = new URL(request.url)
  url.hash = ""
  if (request.mode === "navigate") url.search = ""
  const href = url.href.replace(/\/index\.html$/, "/")
  return listed.has(href) ? href : undefined
}

worker.addEventListener("install", (event) => event.waitUntil(fill()))
worker.addEventListener("activate", (event) => event.waitUntil(dropOthers()))
worker.addEventListener("message", (event) => {
  if (event.data === "update") void worker.skipWaiting()
  if (event.data === "version") event.ports[0]?.postMessage(__VERSION__)
})
worker.addEventListener("fetch", (event) => {
  const key = keyOf(event.request)
  if (key === undefined) return
  event.respondWith(caches.open(cacheName).then(async (cache) => (await cache.match(key)) ?? fetch(event.request)))
})
