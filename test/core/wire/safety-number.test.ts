/** The safety number against the formula read literally, from both sides, and with any key exchanged. */
import { createHash } from "node:crypto"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { nobleCrypto } from "../../../src/core/crypto/noble.ts"
import { type StaticPublic, staticPublic } from "../../../src/core/handshake/static-keys.ts"
import { safetyNumber, safetyNumberInSteps } from "../../../src/core/safety-number.ts"
import * as wire from "../../../src/spec/arbitraries/wire.ts"

const sha512 = (...parts: ReadonlyArray<Uint8Array>) => createHash("sha512").update(Buffer.concat(parts)).digest()
/** The hashes of the runtime, because 5,200 in JavaScript for each of many cases take long. */
const crypto = {
  ...nobleCrypto((length) => new Uint8Array(length)),
  sha512: (data: Uint8Array) => new Uint8Array(sha512(data)),
}
const [alice, bob, mallory] = fc.sample(wire.staticPublic, { seed: 1, numRuns: 3 }) as [
  StaticPublic,
  StaticPublic,
  StaticPublic,
]

/** Signal's fingerprint, version 0, word for word. */
const side = (keys: StaticPublic): string => {
  const identity = Buffer.concat([Buffer.of(5), keys.signalIdentity])
  const id = createHash("sha256").update(staticPublic.encode(keys)).digest()
  let hash = sha512(Buffer.of(0, 0), identity, id, identity)
  for (let i = 0; i < 5_199; i++) hash = sha512(hash, identity)
  const chunks = [0, 5, 10, 15, 20, 25].map((at) => BigInt(`0x${hash.subarray(at, at + 5).toString("hex")}`) % 100_000n)
  return chunks.map((chunk) => `${chunk}`.padStart(5, "0")).join(" ")
}

test("is Signal's fingerprint of both sides, sorted", () => {
  const pair = fc.tuple(wire.staticPublic, wire.staticPublic)
  fc.assert(
    fc.property(pair, ([a, b]) => {
      const { digits } = safetyNumber(crypto, a, b)
      expect(digits).toBe([side(a), side(b)].sort().join(" "))
      expect(digits).toMatch(/^(\d{5} ){11}\d{5}$/)
    }),
    { numRuns: 10 },
  )
})

test("is the same on both sides, as digits and as a code", () => {
  const ours = safetyNumber(crypto, alice, bob)
  const theirs = safetyNumber(crypto, bob, alice)
  expect(theirs.digits).toBe(ours.digits)
  expect(theirs.qrPayload).toEqual(ours.qrPayload)
  expect(ours.matches(theirs.qrPayload)).toBe(true)
})

test("changes when any static key of either side does", () => {
  const ours = safetyNumber(crypto, alice, bob)
  const keys = ["signalIdentity", "mlsSignature", "kem"] as const
  const others = keys.flatMap((key) => {
    const swapped = { ...bob, [key]: mallory[key] }
    return [safetyNumber(crypto, alice, swapped), safetyNumber(crypto, swapped, alice)]
  })
  for (const other of others) {
    expect(other.digits).not.toBe(ours.digits)
    expect(ours.matches(other.qrPayload)).toBe(false)
  }
})

test("matches nothing that was altered, cut short or made up", () => {
  const { matches, qrPayload } = safetyNumber(crypto, alice, bob)
  for (let at = 0; at < qrPayload.length; at++) {
    expect(matches(qrPayload.with(at, qrPayload[at]! ^ 1))).toBe(false)
    expect(matches(qrPayload.slice(0, at))).toBe(false)
  }
  expect(matches(Uint8Array.of(...qrPayload, 0))).toBe(false)
})

test("in steps is the same, and lets others run in between", async () => {
  let turns = 0
  const beside = Effect.gen(function* () {
    while (true) {
      turns += 1
      yield* Effect.yieldNow
    }
  })
  const number = await Effect.runPromise(Effect.raceFirst(safetyNumberInSteps(crypto, alice, bob), beside))
  expect(number.digits).toBe(safetyNumber(crypto, alice, bob).digits)
  expect(number.qrPayload).toEqual(safetyNumber(crypto, alice, bob).qrPayload)
  expect(turns).toBeGreaterThan(20)
})
