/** The service worker: installed after the first screen is there, and replaced only when the person agrees. */

import { signal } from "@preact/signals"
import { scriptAddress } from "./platform.ts"

/** A new version that waits, and its number. */
export const waitingVersion = signal<{ readonly worker: ServiceWorker; readonly version: string } | undefined>(
  undefined,
)

/** A page may stay open for weeks: in milliseconds, how often its own server is asked for a new version. */
const ASK_EVERY = 6 * 60 * 60_000

const versionOf = (worker: ServiceWorker) =>
  new Promise<string>((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = (event: MessageEvent<unknown>) => resolve(String(event.data).slice(0, 20))
    worker.postMessage("version", [port2])
  })

export const keepForOffline = async () => {
  if (!("serviceWorker" in navigator)) return
  try {
    const registration = await navigator.serviceWorker.register(scriptAddress("./service-worker.js"))
    const look = async () => {
      const worker = registration.waiting
      if (worker && navigator.serviceWorker.controller) {
        waitingVersion.value = { worker, version: await versionOf(worker) }
      }
    }
    void look()
    const follow = () => registration.installing?.addEventListener("statechange", () => void look())
    follow()
    registration.addEventListener("updatefound", follow)
    const ask = () => void registration.update().catch(() => undefined)
    ask()
    setInterval(ask, ASK_EVERY)
  } catch {
    // Without it the app works as long as its server does.
  }
}

/** Lets the new version take over, then loads it. Messages that wait are in storage. */
export const update = () => {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true })
  waitingVersion.peek()?.worker.postMessage("update")
}
