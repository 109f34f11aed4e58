/**
 * Runs our side of a logged scenario again, from its seed and what the peer sent, and says where it comes to something else.
 * `node test/interop/replay.ts artifacts/interop-….json`
 */
import { readFileSync } from "node:fs"
import { bundleFrom, type Entry, hex, newUs, unhex } from "./us.ts"

export interface Log {
  readonly seed: number
  readonly log: ReadonlyArray<Entry>
}

/** The number of the first entry that came out otherwise, or undefined. */
export const firstDifference = ({ log, seed }: Log): number | undefined => {
  const us = newUs(seed)
  for (const [i, entry] of log.entries()) {
    switch (entry.did) {
      case "published":
        us.publish(entry.id, entry.oneTime)
        break
      case "trusted":
        us.trust(unhex(entry.peer))
        break
      case "began":
        us.begin(bundleFrom(entry.bundle), entry.at)
        break
      case "said":
        if (hex(us.say(unhex(entry.plaintext), entry.at)) !== entry.message) return i
        break
      case "heard": {
        const plaintext = us.hear(unhex(entry.message), entry.at)
        if ((plaintext && hex(plaintext)) !== entry.plaintext) return i
      }
    }
  }
  return undefined
}

const [file] = process.argv.slice(2)
if (import.meta.main && file !== undefined) {
  const log = JSON.parse(readFileSync(file, "utf8")) as Log
  const at = firstDifference(log)
  console.log(at === undefined ? `${log.log.length} steps, as logged` : `step ${at} came out otherwise`)
}
