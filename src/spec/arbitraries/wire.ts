/** Arbitrary values of everything that is encoded for the wire. Docs: protocol.md, "Encoding". */
import * as fc from "fast-check"
import {
  type Content,
  MAX_ACKNOWLEDGED_APART,
  MAX_EMOJI_BYTES,
  MAX_TEXT_BYTES,
  MAX_TIME,
  MAX_TIMER,
  MAX_TIMER_CHANGES,
  REASONS,
  type Resume,
  type Timer,
} from "../../core/content.ts"
import { FRAGMENT_BYTES, type Fragment, type Frame, MAX_FRAGMENTS } from "../../core/frame.ts"
import type { PairingSecret } from "../../core/handshake/envelope.ts"
import type { Invite } from "../../core/handshake/invite.ts"
import { type Accept, type Bundle, type Hello, KEM_BYTES } from "../../core/handshake/messages.ts"
import type { Tell } from "../../core/handshake/standing.ts"
import type { StaticPublic } from "../../core/handshake/static-keys.ts"
import { SUITES } from "../../core/handshake/suites.ts"
import type { TranscriptParts } from "../../core/handshake/transcript.ts"
import type { Role } from "../../core/ids.ts"
import type { Address } from "../../core/transport.ts"

/** Bytes of exactly this length, drawn as one number: long ones would otherwise dominate the time of a run. */
export const bytesOf = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.integer({ min: 0, max: 0xffff_ffff }).map((seed) => scrambled(seed, length))

/** Mostly short, at times as long as `max`. */
export const bytesUpTo = (max: number): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.uint8Array({ maxLength: Math.min(max, 32) }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max }).chain(bytesOf) },
    { weight: 1, arbitrary: bytesOf(max) },
  )

/** Well-formed text of any script, at most this long in UTF-8. */
export const textUpTo = (maxBytes: number): fc.Arbitrary<string> =>
  // A grapheme may have several code points: the longest of fast-check's is below 64 bytes.
  fc.oneof(
    fc.string({ unit: "binary", maxLength: Math.floor(Math.min(maxBytes, 256) / 4) }),
    fc.string({ unit: "grapheme-ascii", maxLength: Math.min(maxBytes, 64) }),
    fc.constantFrom("", "\u{feff}", "\0", "𝄞", "é", "e\u0301").filter((text) => text.length * 3 <= maxBytes),
  )

/** Either side. */
export const role: fc.Arbitrary<Role> = fc.constantFrom("inviter", "joiner")

const counter = fc.oneof(fc.nat({ max: 300 }), fc.maxSafeNat())
const seconds = fc.integer({ min: 0, max: 8_640_000_000_000 })
const signalId = fc.integer({ min: 0, max: 0xffff_ffff })

/** Where somebody can be met, of any transport. */
export const address: fc.Arbitrary<Address> = fc.record({
  kind: fc.oneof(fc.constantFrom("peerjs", "memory", "relay"), textUpTo(16)),
  at: bytesUpTo(160),
})

const meet = fc.array(address, { maxLength: 2 })

/** An invite. */
export const invite: fc.Arbitrary<Invite> = fc.record(
  {
    version: fc.constant(1 as const),
    id: bytesOf(16),
    secret: bytesOf(32),
    bundleHash: bytesOf(32),
    expiresAt: seconds,
    meet,
    name: textUpTo(48),
    hand: bytesUpTo(512),
  },
  { requiredKeys: ["version", "id", "secret", "bundleHash", "expiresAt", "meet"] },
)

/** What an invite names and hides. */
export const pairingSecret: fc.Arbitrary<PairingSecret> = fc.record({ id: bytesOf(16), secret: bytesOf(32) })

/** A side's three static keys. */
export const staticPublic: fc.Arbitrary<StaticPublic> = fc.record({
  signalIdentity: bytesOf(32),
  mlsSignature: bytesOf(32),
  kem: bytesOf(1_216),
})

const reason = fc.constantFrom(...REASONS)
const claimed = fc.maxSafeNat().map((n) => n % 2 ** 48)
const resume: fc.Arbitrary<Resume> = fc.record({
  reason,
  life: bytesOf(16),
  written: claimed,
  ahead: claimed,
  repeats: claimed,
})

