/** SQLite's result codes (https://www.sqlite.org/rescode.html) as failures of the port. */
import { Elsewhere, Unavailable } from "../../../core/store.ts"

const BUSY = 5
const FULL = 13

/** The extended part is cut off. */
const codeOf = (error: unknown): number =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode & 0xff : 0

export const isBusy = (error: unknown): boolean => codeOf(error) === BUSY

export const unavailable = (error: unknown): Unavailable => {
  if (error instanceof Unavailable) return error
  const code = codeOf(error)
  return new Unavailable({ reason: code === FULL ? "full" : code === BUSY ? "blocked" : "broken", cause: error })
}

export const refusalOf = (error: unknown): Elsewhere | Unavailable =>
  error instanceof Elsewhere || isBusy(error) ? new Elsewhere() : unavailable(error)
