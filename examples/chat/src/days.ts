/** Times and days as a person reads them, in the browser's own language. */

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false })
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long" })
const dayMonth = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long" })
const dayMonthShort = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" })
const whole = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" })

export const timeOf = (at: number) => clock.format(at)
export const shortDay = (at: number) => dayMonthShort.format(at)
export const dateAndTime = (at: number) => `${whole.format(at)}, ${timeOf(at)}`

/** Days since the epoch where the person is; equal for two moments of the same day. */
export const dayNumber = (at: number): number => {
  const date = new Date(at)
  return Math.floor(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000)
}

/** The words on a separator: Today, Yesterday, Thursday, 3 May, 3 May 2023. */
export const dayName = (at: number, now: number): string => {
  const ago = dayNumber(now) - dayNumber(at)
  if (ago === 0) return "Today"
  if (ago === 1) return "Yesterday"
  if (ago > 1 && ago < 7) return weekday.format(at)
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? dayMonth.format(at) : whole.format(at)
}

/** In a list of chats: the time today, otherwise the day. */
export const briefly = (at: number, now: number): string => {
  const ago = dayNumber(now) - dayNumber(at)
  if (ago === 0) return timeOf(at)
  return ago === 1 ? "Yesterday" : shortDay(at)
}

/** How long ago, coarsely: "just now", "40 seconds ago", "3 minutes ago". */
export const ago = (milliseconds: number): string => {
  const seconds = Math.max(0, Math.round(milliseconds / 1000))
  if (seconds < 3) return "just now"
  return `${span(seconds)} ago`
}

/** A length of time in its largest unit: "40 seconds", "1 minute". */
export const span = (seconds: number): string => {
  const units = [
    [86_400, "day"],
    [3_600, "hour"],
    [60, "minute"],
  ] as const
  for (const [size, name] of units) {
    if (seconds >= size) {
      const count = Math.floor(seconds / size)
      return `${count} ${name}${count === 1 ? "" : "s"}`
    }
  }
  return `${seconds} second${seconds === 1 ? "" : "s"}`
}