/** What a Tell says. */
export const tell: fc.Arbitrary<Tell> = fc.record(
  {
    newest: bytesOf(16),
    pending: bytesOf(16),
    reason,
    known: bytesOf(16),
    lives: fc.array(bytesOf(16), { maxLength: 16 }),
    sent: fc.maxSafeNat(),
    received: fc.maxSafeNat(),
    offered: fc.array(bytesOf(16), { maxLength: 4 }),
  },
  { requiredKeys: ["newest", "known", "lives", "sent", "received"] },
)

/** A Hello's body. */
export const hello: fc.Arbitrary<Hello> = fc.record(
  {
    suites: fc.oneof(
      fc.constant(SUITES),
      fc.array(fc.record({ layer: fc.nat({ max: 255 }), suite: textUpTo(64) }), { maxLength: 8 }),
    ),
    inviteId: bytesOf(16),
    nonce: bytesOf(32),
    binding: bytesUpTo(255),
  },
  { requiredKeys: ["suites", "inviteId", "nonce"] },
)

const curveKey = bytesOf(33).map((key) => key.with(0, 0x05))
const kyberKey = bytesOf(1_569).map((key) => key.with(0, 0x08))

/** A Bundle's body. */
export const bundle: fc.Arbitrary<Bundle> = fc.record(
  {
    statics: staticPublic,
    signedPreKey: fc.record({ id: signalId, key: curveKey, signature: bytesOf(64) }),
    kyberPreKey: fc.record({ id: signalId, key: kyberKey, signature: bytesOf(64) }),
    oneTimePreKey: fc.record({ id: signalId, key: curveKey }),
    registrationId: signalId,
    oneTimeKem: bytesOf(1_216),
    keyPackage: bytesUpTo(6_144),
    nonce: bytesOf(32),
    helloHash: bytesOf(32),
  },
  {
    requiredKeys: [
      "statics",
      "signedPreKey",
      "kyberPreKey",
      "registrationId",
      "oneTimeKem",
      "keyPackage",
      "nonce",
      "helloHash",
    ],
  },
)

/** An Accept's body. */
export const accept: fc.Arbitrary<Accept> = fc.record({
  statics: staticPublic,
  signal: bytesUpTo(3_072),
  kem: bytesOf(KEM_BYTES),
  welcome: bytesUpTo(8_192),
  meet,
  bundleHash: bytesOf(32),
})

/** What a transcript hashes. */
export const transcriptParts: fc.Arbitrary<TranscriptParts> = fc.record({
  hello: bytesUpTo(512),
  bundle: bytesUpTo(512),
  accept: bytesUpTo(512),
  binding: fc.option(bytesOf(32), { nil: undefined }),
})

const numbered = { id: bytesOf(16), number: counter }

const acknowledgement = fc
  .record(
    {
      upTo: fc.nat({ max: 2 ** 40 }),
      gaps: fc.array(fc.integer({ min: 1, max: 1_000 }), { maxLength: MAX_ACKNOWLEDGED_APART }),
      readUpTo: counter,
    },
    { requiredKeys: ["upTo", "gaps"] },
  )
  .map(({ gaps, ...told }) => {
    let at = told.upTo
    return { kind: "acknowledgement" as const, ...told, also: gaps.map((gap) => (at += gap)) }
  })

const longText = fc
  .tuple(fc.constantFrom("a", "é", "€", "𝄞"), fc.integer({ min: 1, max: MAX_TEXT_BYTES }))
  .map(([unit, bytes]) => unit.repeat(Math.floor(bytes / new TextEncoder().encode(unit).length)))

const time = fc.integer({ min: 0, max: MAX_TIME })
const anyText = fc.oneof({ weight: 8, arbitrary: textUpTo(1_024) }, { weight: 1, arbitrary: longText })
const target = bytesOf(16)
const settings = fc.oneof(fc.nat({ max: 9 }), fc.integer({ min: 0, max: MAX_TIMER_CHANGES }))

/** When messages disappear. */
export const timer: fc.Arbitrary<Timer> = fc.record({
  after: fc.integer({ min: 1, max: MAX_TIMER }),
  from: fc.constantFrom("reading" as const, "sending" as const),
})

