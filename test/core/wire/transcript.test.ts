/** The transcript: equal if and only if everything said and assumed was (HS-2), and what is derived from it. */
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { nobleCrypto } from "../../../src/core/crypto/noble.ts"
import {
  confirmKey,
  confirmMac,
  isConfirmed,
  recoveryId,
  recoverySecret,
  type TranscriptParts,
  transcriptHash,
} from "../../../src/core/handshake/transcript.ts"
import { peerOf } from "../../../src/core/ids.ts"
import * as wire from "../../../src/spec/arbitraries/wire.ts"

const crypto = nobleCrypto((length) => new Uint8Array(length))
const hash = (parts: TranscriptParts) => Buffer.from(transcriptHash(crypto, parts)).toString("hex")
const secret = wire.bytesOf(32)

test("is equal for equal parts, and for no others", () => {
  fc.assert(
    fc.property(wire.transcriptParts, wire.transcriptParts, (a, b) => {
      expect(hash(structuredClone(a))).toBe(hash(a))
      const same = fc.stringify(a) === fc.stringify(b)
      expect(hash(a) === hash(b)).toBe(same)
    }),
  )
})

test("changes with every bit of every part", () => {
  const part = fc.constantFrom("hello", "bundle", "accept", "binding" as const)
  fc.assert(
    fc.property(wire.transcriptParts, part, fc.nat(), fc.nat({ max: 7 }), (parts, name, at, bit) => {
      const bytes = parts[name]
      fc.pre(bytes !== undefined && bytes.length > 0)
      const altered = bytes.with(at % bytes.length, bytes[at % bytes.length]! ^ (1 << bit))
      expect(hash({ ...parts, [name]: altered })).not.toBe(hash(parts))
    }),
    { numRuns: 300 },
  )
})

test("no byte can move from one part to the next, and no binding is not an empty one", () => {
  const of = (hello: string, bundle: string, accept: string, binding?: string) =>
    hash({
      hello: Buffer.from(hello),
      bundle: Buffer.from(bundle),
      accept: Buffer.from(accept),
      binding: binding === undefined ? undefined : Buffer.from(binding),
    })
  const hashes = [
    of("ab", "c", "d"),
    of("a", "bc", "d"),
    of("a", "b", "cd"),
    of("abcd", "", ""),
    of("c", "ab", "d"),
    of("ab", "c", "", "d"),
    of("ab", "c", "d", ""),
  ]
  expect(new Set(hashes).size).toBe(hashes.length)
})

test("a Confirm is right for its secret, transcript and role alone", () => {
  fc.assert(
    fc.property(secret, secret, wire.role, fc.nat({ max: 255 }), (shared, transcript, role, bit) => {
      const mac = confirmMac(crypto, shared, transcript, role)
      const flipped = (bytes: Uint8Array) => bytes.with(bit >> 3, bytes[bit >> 3]! ^ (1 << (bit & 7)))
      const confirms = (s: Uint8Array, t: Uint8Array, m: { role: typeof role; mac: Uint8Array }) =>
        isConfirmed(crypto, s, t, m)
      expect(confirms(shared, transcript, { role, mac })).toBe(true)
      expect(confirms(flipped(shared), transcript, { role, mac })).toBe(false)
      expect(confirms(shared, flipped(transcript), { role, mac })).toBe(false)
      expect(confirms(shared, transcript, { role: peerOf(role), mac })).toBe(false) // reflected
      expect(confirms(shared, transcript, { role, mac: flipped(mac) })).toBe(false)
      expect(confirms(shared, transcript, { role, mac: mac.slice(0, 31) })).toBe(false)
      expect(confirms(shared, transcript, { role, mac: new Uint8Array() })).toBe(false)
    }),
    { numRuns: 50 },
  )
})

test("every derived value differs from every other and from what it was derived from", () => {
  fc.assert(
    fc.property(secret, secret, (shared, transcript) => {
      const derived = [
        shared,
        transcript,
        confirmKey(crypto, shared, transcript, "inviter"),
        confirmKey(crypto, shared, transcript, "joiner"),
        confirmMac(crypto, shared, transcript, "inviter"),
        confirmMac(crypto, shared, transcript, "joiner"),
        recoverySecret(crypto, shared, transcript),
        recoveryId(crypto, shared, transcript),
      ].map((bytes) => Buffer.from(bytes).toString("hex").slice(0, 32))
      expect(new Set(derived).size).toBe(shared.join() === transcript.join() ? derived.length - 1 : derived.length)
    }),
    { numRuns: 50 },
  )
})

test("secrets have the lengths that the next handshake asks for", () => {
  expect(recoverySecret(crypto, new Uint8Array(32), new Uint8Array(32)).length).toBe(32)
  expect(recoveryId(crypto, new Uint8Array(32), new Uint8Array(32)).length).toBe(16)
})
