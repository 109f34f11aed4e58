/** Which KeyPackages are taken: those that our own side could have made. */
import * as fc from "fast-check"
import type { CiphersuiteName, KeyPackage } from "ts-mls"
import { generateKeyPackageWithKey, signKeyPackage } from "ts-mls/keyPackage.js"
import { signLeafNodeKeyPackage } from "ts-mls/leafNode.js"
import { describe, expect, it } from "vitest"
import { LIFETIME, mlsJoin, mlsKeyPackage } from "../../../../src/core/layers/mls/establish.ts"
import { CAPABILITIES, credentialOf } from "../../../../src/core/layers/mls/member.ts"
import { create, keysOf, longWinded, MALLORY, NOTHING, offerBy, suite, wire } from "./establishing.ts"
import { crypto, INVITER, isRefused, JOINER, publicKeyOf, run, text } from "./fixture.ts"

describe("a KeyPackage", () => {
  it("has one encoding", async () => {
    const keyPackage = wire((await offerBy(INVITER)).publicPackage)
    expect(await isRefused(create(keyPackage))).toBe(false)
    expect(await isRefused(create(longWinded(keyPackage, 64)))).toBe(true)
  })

  it("of another key than the expected one is refused, whatever its credential says", async () => {
    const { publicPackage } = await offerBy(MALLORY)
    expect(await isRefused(create(wire(publicPackage), publicKeyOf(MALLORY)))).toBe(false)
    expect(await isRefused(create(wire(publicPackage)))).toBe(true)

    const credential = credentialOf(crypto, publicKeyOf(INVITER))
    const posing = await generateKeyPackageWithKey(credential, CAPABILITIES, LIFETIME, [], keysOf(MALLORY), suite)
    expect(await isRefused(create(wire(posing.publicPackage)))).toBe(true)
    expect(await isRefused(create(wire(posing.publicPackage), publicKeyOf(MALLORY)))).toBe(true)

    // The expected key's name on it, and no signature that it made.
    const keys = { signKey: MALLORY, publicKey: publicKeyOf(INVITER) }
    const forged = await generateKeyPackageWithKey(credential, CAPABILITIES, LIFETIME, [], keys, suite)
    expect(await isRefused(create(wire(forged.publicPackage)))).toBe(true)

    // Our own, reflected.
    const own = await offerBy(JOINER)
    expect(await isRefused(create(wire(own.publicPackage), publicKeyOf(JOINER)))).toBe(true)
  })

  it("is good whatever the two clocks say: nobody is asked what time it is", async () => {
    const clock = fc.integer({ min: 0, max: 8_640_000_000_000_000 })
    await fc.assert(
      fc.asyncProperty(clock, clock, clock, async (made, taken, joined) => {
        const offer = await run(mlsKeyPackage({ signatureSeed: INVITER }), { now: made })
        const { welcome } = await run(create(offer.keyPackage), { now: taken })
        const join = mlsJoin({ signatureSeed: INVITER, ...offer, welcome, peerSignatureKey: publicKeyOf(JOINER) })
        expect(await isRefused(join, { now: joined })).toBe(false)
      }),
      { numRuns: 10 },
    )
  })

  it("with another lifetime than the one that there is is refused", async () => {
    const time = fc.bigInt({ min: 0n, max: LIFETIME.notAfter })
    const other = fc
      .record({ notBefore: fc.oneof(fc.constant(0n), time), notAfter: fc.oneof(fc.constant(LIFETIME.notAfter), time) })
      .filter(({ notAfter, notBefore }) => notBefore !== 0n || notAfter !== LIFETIME.notAfter)
    await fc.assert(
      fc.asyncProperty(other, async (lifetime) => {
        expect(await isRefused(create(wire((await offerBy(INVITER, lifetime)).publicPackage)))).toBe(true)
      }),
      { numRuns: 10 },
    )
  })

  it("that offers another suite, more than this profile, or is put together wrongly is refused", async () => {
    const good = (await offerBy(INVITER)).publicPackage
    expect(await isRefused(create(wire(good)))).toBe(false)
    const signed = async (change: Partial<KeyPackage>) =>
      wire(await signKeyPackage({ ...good, ...change }, INVITER, suite.signature))
    const leaf = async (change: Partial<KeyPackage["leafNode"]>) => {
      const leafNode = { ...good.leafNode, ...change } as KeyPackage["leafNode"]
      return await signed({ leafNode: await signLeafNodeKeyPackage(leafNode, INVITER, suite.signature) })
    }
    expect(await isRefused(create(await signed({})))).toBe(false)
    expect(await isRefused(create(await leaf({})))).toBe(false)

    const other = "MLS_256_XWING_CHACHA20POLY1305_SHA512_Ed25519" as CiphersuiteName
    const bad = [
      await signed({ cipherSuite: other }),
      await signed({ extensions: [{ extensionType: 0xf001, extensionData: NOTHING }] }),
      await signed({ initKey: good.leafNode.hpkePublicKey }),
      await signed({ initKey: good.initKey.slice(1) }),
      await signed({ initKey: new Uint8Array(1216).fill(255) }),
      await leaf({ capabilities: { ...CAPABILITIES, ciphersuites: [other] } }),
      await leaf({ capabilities: { ...CAPABILITIES, credentials: ["basic", "x509"] } }),
      await leaf({ capabilities: { ...CAPABILITIES, extensions: [0xf001] } }),
      await leaf({ capabilities: { ...CAPABILITIES, proposals: [0x0a0a] } }),
      await leaf({ extensions: [{ extensionType: "application_id", extensionData: text("me") }] }),
      await leaf({ credential: { credentialType: "basic", identity: text("Bob") } }),
      await leaf({ credential: { credentialType: "x509", certificates: [publicKeyOf(INVITER)] } }),
    ]
    const refusals = await Promise.all(bad.map((keyPackage) => isRefused(create(keyPackage))))
    expect(refusals).toEqual(bad.map(() => true))
  })
})
