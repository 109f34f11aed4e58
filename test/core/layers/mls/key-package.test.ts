/** Which KeyPackages are taken: those that our own side could have made, today. */
import type { CiphersuiteName, KeyPackage } from "ts-mls"
import { generateKeyPackageWithKey, signKeyPackage } from "ts-mls/keyPackage.js"
import { signLeafNodeKeyPackage } from "ts-mls/leafNode.js"
import { describe, expect, it } from "vitest"
import { mlsKeyPackage } from "../../../../src/core/layers/mls/establish.ts"
import { CLOCK_SKEW, MAX_LIFETIME } from "../../../../src/core/layers/mls/limits.ts"
import { CAPABILITIES, credentialOf } from "../../../../src/core/layers/mls/member.ts"
import {
  ALWAYS,
  create,
  keysOf,
  longWinded,
  MALLORY,
  NOTHING,
  offerBy,
  SOON,
  seconds,
  suite,
  wire,
} from "./establishing.ts"
import { crypto, DAY, INVITER, isRefused, JOINER, NOW, publicKeyOf, run, text } from "./fixture.ts"

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
    const posing = await generateKeyPackageWithKey(credential, CAPABILITIES, SOON, [], keysOf(MALLORY), suite)
    expect(await isRefused(create(wire(posing.publicPackage)))).toBe(true)
    expect(await isRefused(create(wire(posing.publicPackage), publicKeyOf(MALLORY)))).toBe(true)

    // The expected key's name on it, and no signature that it made.
    const keys = { signKey: MALLORY, publicKey: publicKeyOf(INVITER) }
    const forged = await generateKeyPackageWithKey(credential, CAPABILITIES, SOON, [], keys, suite)
    expect(await isRefused(create(wire(forged.publicPackage)))).toBe(true)

    // Our own, reflected.
    const own = await offerBy(JOINER)
    expect(await isRefused(create(wire(own.publicPackage), publicKeyOf(JOINER)))).toBe(true)
  })

  it("is good from an hour before it was made to an hour after it expires", async () => {
    const { keyPackage } = await run(mlsKeyPackage({ signatureSeed: INVITER, lifetime: DAY }))
    const good = async (now: number) => !(await isRefused(create(keyPackage), { now }))
    const skew = CLOCK_SKEW * 1000
    expect([await good(NOW), await good(NOW - 2 * skew), await good(NOW + DAY + skew)]).toEqual([true, true, true])
    expect([await good(NOW - 2 * skew - 1000), await good(NOW + DAY + skew + 1000)]).toEqual([false, false])
  })

  it("that claims to be good for ever is refused", async () => {
    const forever = await offerBy(INVITER, ALWAYS)
    expect(await isRefused(create(wire(forever.publicPackage)))).toBe(true)
    const backwards = await offerBy(INVITER, { notBefore: seconds(NOW + 1000), notAfter: seconds(NOW - 1000) })
    expect(await isRefused(create(wire(backwards.publicPackage)))).toBe(false) // within the skew of both ends
    const long = { notBefore: seconds(NOW), notAfter: seconds(NOW) + BigInt(MAX_LIFETIME + 3 * CLOCK_SKEW) }
    expect(await isRefused(create(wire((await offerBy(INVITER, long)).publicPackage)))).toBe(true)
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
