/**
 * Our Signal layer as one person, behind the same verbs as the peer. Everything random comes from a seed, every state goes
 * through its record, and what came and went is written down: with seed and log our side can be run again without the peer.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { nativeCrypto } from "../../src/adapters/crypto/native.ts"
import { Crypto, type CryptoService, type KeyPair, type Refused } from "../../src/core/crypto/crypto.ts"
import { nobleCrypto } from "../../src/core/crypto/noble.ts"
import type { FindPreKeys } from "../../src/core/layers/signal/establish.ts"
import { generateKeyPair, generatePreKeys, type PreKeySecrets } from "../../src/core/layers/signal/pre-keys.ts"
import type { Session } from "../../src/core/layers/signal/session.ts"
import {
  beginSession,
  decodeSessionRecord,
  encodeSessionRecord,
  NO_SESSIONS,
  type NoSession,
  readMessage,
  type SessionRecord,
  writeMessage,
} from "../../src/core/layers/signal/session-record.ts"
import { makeDice } from "../../src/spec/simulation/dice.ts"
import type { Bundle } from "./peer.ts"

/** The runtime's primitives, with every draw from the seed. OpenSSL draws for itself when it encapsulates, so that is noble's. */
export const seededCrypto = (seed: number): CryptoService => {
  const dice = makeDice(seed)
  const random = (length: number) => Uint8Array.from({ length }, () => dice.upTo(255))
  const noble = nobleCrypto(random)
  return { ...(nativeCrypto() ?? noble), random, mlKem1024: noble.mlKem1024 }
}

/** What our side did, in order, in hex. `trust` names the peer. */
export type Entry =
  | { readonly did: "published"; readonly id: number; readonly oneTime: boolean; readonly bundle: string }
  | { readonly did: "trusted"; readonly peer: string }
  | { readonly did: "began"; readonly bundle: string; readonly taken: boolean; readonly at: number }
  | { readonly did: "said"; readonly plaintext: string; readonly message: string; readonly at: number }
  | { readonly did: "heard"; readonly message: string; readonly plaintext: string | undefined; readonly at: number }

export interface Us {
  readonly seed: number
  readonly crypto: CryptoService
  /** 32 bytes. */
  readonly identity: Uint8Array
  readonly publish: (id: number, oneTime: boolean) => Bundle
  readonly trust: (peer: Uint8Array) => void
  /** Whether the bundle was taken. */
  readonly begin: (bundle: Bundle, now?: number) => boolean
  /** Throws where there is no session to write in. */
  readonly say: (plaintext: Uint8Array, now?: number) => Uint8Array
  /** Undefined for a message that is refused; then nothing has changed. */
  readonly hear: (message: Uint8Array, now?: number) => Uint8Array | undefined
  readonly record: () => Uint8Array
  readonly restore: (record: Uint8Array) => void
  /** The session that we write in. */
  readonly session: () => Session
  /** Puts another in its place: for tests that break the rules, or skip the tedious part. */
  readonly replace: (change: (session: Session) => Session) => void
  readonly log: ReadonlyArray<Entry>
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")
export const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"))

export const bundleText = (bundle: Bundle): string =>
  JSON.stringify(bundle, (_, value) => (value instanceof Uint8Array ? hex(value) : value))
export const bundleFrom = (text: string): Bundle =>
  JSON.parse(text, (key, value) => (key === "publicKey" || key === "signature" ? unhex(value) : value)) as Bundle

export const newUs = (seed: number, crypto: CryptoService = seededCrypto(seed)): Us => {
  const run = <A, E>(effect: Effect.Effect<A, E, Crypto>, now: number): A =>
    Effect.runSync(
      Effect.flatMap(Clock.Clock, (clock) =>
        Effect.provideService(Effect.provideService(effect, Crypto, crypto), Clock.Clock, {
          ...clock,
          sleep: (duration) => clock.sleep(duration),
          currentTimeMillisUnsafe: () => now,
          currentTimeMillis: Effect.succeed(now),
        }),
      ),
    )
  const unlessRefused = <A>(effect: Effect.Effect<A, Refused, Crypto>, now: number): A | undefined =>
    run(
      Effect.catchTag(effect, "Refused", () => Effect.succeed(undefined)),
      now,
    )

  const log: Array<Entry> = []
  const identity: KeyPair = run(generateKeyPair(crypto), 0)
  const secrets: Array<PreKeySecrets> = []
  const used = new Set<string>()
  let peer: Uint8Array | undefined
  let record: SessionRecord = NO_SESSIONS

  /** As a store keeps them: one-time prekeys once, the signed ones for everybody. */
  const preKeys: FindPreKeys = ({ kyberPreKeyId, preKeyId, signedPreKeyId }) => {
    const found = secrets.find(({ signed }) => signed.id === signedPreKeyId)
    if (found === undefined || found.kyber.id !== kyberPreKeyId) return undefined
    if (preKeyId === undefined) return { signed: found.signed, kyber: found.kyber }
    return found.oneTime?.id === preKeyId && !used.has(`${preKeyId}`) ? found : undefined
  }
  const keep = (next: SessionRecord): void => {
    const encoded = encodeSessionRecord(next)
    const back = decodeSessionRecord(encoded)
    if (back === undefined) throw new Error("a record that does not come back")
    record = back
  }
  const trusted = (): Uint8Array => {
    if (peer === undefined) throw new Error("nobody is trusted yet")
    return peer
  }

  return {
    seed,
    crypto,
    identity: identity.publicKey,
    log,
    publish: (id, oneTime) => {
      const made = run(generatePreKeys({ identity, id, oneTime }), 0)
      secrets.push(made.secrets)
      log.push({ did: "published", id, oneTime, bundle: bundleText(made.bundle) })
      return made.bundle
    },
    trust: (key) => {
      if (peer !== undefined && hex(peer) !== hex(key)) record = NO_SESSIONS
      peer = key.slice()
      log.push({ did: "trusted", peer: hex(key) })
    },
    begin: (bundle, at = 0) => {
      const begun = unlessRefused(beginSession(record, { identity, peer: trusted(), bundle }), at)
      if (begun !== undefined) keep(begun.record)
      log.push({ did: "began", bundle: bundleText(bundle), taken: begun !== undefined, at })
      return begun !== undefined
    },
    say: (plaintext, at = 0) => {
      const written = run(writeMessage(record, plaintext) as Effect.Effect<never, NoSession, Crypto>, at) as {
        readonly record: SessionRecord
        readonly message: Uint8Array
      }
      keep(written.record)
      log.push({ did: "said", plaintext: hex(plaintext), message: hex(written.message), at })
      return written.message
    },
    hear: (message, at = 0) => {
      const before = encodeSessionRecord(record)
      const read = unlessRefused(readMessage(record, { identity, peer: trusted(), preKeys, message }), at)
      if (hex(encodeSessionRecord(record)) !== hex(before)) throw new Error("a state was changed in place")
      if (read !== undefined) {
        keep(read.record)
        if (read.usedPreKeys?.oneTime !== undefined) used.add(`${read.usedPreKeys.oneTime}`)
      }
      log.push({ did: "heard", message: hex(message), plaintext: read && hex(read.plaintext), at })
      return read?.plaintext
    },
    record: () => encodeSessionRecord(record),
    restore: (bytes) => {
      record = decodeSessionRecord(bytes) ?? NO_SESSIONS
    },
    session: () => {
      if (record.current === undefined) throw new Error("there is no session")
      return record.current
    },
    replace: (change) => {
      if (record.current !== undefined) record = { ...record, current: change(record.current) }
    },
  }
}
