/**
 * A run in one value that anybody can compare: SHA-256 of the canonical JSON of everything that happened and of how things stand
 * after it. The same in every runtime, for the same run, and only then. Docs: simulator.md, "Scenarios".
 */
import { utf8 } from "../../core/crypto/bytes.ts"
import { nobleCrypto } from "../../core/crypto/noble.ts"
import { toHex } from "../../core/hex.ts"
import type { Line } from "./record.ts"
import type { View } from "./view.ts"

/** Only its hash is used: nothing here is random. */
const { sha256 } = nobleCrypto((length) => new Uint8Array(length))

/** Names in order and nothing undefined, so that equal values are equal texts. */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(",")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null)
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(",")}}`
}

/** `lines`: all until then. Numbers that only name things inside the simulator are left out. */
export const traceHash = (lines: ReadonlyArray<Line>, view: View): string => {
  const { frames, intercepted, now, parted, peers, thefts } = view
  const flying = frames.map(({ bytes, due, from, to }) => ({ bytes, due, from, to }))
  const steps = lines.map(({ at, peer, what }) => [at, peer, what])
  const end = { now, peers, parted, intercepted, thefts, frames: flying }
  return toHex(sha256(utf8(canonicalJson({ steps, end }))))
}
