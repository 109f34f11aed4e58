/**
 * What may be shown of a machine: names, counters and states. Whatever looks like key or message bytes is refused: byte
 * arrays, lists of bytes, long hexadecimal or base64. "Look inside" shows nothing that did not pass through `show`.
 */

/** Stands where something was refused. */
export const HIDDEN = "(hidden)"

/** Longer runs of hexadecimal digits are not a counter or a short id. */
const HEX = /[0-9a-f]{12,}/gi
/** Runs of base64 or base64url this long are shown only if they are names of the statecharts. */
const BASE64 = /[A-Za-z0-9+/_-]{16,}={0,2}/g
/** A list this long of small integers is bytes. */
const BYTES = 8
const MAX_DEPTH = 5
const MAX_ITEMS = 24
const MAX_TEXT = 160

/** Names of machines, states, events and commands: what may be long without being a secret. */
const vocabulary = new Set<string>()

/** Takes names from the statecharts, which are part of the program and hold no secrets. */
export const learn = (names: Iterable<string>) => {
  for (const name of names) vocabulary.add(name)
}

/** A name, or an instance such as `doubleRatchet/signal` or `acknowledgement/17`. */
const isName = (run: string): boolean => {
  const [name = "", ...rest] = run.split("/")
  return (
    vocabulary.has(name) && (rest.length === 0 || (rest.length === 1 && /^([a-z]{1,12}|\d{1,9})$/.test(rest[0] ?? "")))
  )
}

const redactText = (text: string): string =>
  text
    .slice(0, MAX_TEXT)
    .replace(BASE64, (run) => (isName(run) ? run : HIDDEN))
    .replace(HEX, HIDDEN)

const isByte = (value: unknown) => typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 255

const isBytes = (value: object): boolean =>
  ArrayBuffer.isView(value) ||
  value instanceof ArrayBuffer ||
  (Array.isArray(value) && value.length >= BYTES && value.every(isByte))

/** Any value as plain JSON in which nothing secret-looking is left. */
export const redact = (value: unknown, depth = 0): unknown => {
  if (typeof value === "string") return redactText(value)
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value
  if (typeof value === "bigint") return value < 2n ** 53n ? Number(value) : HIDDEN
  if (typeof value !== "object") return undefined
  if (isBytes(value) || depth >= MAX_DEPTH) return HIDDEN
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => redact(item, depth + 1))
  if (value instanceof Map || value instanceof Set) return `${value.size} entries`
  // An object whose keys count from 0 is a byte array that went through JSON.
  const keys = Object.keys(value)
  if (keys.length >= BYTES && keys.every((key, index) => key === String(index))) return HIDDEN
  return Object.fromEntries(
    keys
      .slice(0, MAX_ITEMS)
      .map((key) => [redactText(key), redact((value as Record<string, unknown>)[key], depth + 1)]),
  )
}

/** Text for the screen or the clipboard. */
export const show = (value: unknown): string => {
  const plain = redact(value)
  if (typeof plain === "string") return plain
  return plain === undefined ? "" : JSON.stringify(plain)
}

/** A state as a person reads it: "established", "connected › idle". */
export const stateName = (value: unknown): string => {
  if (typeof value === "string") return redactText(value).replaceAll(".", " › ")
  if (typeof value !== "object" || value === null) return "none"
  return Object.entries(value)
    .slice(0, MAX_ITEMS)
    .map(([key, inner]) => {
      const below =
        typeof inner === "object" && inner !== null && Object.keys(inner).length === 0 ? "" : stateName(inner)
      return below === "" ? redactText(key) : `${redactText(key)} › ${below}`
    })
    .join(" · ")
}
