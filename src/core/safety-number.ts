/**
 * The safety number: Signal's numeric fingerprint (version 0) of both sides, which people compare to know that nobody stands
 * between them. Docs: protocol.md, "Safety number".
 *
 * Signal hashes an identity key together with a stable identifier. Here the identifier is the hash of all static keys of that
 * side, so that the number changes when any of them does.
 */
import * as Effect from "effect/Effect"
import { codec, fixed, refine, uint } from "./codec/codec.ts"
import { list, struct } from "./codec/composite.ts"
import { concat, equal } from "./crypto/bytes.ts"
import type { CryptoService } from "./crypto/crypto.ts"
import { hashStaticPublic, type StaticPublic } from "./handshake/static-keys.ts"

/** Makes a search for a colliding key 2¹² times as dear (Signal's choice for version 0). */
const ITERATIONS = 5_200
/** Between two pauses of the interruptible computation: about 2 ms in JavaScript. */
const ITERATIONS_A_STRETCH = 325
const VERSION_BYTES = [0x00, 0x00]
/** Signal's type byte of an X25519 public key. */
const CURVE_TYPE = 0x05
const DIGITS_A_GROUP = 5
const GROUPS_A_SIDE = 6

/** What two people compare to know that nobody stands between them. */
export interface SafetyNumber {
  /** 60 digits in groups of five, with spaces. The same on both sides. */
  readonly digits: string
  /** For a QR code: the same on both sides. */
  readonly qrPayload: Uint8Array
  /** Whether a scanned payload is of the same two sides. */
  readonly matches: (payload: Uint8Array) => boolean
}

/** A side's fingerprint, 64 bytes. `identity`: the X25519 key with its type byte; `id`: Signal's stable identifier. */
export const fingerprint = (crypto: CryptoService, identity: Uint8Array, id: Uint8Array): Uint8Array =>
  iterate(crypto, identity, firstInput(identity, id), ITERATIONS)

/** Blocks for 10,400 SHA-512 of 97 bytes: use `safetyNumberInSteps` on a thread that draws. */
export const safetyNumber = (crypto: CryptoService, ours: StaticPublic, theirs: StaticPublic): SafetyNumber =>
  safetyNumberOf(crypto, identityOf(crypto, ours), identityOf(crypto, theirs))

/** The same, where only that is kept which goes into it. */
export const safetyNumberOf = (crypto: CryptoService, ours: Side, theirs: Side): SafetyNumber => {
  const [a, b] = [ours, theirs].map(({ id, identity }) => fingerprint(crypto, identity, id))
  return fromFingerprints(a!, b!)
}

/** The same, giving other fibers their turn every few milliseconds. */
export const safetyNumberInSteps = Effect.fnUntraced(function* (
  crypto: CryptoService,
  ours: StaticPublic,
  theirs: StaticPublic,
) {
  const prints: Array<Uint8Array> = []
  for (const keys of [ours, theirs]) {
    const { id, identity } = identityOf(crypto, keys)
    let print = firstInput(identity, id)
    for (let done = 0; done < ITERATIONS; done += ITERATIONS_A_STRETCH) {
      print = iterate(crypto, identity, print, ITERATIONS_A_STRETCH)
      yield* Effect.yieldNow
    }
    prints.push(print)
  }
  return fromFingerprints(prints[0]!, prints[1]!)
})

/** What of a side's keys goes into the number: 65 bytes. */
export interface Side {
  readonly identity: Uint8Array
  readonly id: Uint8Array
}

export const identityOf = (crypto: CryptoService, keys: StaticPublic): Side => ({
  identity: concat(Uint8Array.of(CURVE_TYPE), keys.signalIdentity),
  id: hashStaticPublic(crypto, keys),
})

const firstInput = (identity: Uint8Array, id: Uint8Array): Uint8Array =>
  concat(Uint8Array.from(VERSION_BYTES), identity, id)

const iterate = (crypto: CryptoService, identity: Uint8Array, start: Uint8Array, times: number): Uint8Array => {
  let print = start
  for (let i = 0; i < times; i++) print = crypto.sha512(concat(print, identity))
  return print
}

const payload = codec(
  struct({ version: [1, uint(0)], fingerprints: [2, refine(list(fixed(64), 2), (both) => both.length === 2)] }),
  256,
)

const fromFingerprints = (a: Uint8Array, b: Uint8Array): SafetyNumber => {
  const sides = [a, b].map((print) => ({ print, digits: digitsOf(print) }))
  // Sorted by their digits, so that both sides read the same number.
  sides.sort((left, right) => (left.digits < right.digits ? -1 : 1))
  const qrPayload = payload.encode({ version: 0, fingerprints: sides.map(({ print }) => print) })
  return {
    digits: sides.map(({ digits }) => digits).join(" "),
    qrPayload,
    matches: (scanned) => equal(scanned, qrPayload),
  }
}

/** Six times five bytes, big-endian, modulo 100,000. */
const digitsOf = (print: Uint8Array): string =>
  Array.from({ length: GROUPS_A_SIDE }, (_, group) => {
    const number = print.slice(group * 5, group * 5 + 5).reduce((sum, byte) => sum * 256 + byte, 0)
    return String(number % 100_000).padStart(DIGITS_A_GROUP, "0")
  }).join(" ")
