/** What a messenger refuses before it tries. */
import type * as Effect from "effect/Effect"
import { SottoError } from "../errors.ts"
import type { MessengerStatus } from "./values.ts"

/** Why nothing can be asked of a messenger that is not ready. */
export const notReady = (status: MessengerStatus): Effect.Effect<never, SottoError> =>
  status === "elsewhere"
    ? new SottoError("elsewhere", "Sotto is open in another tab or process. Close it there, then try again.", {
        retryable: true,
      })
    : status === "locked"
      ? new SottoError("locked", "Sotto is locked. Unlock it, then try again.", { retryable: true })
      : new SottoError("closed", "This messenger is closed. Create a new one.")

export const noTransport = new SottoError(
  "noTransport",
  "No transport was given. Pass at least one, such as peerjs() or manual().",
)
export const nameTooLong = new SottoError("nameTooLong", "The name is longer than 128 bytes. Choose a shorter one.")
export const autoLockInvalid = new SottoError(
  "optionInvalid",
  "autoLock is a whole number of milliseconds, at least 1,000, or null for never.",
)
