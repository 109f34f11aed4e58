/** Stretching a passphrase: Argon2id (RFC 9106), 32 bytes. Docs: docs/backup.md, "Locks". */
import * as Effect from "effect/Effect"
import { utf8 } from "../crypto/bytes.ts"
import { type Argon2, type Argon2Parameters, normalised } from "../vault/argon2.ts"

export type DeriveKey = (
  passphrase: string,
  salt: Uint8Array,
  parameters: Argon2Parameters,
) => Effect.Effect<Uint8Array>

/** RFC 9106 §4, the second recommended option, with one lane, as JavaScript has one: three passes over 64 MiB. */
export const USUAL: Argon2Parameters = { memory: 64 * 1024, passes: 3, lanes: 1 }

/** By whichever Argon2id is at hand. */
export const deriveWith =
  (argon2: Argon2): DeriveKey =>
  (passphrase, salt, parameters) => {
    const secret = utf8(normalised(passphrase))
    return Effect.ensuring(
      argon2(secret, salt, parameters),
      Effect.sync(() => void secret.fill(0)),
    )
  }
