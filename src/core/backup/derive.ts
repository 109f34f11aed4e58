/** Stretching a passphrase: Argon2id (RFC 9106), 32 bytes. Docs: docs/backup.md, "Locks". */
import { argon2idAsync } from "@noble/hashes/argon2.js"
import * as Effect from "effect/Effect"
import { utf8 } from "../crypto/bytes.ts"

export interface Argon2Parameters {
  /** KiB. */
  readonly memory: number
  readonly passes: number
  readonly lanes: number
}

export type DeriveKey = (
  passphrase: string,
  salt: Uint8Array,
  parameters: Argon2Parameters,
) => Effect.Effect<Uint8Array>

/** RFC 9106 §4, the second recommended option: three passes over 64 MiB. */
export const USUAL: Argon2Parameters = { memory: 64 * 1024, passes: 3, lanes: 1 }

/** In slices, so that a page stays alive meanwhile. */
export const derive: DeriveKey = (passphrase, salt, { lanes, memory, passes }) =>
  Effect.promise(() =>
    argon2idAsync(utf8(passphrase.normalize("NFKC")), salt, {
      t: passes,
      m: memory,
      p: lanes,
      dkLen: 32,
      asyncTick: 10,
    }),
  )
