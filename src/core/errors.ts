/** The one error of the public face: a stable code for programs, a message for people. */

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
  | "nameTooLong"
  | "optionInvalid"
  | "noTransport"
  | "notPaired"
  | "notSupported"
  | "blocked"
  | "busy"
  | "removed"
  | "unreachable"
  | "storageFailed"
  | "storageFull"
  | "storageBlocked"
  | "storageNewer"
  | "elsewhere"
  | "locked"
  | "closed"
  | "defect"

/** `message` says what happened and what to do; `retryable` whether the same call may succeed later. */
export class SottoError extends Error {
  override readonly name = "SottoError"
  readonly code: SottoErrorCode
  readonly retryable: boolean
  constructor(
    code: SottoErrorCode,
    message: string,
    options: { readonly retryable?: boolean; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retryable = options.retryable ?? false
  }
}
