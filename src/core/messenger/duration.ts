/** `"10 minutes"` and the like. */
import type { Duration } from "./values.ts"

const UNITS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const

/** Milliseconds, or undefined for what is not a positive duration. */
export const toMillis = (duration: Duration): number | undefined => {
  if (typeof duration === "number") return Number.isFinite(duration) && duration > 0 ? duration : undefined
  const [, count, unit] = /^(\d{1,9}(?:\.\d{1,3})?) (second|minute|hour|day)s?$/.exec(duration) ?? []
  if (count === undefined || unit === undefined) return undefined
  const millis = Number(count) * UNITS[unit as keyof typeof UNITS]
  return millis > 0 ? millis : undefined
}
