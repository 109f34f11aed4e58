/** What people compare and what keys sign: fingerprints and XEdDSA, ours against Signal's. */
import * as signal from "@signalapp/libsignal-client"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { nativeCrypto } from "../../src/adapters/crypto/native.ts"
import { concat } from "../../src/core/crypto/bytes.ts"
import { nobleCrypto } from "../../src/core/crypto/noble.ts"
import { sign, verify } from "../../src/core/crypto/xeddsa.ts"
import { hashStaticPublic, type StaticPublic } from "../../src/core/handshake/static-keys.ts"
import { safetyNumber } from "../../src/core/safety-number.ts"
import { makeDice } from "../../src/spec/simulation/dice.ts"
import { SEED } from "./couple.ts"

const dice = makeDice(SEED)
const random = (length: number) => Uint8Array.from({ length }, () => dice.upTo(255))
const crypto = { ...(nativeCrypto() ?? nobleCrypto(random)), random }
const run = <A, E>(effect: Effect.Effect<A, E>): A => Effect.runSync(effect)
const own = (bytes: Uint8Array) => Uint8Array.from(bytes)

const RUNS = 20

describe("the safety number", () => {
  it("is Signal's fingerprint, with the hash of our static keys as the identifier", () => {
    const side = (): StaticPublic => ({
      signalIdentity: run(crypto.x25519.publicKey(random(32))),
      mlsSignature: random(32),
      kem: random(1_216),
    })
    for (let i = 0; i < 3; i++) {
      const [alice, bob] = [side(), side()]
      const theirs = (ours: StaticPublic, peers: StaticPublic) => {
        const key = (keys: StaticPublic) =>
          signal.PublicKey.deserialize(own(concat(Uint8Array.of(5), keys.signalIdentity)))
        const id = (keys: StaticPublic) => own(hashStaticPublic(crypto, keys))
        return signal.Fingerprint.new(5_200, 2, id(ours), key(ours), id(peers), key(peers))
          .displayableFingerprint()
          .toString()
      }
      const digits = safetyNumber(crypto, alice, bob).digits.replaceAll(" ", "")
      expect(digits).toBe(theirs(alice, bob))
      expect(digits).toBe(theirs(bob, alice))
      expect(digits).toMatch(/^\d{60}$/)
    }
  })
})

describe("XEdDSA", () => {
  it("signatures of each are genuine to the other, and to nobody else", () => {
    for (let i = 0; i < RUNS; i++) {
      const theirs = signal.PrivateKey.generate()
      const secret = random(32)
      const ours = signal.PrivateKey.deserialize(own(secret))
      const publicKey = run(crypto.x25519.publicKey(secret))
      const message = random(dice.upTo(200))
      expect(ours.getPublicKey().serialize().slice(1)).toEqual(own(publicKey))

      const byUs = run(sign(crypto, secret, message))
      expect(ours.getPublicKey().verify(own(message), own(byUs))).toBe(true)
      const byThem = theirs.sign(own(message))
      const theirPublic = theirs.getPublicKey().serialize().slice(1)
      expect(run(verify(crypto, theirPublic, message, byThem))).toBe(true)

      const bit = dice.upTo(511)
      const flip = (bytes: Uint8Array) => bytes.with(bit >> 3, bytes[bit >> 3]! ^ (1 << (bit & 7)))
      expect(ours.getPublicKey().verify(own(message), own(flip(byUs)))).toBe(false)
      expect(run(verify(crypto, theirPublic, message, flip(byThem)))).toBe(false)
      expect(theirs.getPublicKey().verify(own(message), own(byUs))).toBe(false)
      expect(run(verify(crypto, publicKey, message, byThem))).toBe(false)
    }
  })
})
