/** A transport whose frames somebody else carries, as messages: between processes that have nothing but a parent in common. */
import { fromBase64url, toBase64url } from "../../src/core/crypto/bytes.ts"
import { toHex } from "../../src/core/hex.ts"
import { defineTransport, type LinkEvents, type Transport } from "../../src/index.ts"

/** What travels. `to` and `from` name ends of links; a link's ends are `id` and `id'`. */
export type Carried =
  | { readonly type: "open"; readonly address: string; readonly link: string }
  | { readonly type: "opened" | "close"; readonly link: string }
  | { readonly type: "frame"; readonly link: string; readonly bytes: string }

export interface Carrier {
  readonly tell: (message: Carried) => void
  readonly hear: (hear: (message: Carried) => void) => void
}

/** In browsers as in Node. */
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))

export const carried = ({ hear, tell }: Carrier): Transport => {
  const listeners = new Map<string, (open: (events: LinkEvents) => ReturnType<typeof end>) => void>()
  const links = new Map<string, LinkEvents>()
  const waiting = new Map<string, () => void>()
  const end = (link: string, events: LinkEvents) => {
    links.set(link, events)
    return {
      send: (frame: Uint8Array) => tell({ type: "frame", link, bytes: toBase64url(frame) }),
      close: () => {
        links.delete(link)
        tell({ type: "close", link })
      },
    }
  }
  hear((message) => {
    switch (message.type) {
      case "open":
        return listeners.get(message.address)?.((events) => {
          tell({ type: "opened", link: message.link })
          return end(message.link, events)
        })
      case "opened":
        return waiting.get(message.link)?.()
      case "frame":
        return links.get(message.link)?.frame(fromBase64url(message.bytes)!)
      case "close": {
        const events = links.get(message.link)
        links.delete(message.link)
        events?.closed()
      }
    }
  })
  return defineTransport({
    kind: "carried",
    listen: async (earlier, accept) => {
      const address = earlier ?? random(16)
      const name = toHex(address)
      listeners.set(name, accept)
      return { address, close: () => void listeners.delete(name) }
    },
    connect: (at, events, signal) =>
      new Promise((resolve, reject) => {
        const link = toHex(random(8))
        waiting.set(link, () => resolve(end(link, events)))
        signal.addEventListener("abort", () => reject(new Error("nobody waits")), { once: true })
        tell({ type: "open", address: toHex(at), link })
      }),
  })
}
