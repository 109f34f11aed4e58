/** Why a backup is not restored. Each is a refusal of the whole file. Docs: docs/backup.md, "What is refused". */
import * as Data from "effect/Data"
import { SottoError } from "../errors.ts"

/**
 * `notABackup`: another kind of file; `newer`: of a version that this one does not know; `wrongSecret`: the passphrase or
 * phrase opens none of its locks; `truncated`: its end is missing; `altered`: anything else that is not as it was written.
 */
export type BackupReason = "notABackup" | "newer" | "wrongSecret" | "truncated" | "altered"

export class BackupRefused extends Data.TaggedError("BackupRefused")<{ readonly reason: BackupReason }> {}

const WORDS = {
  notABackup: ["backupInvalid", "This is not a Sotto backup. Choose the file that Sotto saved."],
  newer: ["backupNewer", "This backup was written by a newer version of Sotto. Update Sotto, then restore it."],
  wrongSecret: [
    "backupSecretWrong",
    "That passphrase or recovery phrase did not open this backup. Nothing was restored. Check it, then try again.",
  ],
  truncated: [
    "backupTruncated",
    "The end of this backup is missing. Nothing was restored. Copy or download the whole file again.",
  ],
  altered: ["backupAltered", "This backup was damaged or changed. Nothing was restored. Use another copy of the file."],
} as const

export const refusedAs = ({ reason }: BackupRefused): SottoError => {
  const [code, message] = WORDS[reason]
  return new SottoError(code, message, { retryable: reason === "wrongSecret" })
}
