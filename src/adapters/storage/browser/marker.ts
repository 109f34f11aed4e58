/**
 * Remembers that a place was made, away from the place itself: a database that comes back empty, because the browser evicted or
 * repaired it, is told from one that never was. In localStorage, which other mechanisms of a browser keep; where a page has
 * none, nothing is remembered and nothing is missed. It says no more than the place's name. Docs: docs/storage.md, "Loss".
 */

const storage = (): globalThis.Storage | undefined => {
  try {
    return globalThis.localStorage
  } catch {
    return undefined // blocked
  }
}

export const wasMade = (place: string): boolean => {
  try {
    return typeof storage()?.getItem(place) === "string"
  } catch {
    return false
  }
}

export const rememberMade = (place: string): void => {
  try {
    storage()?.setItem(place, "made")
  } catch {
    // Full or blocked: then a loss will not be noticed by this.
  }
}

export const forgetMade = (place: string): void => {
  try {
    storage()?.removeItem(place)
  } catch {
    // Blocked: there is nothing to forget.
  }
}