/** Emoji of every form that there is: alone, with a skin, a presentation, joined, flags, keycaps. */
export const emoji: fc.Arbitrary<string> = fc.constantFrom("👍", "❤️", "👍🏽", "👩‍❤️‍💋‍👨", "🇫🇷", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿")

/** A content of any kind. */
export const content: fc.Arbitrary<Content> = fc.oneof(
  fc.record(
    { kind: fc.constant("text" as const), ...numbered, at: time, text: anyText, replyTo: target, timer },
    { requiredKeys: ["kind", "id", "number", "at", "text"] },
  ),
  fc.record({ kind: fc.constant("edit" as const), ...numbered, target, text: anyText }),
  fc.record({ kind: fc.constant("deletion" as const), ...numbered, target }),
  fc.record(
    {
      kind: fc.constant("reaction" as const),
      ...numbered,
      target,
      emoji: fc.oneof(emoji, textUpTo(MAX_EMOJI_BYTES)),
    },
    { requiredKeys: ["kind", "id", "number", "target"] },
  ),
  fc.record(
    { kind: fc.constant("timer" as const), ...numbered, at: time, timer, own: settings, seen: settings },
    { requiredKeys: ["kind", "id", "number", "at", "own", "seen"] },
  ),
  fc.record({ kind: fc.constant("void" as const), ...numbered }),
  acknowledgement,
  fc.record({ kind: fc.constant("typing" as const), active: fc.boolean() }),
  fc.record({ kind: fc.constant("profile" as const), ...numbered, name: textUpTo(128) }),
  fc.record({ kind: fc.constant("rekey" as const), ...numbered, commit: bytesUpTo(16_384) }),
  fc.record(
    { kind: fc.constant("confirm" as const), role, mac: bytesOf(32), resume },
    { requiredKeys: ["kind", "role", "mac"] },
  ),
  fc.record({ kind: fc.constant("tombstone" as const), ...numbered }),
)

/** A fragment as `split` makes them, of whichever frame. */
export const fragment: fc.Arbitrary<Fragment> = fc
  .integer({ min: 2, max: MAX_FRAGMENTS })
  .chain((count) => fc.tuple(fc.constant(count), fc.integer({ min: 0, max: count - 1 })))
  .chain(([count, index]) =>
    fc.record({
      kind: fc.constant("fragment" as const),
      id: bytesOf(8),
      index: fc.constant(index),
      count: fc.constant(count),
      bytes: index === count - 1 ? fc.integer({ min: 1, max: FRAGMENT_BYTES }).chain(bytesOf) : bytesOf(FRAGMENT_BYTES),
    }),
  )

/** What fits a link frame. */
export const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ kind: fc.constant("hello" as const), message: bytesUpTo(1_024) }),
  fc.record({ kind: fc.constant("bundle" as const), message: bytesUpTo(16_000) }),
  fc.record({ kind: fc.constant("accept" as const), message: bytesUpTo(16_000) }),
  fc.record({ kind: fc.constant("confirm" as const), role, ciphertext: bytesUpTo(16_000) }),
  fc.record({ kind: fc.constant("ask" as const), message: bytesUpTo(512) }),
  fc.record({ kind: fc.constant("tell" as const), message: bytesUpTo(1_024) }),
  fc.record({ kind: fc.constant("sealed" as const), ciphertext: bytesUpTo(16_000) }),
  fragment,
)

/** Frames over 16 KiB, which must be split. */
export const longFrame: fc.Arbitrary<Frame> = fc
  .oneof(fc.integer({ min: 16_384, max: 40_000 }), fc.integer({ min: 16_384, max: 134_000 }))
  .chain(bytesOf)
  .chain((ciphertext) =>
    fc.oneof(
      fc.constant<Frame>({ kind: "sealed", ciphertext }),
      role.map((by): Frame => ({ kind: "confirm", role: by, ciphertext })),
    ),
  )

/** Marsaglia's xorshift32: not random, only different from seed to seed. */
const scrambled = (seed: number, length: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  let state = (seed ^ 0x9e37_79b9) | 1
  for (let i = 0; i < length; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes[i] = state >>> 24
  }
  return bytes
}
