/** `"10 minutes"` and the like. */
import type { Duration } from "./values.ts"

const UNITS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const

/** A hundred years, in milliseconds: nobody means more. */
const LONGEST = 100 * 365 * UNITS.day

/** Whole milliseconds, or undefined for what is not a positive duration. */
export const toMillis = (duration: Duration): number | undefined => {
  const millis = typeof duration === "number" ? duration : parse(duration)
  return millis > 0 && millis <= LONGEST ? Math.ceil(millis) : undefined
}

const parse = (duration: string): number => {
  const [, count, unit] = /^(\d{1,9}(?:\.\d{1,3})?) (second|minute|hour|day)s?$/.exec(duration) ?? []
  return count === undefined || unit === undefined ? Number.NaN : Number(count) * UNITS[unit as keyof typeof UNITS]
}
