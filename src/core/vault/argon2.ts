/**
 * Argon2id (RFC 9106), version 1.3: 32 bytes out of a passphrase, at a cost that is stored beside it. Parameters that are read
 * back are bounded, so that a hostile file can make nobody spend without end. Docs: storage.md, "Passphrase".
 */
import { argon2idAsync } from "@noble/hashes/argon2.js"
import * as Effect from "effect/Effect"
import { codec, fixed, uint, type Value } from "../codec/codec.ts"
import { struct } from "../codec/composite.ts"

/** `memory` in KiB. */
export interface Argon2Parameters {
  /** In KiB. */
  readonly memory: number
  /** Over the whole memory. */
  readonly passes: number
  /** Threads that could share the work. */
  readonly lanes: number
}

export const KEY_BYTES = 32
export const SALT_BYTES = 16

/** 64 MiB: what a guess costs an attacker in memory, too. OWASP asks for 46 with one pass. */
export const LEAST_MEMORY = 64 * 1024
/** What a file may ask of whoever opens it: 1 GiB, and on the slowest supplier minutes, not hours. */
export const MOST_MEMORY = 1024 * 1024
export const MOST_PASSES = 64
export const MOST_LANES = 16
/** KiB times passes, in all: 64 passes over 64 MiB. */
export const MOST_WORK = 64 * 64 * 1024

/** Whether the parameters are ones that we would run. RFC 9106 §3.1: at least 8 KiB a lane. */
export const isBounded = ({ lanes, memory, passes }: Argon2Parameters): boolean =>
  [lanes, memory, passes].every((value) => Number.isSafeInteger(value) && value >= 1) &&
  lanes <= MOST_LANES &&
  memory >= 8 * lanes &&
  memory <= MOST_MEMORY &&
  passes <= MOST_PASSES &&
  memory * passes <= MOST_WORK

/** Derives 32 bytes. Parameters out of bounds are a defect: check them with `isBounded` first. */
export type Argon2 = (
  passphrase: Uint8Array,
  salt: Uint8Array,
  parameters: Argon2Parameters,
) => Effect.Effect<Uint8Array>

/** In JavaScript, everywhere: 10 to 15 times the time of a native one, and the caller's thread is busy meanwhile. */
export const derive: Argon2 = (passphrase, salt, parameters) =>
  Effect.suspend(() => {
    if (!isBounded(parameters)) return Effect.die(new RangeError("Argon2 parameters out of bounds"))
    const { lanes: p, memory: m, passes: t } = parameters
    // noble copies nothing of it before its first wait.
    const [secret, nonce] = [passphrase.slice(), salt.slice()]
    return Effect.map(
      Effect.promise(() => argon2idAsync(secret, nonce, { t, m, p, dkLen: KEY_BYTES })),
      (key) => {
        secret.fill(0)
        return key
      },
    )
  })

const shape = struct({
  salt: [1, fixed(SALT_BYTES)],
  memory: [2, uint(MOST_MEMORY)],
  passes: [3, uint(MOST_PASSES)],
  lanes: [4, uint(MOST_LANES)],
})
const stored = codec(shape, 64)

export interface StoredArgon2 extends Argon2Parameters {
  readonly salt: Uint8Array
}

export const encodeArgon2 = (value: StoredArgon2): Uint8Array => stored.encode(value satisfies Value<typeof shape>)

/** Undefined also where the parameters are out of bounds. */
export const decodeArgon2 = (bytes: Uint8Array): StoredArgon2 | undefined => {
  const found = stored.decode(bytes)
  return found !== undefined && isBounded(found) ? found : undefined
}

/** Unicode has several spellings of one text, and keyboards differ in which they type: NFC, RFC 8265 §4. */
export const normalised = (passphrase: string): string => passphrase.normalize("NFC")
