/** The one error of the public face: a stable code for programs, a message for people. */
import * as Data from "effect/Data"

/** Every code of a `SottoError`: first invites, then messages, the storage, backups, unlocking, and the messenger itself. */
export type SottoErrorCode =
  | "inviteInvalid"
  | "inviteNewer"
  | "inviteExpired"
  | "inviteUsed"
  | "inviteCancelled"
  | "inviteOwn"
  | "codeInvalid"
  | "messageTooLong"
  | "messageEmpty"
  | "messageFailed"
  | "messageGone"
  | "messageNotOwn"
  | "nameTooLong"
  | "optionInvalid"
  | "noTransport"
  | "notPaired"
  | "notSupported"
  | "blocked"
  | "replaced"
  | "busy"
  | "removed"
  | "unreachable"
  | "storageFailed"
  | "storageFull"
  | "storageBlocked"
  | "storageDenied"
  | "storageLost"
  | "storageNewer"
  | "backupInvalid"
  | "backupNewer"
  | "backupSecretWrong"
  | "backupTruncated"
  | "backupAltered"
  | "backupUnreadable"
  | "recoveryPhraseInvalid"
  | "profileNotEmpty"
  | "storageDamaged"
  | "storageSealed"
  | "storageNotSealed"
  | "unlockRefused"
  | "unlockDelayed"
  | "unlockCancelled"
  | "unlockNotSupported"
  | "unlockMethod"
  | "elsewhere"
  | "locked"
  | "closed"
  | "defect"

/**
 * What promises of the public face reject with, and Effects fail with. `message` says what happened and what to do;
 * `retryable` whether the same call may succeed later.
 */
export class SottoError extends Data.TaggedError("SottoError")<{
  /** Stable, for programs. */
  readonly code: SottoErrorCode
  readonly message: string
  /** Whether the same call may succeed later. */
  readonly retryable: boolean
  readonly cause?: unknown
}> {
  /** `SottoError`. */
  override readonly name: "SottoError" = "SottoError"
  constructor(
    code: SottoErrorCode,
    message: string,
    options: { readonly retryable?: boolean; readonly cause?: unknown } = {},
  ) {
    const { cause, retryable = false } = options
    super({ code, message, retryable, ...(cause !== undefined && { cause }) })
  }
}
