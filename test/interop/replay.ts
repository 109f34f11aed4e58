/**
 * Runs our side of a logged scenario again, from its seed and what the peer sent, and says where it comes to something else.
 * `node test/interop/replay.ts artifacts/interop-….json`
 */
import { readFileSync } from "node:fs"
import { bundleFrom, bundleText, type Entry, hex, newUs, type Us, unhex } from "./us.ts"

export interface Log {
  readonly seed: number
  readonly log: ReadonlyArray<Entry>
}

/** The number of the first entry that came out otherwise, or undefined. */
export const firstDifference = ({ log, seed }: Log): number | undefined => {
  const us = newUs(seed)
  const at = log.findIndex((entry) => {
    try {
      return !isSame(us, entry)
    } catch {
      return true
    }
  })
  return at < 0 ? undefined : at
}

const isSame = (us: Us, entry: Entry): boolean => {
  switch (entry.did) {
    case "published":
      return bundleText(us.publish(entry.id, entry.oneTime)) === entry.bundle
    case "trusted":
      us.trust(unhex(entry.peer))
      return true
    case "began":
      return us.begin(bundleFrom(entry.bundle), entry.at) === entry.taken
    case "said":
      return hex(us.say(unhex(entry.plaintext), entry.at)) === entry.message
    case "heard": {
      const plaintext = us.hear(unhex(entry.message), entry.at)
      return (plaintext && hex(plaintext)) === entry.plaintext
    }
  }
}

const [file] = process.argv.slice(2)
if (import.meta.main && file !== undefined) {
  const log = JSON.parse(readFileSync(file, "utf8")) as Log
  const at = firstDifference(log)
  console.log(at === undefined ? `${log.log.length} steps, as logged` : `step ${at} came out otherwise`)
}
