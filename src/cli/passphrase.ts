/**
 * Asking for a passphrase at a terminal, which does not show it; where there is no terminal, it is the next line of the input.
 * Docs: storage.md, "Passphrase".
 */
import type { Occasion } from "../core/vault/unlock.ts"

/** What of `process.stdin` is needed. */
export interface Keys {
  readonly isTTY?: boolean
  readonly setRawMode?: (raw: boolean) => unknown
  readonly on: (event: "data", fn: (chunk: Uint8Array | string) => void) => unknown
  readonly off: (event: "data", fn: (chunk: Uint8Array | string) => void) => unknown
  readonly resume: () => unknown
  readonly pause: () => unknown
}

const ENTER = ["\r", "\n"]
const BACKSPACE = ["\b", "\u007f"]
/** Ctrl+C and Ctrl+D. */
const GIVE_UP = ["\u0003", "\u0004"]

/** One line from the keys, unseen; undefined if they gave up. */
export const hidden = (keys: Keys, prompt: string, say: (text: string) => void): Promise<string | undefined> =>
  new Promise((resolve) => {
    let typed: ReadonlyArray<string> = []
    const decoder = new TextDecoder()
    const end = (answer: string | undefined) => {
      keys.off("data", hear)
      keys.setRawMode?.(false)
      keys.pause()
      say("\n")
      resolve(answer)
    }
    const hear = (chunk: Uint8Array | string) => {
      for (const key of typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true })) {
        if (ENTER.includes(key)) return end(typed.join(""))
        if (GIVE_UP.includes(key)) return end(undefined)
        typed = BACKSPACE.includes(key) ? typed.slice(0, -1) : [...typed, key]
      }
    }
    say(prompt)
    keys.setRawMode?.(true)
    keys.on("data", hear)
    keys.resume()
  })

/** Asks as often as it takes to say a new one twice alike; an old one once. */
export const askAt =
  (keys: Keys, nextLine: () => Promise<string | undefined>, say: (text: string) => void) =>
  async ({ why }: Occasion): Promise<string | undefined> => {
    if (keys.isTTY !== true) return nextLine()
    if (why === "unlock") return hidden(keys, "Passphrase: ", say)
    while (true) {
      const first = await hidden(keys, "A new passphrase, which nobody can reset: ", say)
      if (first === undefined || first === "") return undefined
      if ((await hidden(keys, "Once more: ", say)) === first) return first
      say("They differ. Again.\n")
    }
  }
