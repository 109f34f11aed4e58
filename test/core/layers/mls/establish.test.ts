/** Who gets into a group, and what a member who is in it cannot do: everything that MLS can and two people do not need. */
import {
  createCommit,
  createGroup,
  decodeMlsMessage,
  encodeExternalSender,
  encodeMlsMessage,
  type Proposal,
} from "ts-mls"
import { defaultClientConfig } from "ts-mls/clientConfig.js"
import { beforeAll, describe, expect, it } from "vitest"
import { LIFETIME, mlsJoin, mlsKeyPackage } from "../../../../src/core/layers/mls/establish.ts"
import { credentialOf } from "../../../../src/core/layers/mls/member.ts"
import { longWinded, MALLORY, NOTHING, offerBy, type Peer, suite, welcomeFrom, wire } from "./establishing.ts"
import { crypto, INVITER, isRefused, JOINER, publicKeyOf, run, text } from "./fixture.ts"

describe("a Welcome", () => {
  let offer: Peer
  let peer: Peer
  let third: Peer

  const groupBy = (of: Peer, id = 32) =>
    createGroup(crypto.random(id), of.publicPackage, of.privatePackage, [], suite, defaultClientConfig)

  const join = (welcome: Uint8Array, change: Partial<Parameters<typeof mlsJoin>[0]> = {}) => {
    const { hpkePrivateKey, initPrivateKey } = offer.privatePackage
    // {1: init key, 2: leaf key}
    const privateKeys = Uint8Array.of(0xa2, 1, 0x58, 32, ...initPrivateKey, 2, 0x58, 32, ...hpkePrivateKey)
    const keyPackage = wire(offer.publicPackage)
    return mlsJoin({
      signatureSeed: INVITER,
      keyPackage,
      privateKeys,
      welcome,
      peerSignatureKey: publicKeyOf(JOINER),
      ...change,
    })
  }

  beforeAll(async () => {
    ;[offer, peer, third] = await Promise.all([offerBy(INVITER), offerBy(JOINER), offerBy(MALLORY)])
  })

  it("of the expected peer is accepted, and once only by its own key package", async () => {
    const { welcome } = await welcomeFrom(await groupBy(peer), [offer.publicPackage])
    expect(await isRefused(join(welcome))).toBe(false)
    const other = await run(mlsKeyPackage({ signatureSeed: INVITER }))
    expect(await isRefused(join(welcome, other))).toBe(true)
    expect(await isRefused(join(welcome, { privateKeys: other.privateKeys }))).toBe(true)
    expect(await isRefused(join(welcome, { privateKeys: NOTHING }))).toBe(true)
    expect(await isRefused(join(welcome, { keyPackage: welcome }))).toBe(true)
    expect(await isRefused(join(wire(offer.publicPackage)))).toBe(true)
    expect(await isRefused(join(welcome, { signatureSeed: MALLORY }))).toBe(true)
  })

  it("has one encoding", async () => {
    const { welcome } = await welcomeFrom(await groupBy(peer), [offer.publicPackage])
    const decoded = decodeMlsMessage(welcome, 0)![0]
    if (decoded.wireformat !== "mls_welcome") throw new Error("another wire format")
    const { length } = decoded.welcome.encryptedGroupInfo
    expect(await isRefused(join(longWinded(welcome, length)))).toBe(true)
  })

  it("by another member than the expected one is refused", async () => {
    const { welcome } = await welcomeFrom(await groupBy(third), [offer.publicPackage])
    expect(await isRefused(join(welcome))).toBe(true)
    expect(await isRefused(join(welcome, { peerSignatureKey: publicKeyOf(MALLORY) }))).toBe(false)
  })

  it("into a group with a third member is refused", async () => {
    const both = await welcomeFrom(await groupBy(peer), [offer.publicPackage, third.publicPackage])
    const reversed = await welcomeFrom(await groupBy(peer), [third.publicPackage, offer.publicPackage])
    const before = await welcomeFrom(await groupBy(peer), [third.publicPackage])
    const after = await welcomeFrom(before.state, [offer.publicPackage])
    for (const { welcome } of [both, reversed, after]) expect(await isRefused(join(welcome))).toBe(true)
  })

  it("into a group that lived before, has extensions or secrets of others, or an odd name is refused", async () => {
    const fresh = await groupBy(peer)
    const renewed = await createCommit({ state: fresh, cipherSuite: suite })
    const credential = credentialOf(crypto, publicKeyOf(MALLORY))
    const sender = encodeExternalSender({ signaturePublicKey: publicKeyOf(MALLORY), credential })
    const extensions = [{ extensionType: "external_senders", extensionData: sender } as const]
    const psk = {
      preSharedKeyId: { psktype: "external", pskId: text("psk"), pskNonce: crypto.random(64) },
    } as const
    // An epoch further without a new leaf: by a commit that needs no path.
    const nothingNew: Proposal = {
      proposalType: "group_context_extensions",
      groupContextExtensions: { extensions: [] },
    }
    const older = await createCommit({ state: fresh, cipherSuite: suite }, { extraProposals: [nothingNew] })
    const odd = [
      await welcomeFrom(renewed.newState, [offer.publicPackage]),
      await welcomeFrom(older.newState, [offer.publicPackage]),
      await welcomeFrom(await groupBy(peer, 31), [offer.publicPackage]),
      await welcomeFrom(
        fresh,
        [offer.publicPackage],
        [{ proposalType: "group_context_extensions", groupContextExtensions: { extensions } }],
      ),
      await welcomeFrom(fresh, [offer.publicPackage], [], {
        groupInfoExtensions: [{ extensionType: "external_pub", extensionData: crypto.random(32) }],
      }),
      await welcomeFrom(fresh, [offer.publicPackage], [], { ratchetTreeExtension: false }),
    ]
    for (const { welcome } of odd) expect(await isRefused(join(welcome))).toBe(true)
    const pskIndex = { findPsk: () => crypto.random(64) }
    const add = { proposalType: "add", add: { keyPackage: offer.publicPackage } } as const
    const withPsk = await createCommit(
      { state: fresh, cipherSuite: suite, pskIndex },
      { extraProposals: [add, { proposalType: "psk", psk }], ratchetTreeExtension: true },
    )
    const welcome = encodeMlsMessage({ version: "mls10", wireformat: "mls_welcome", welcome: withPsk.welcome! })
    expect(await isRefused(join(welcome))).toBe(true)
  })

  it("of a member whose lifetime is not the one that there is is refused", async () => {
    // ts-mls asks the real clock when it adds: these are good today.
    for (const lifetime of [
      { ...LIFETIME, notBefore: 1n },
      { ...LIFETIME, notAfter: LIFETIME.notAfter - 1n },
    ]) {
      const { welcome } = await welcomeFrom(await groupBy(await offerBy(JOINER, lifetime)), [offer.publicPackage])
      expect(await isRefused(join(welcome))).toBe(true)
    }
  })
})
