/** A member that does what MLS allows and our profile does not: a reference of the library's at the other end. */
import {
  acceptAll,
  type ClientState,
  createApplicationMessage,
  createCommit,
  createGroupInfoWithExternalPubAndRatchetTree,
  createProposal,
  decodeMlsMessage,
  emptyPskIndex,
  encodeExternalSender,
  encodeMlsMessage,
  joinGroup,
  joinGroupExternal,
  type Proposal,
  processMessage,
} from "ts-mls"
import { defaultClientConfig } from "ts-mls/clientConfig.js"
import { beforeAll, describe, expect, it } from "vitest"
import { mlsApply } from "../../../../src/core/layers/mls/healing.ts"
import { credentialOf } from "../../../../src/core/layers/mls/member.ts"
import type { MlsState } from "../../../../src/core/layers/mls/state.ts"
import { create, MALLORY, NOTHING, offerBy, suite, wire } from "./establishing.ts"
import {
  ASSOCIATED,
  crypto,
  INVITER,
  isRefused,
  JOINER,
  open,
  publicKeyOf,
  read,
  run,
  seedOf,
  text,
} from "./fixture.ts"

describe("a member that does what MLS allows and we do not", () => {
  let ours: MlsState
  let theirs: ClientState

  beforeAll(async () => {
    const offer = await offerBy(INVITER)
    const made = await run(create(wire(offer.publicPackage)))
    ours = made.state
    const welcome = decodeMlsMessage(made.welcome, 0)![0]
    if (welcome.wireformat !== "mls_welcome") throw new Error("another wire format")
    const { privatePackage, publicPackage } = offer
    const none = undefined
    theirs = await joinGroup(welcome.welcome, publicPackage, privatePackage, emptyPskIndex, suite, none, none, {
      ...defaultClientConfig,
      paddingConfig: { kind: "alwaysPad", paddingLength: 0 },
    })
  })

  const commitWith = async (options: Parameters<typeof createCommit>[1], from = theirs) =>
    encodeMlsMessage(
      (
        await createCommit(
          { state: from, cipherSuite: suite, pskIndex: { findPsk: () => new Uint8Array(64).fill(9) } },
          options,
        )
      ).commit,
    )

  const proposals = async (): Promise<ReadonlyArray<Proposal>> => {
    const third = (await offerBy(MALLORY)).publicPackage
    const sender = encodeExternalSender({
      signaturePublicKey: publicKeyOf(MALLORY),
      credential: credentialOf(crypto, publicKeyOf(MALLORY)),
    })
    const extensions = [{ extensionType: "external_senders", extensionData: sender } as const]
    const preSharedKeyId = { psktype: "external", pskId: text("psk"), pskNonce: crypto.random(64) } as const
    return [
      { proposalType: "add", add: { keyPackage: third } },
      { proposalType: "remove", remove: { removed: 0 } },
      { proposalType: "psk", psk: { preSharedKeyId } },
      { proposalType: "group_context_extensions", groupContextExtensions: { extensions } },
      { proposalType: "group_context_extensions", groupContextExtensions: { extensions: [] } },
      {
        proposalType: "reinit",
        reinit: { groupId: crypto.random(32), version: "mls10", cipherSuite: suite.name, extensions: [] },
      },
      { proposalType: 0xf0a0, proposalData: text("custom") },
    ]
  }

  it("commits to a fresh path and nothing else", async () => {
    expect(await isRefused(mlsApply(ours, await commitWith({})))).toBe(false)
    for (const proposal of await proposals())
      expect(await isRefused(mlsApply(ours, await commitWith({ extraProposals: [proposal] })))).toBe(true)
    expect(await isRefused(mlsApply(ours, await commitWith({ wireAsPublicMessage: true })))).toBe(true)
    expect(await isRefused(mlsApply(ours, await commitWith({ authenticatedData: ASSOCIATED })))).toBe(true)
  })

  it("does not commit out of turn, even under a key that we do not keep", async () => {
    const first = await createCommit({ state: theirs, cipherSuite: suite })
    const second = first.newState
    const renewed = await run(mlsApply(ours, encodeMlsMessage(first.commit)))
    expect(renewed.current.number).toBe(2)
    // Of the handshake ratchets only the committer's is in a state; in place of the other there is nothing.
    const secretTree = second.secretTree.map((node) => ({ ...node, handshake: { ...node.handshake, secret: NOTHING } }))
    for (const from of [second, { ...second, secretTree }])
      expect(await isRefused(mlsApply(renewed, await commitWith({}, from)))).toBe(true)
  })

  it("proposes nothing", async () => {
    for (const proposal of await proposals()) {
      for (const asPublic of [true, false]) {
        const made = await createProposal(theirs, asPublic, proposal, suite, ASSOCIATED)
        const bytes = encodeMlsMessage(made.message)
        expect(await isRefused(mlsApply(ours, bytes))).toBe(true)
        expect(open(ours, bytes)).toBeUndefined()
        // Nor does it commit to what it proposed in silence.
        expect(await isRefused(mlsApply(ours, await commitWith({}, made.newState)))).toBe(true)
      }
    }
  })

  it("lets nobody in from outside", async () => {
    const info = await createGroupInfoWithExternalPubAndRatchetTree(theirs, [], suite)
    const stranger = await offerBy(MALLORY)
    for (const { privatePackage, publicPackage } of [stranger, await offerBy(INVITER)]) {
      const resync = publicPackage !== stranger.publicPackage
      const joined = await joinGroupExternal(info, publicPackage, privatePackage, resync, suite)
      const { publicMessage } = joined
      const bytes = encodeMlsMessage({ version: "mls10", wireformat: "mls_public_message", publicMessage })
      // ts-mls by itself would have let it in.
      const message = decodeMlsMessage(bytes, 0)![0]
      if (message.wireformat !== "mls_public_message") throw new Error("another wire format")
      const result = await processMessage(message, theirs, emptyPskIndex, acceptAll, suite).catch(() => undefined)
      if (!resync) expect(result?.newState.groupContext.epoch).toBe(2n)
      expect(await isRefused(mlsApply(ours, bytes))).toBe(true)
      expect(open(ours, bytes)).toBeUndefined()
    }
  })

  it("pads nothing, and says whom it speaks to", async () => {
    const message = async (state: ClientState, associated: Uint8Array) => {
      const { privateMessage } = await createApplicationMessage(state, text("hello"), suite, associated)
      return encodeMlsMessage({ version: "mls10", wireformat: "mls_private_message", privateMessage })
    }
    expect(read(open(ours, await message(theirs, ASSOCIATED))!.plaintext)).toBe("hello")
    const padded = {
      ...theirs,
      clientConfig: { ...defaultClientConfig, paddingConfig: { kind: "alwaysPad", paddingLength: 1 } as const },
    }
    expect(open(ours, await message(padded, ASSOCIATED))).toBeUndefined()
    expect(open(ours, await message(theirs, NOTHING))).toBeUndefined()
    expect(open(ours, await message(theirs, seedOf(8)))).toBeUndefined()
  })

  it("speaks for itself alone, and signs what it says", async () => {
    const encoded = async (state: ClientState) => {
      const { privateMessage } = await createApplicationMessage(state, text("hello"), suite, ASSOCIATED)
      return encodeMlsMessage({ version: "mls10", wireformat: "mls_private_message", privateMessage })
    }
    // In our name: with our leaf and our keys, which every member can derive; and under another signature.
    expect(
      open(ours, await encoded({ ...theirs, privatePath: { ...theirs.privatePath, leafIndex: 0 } })),
    ).toBeUndefined()
    expect(open(ours, await encoded({ ...theirs, signaturePrivateKey: JOINER }))).toBeUndefined()
    expect(open(ours, await encoded({ ...theirs, signaturePrivateKey: MALLORY }))).toBeUndefined()
    expect(open(ours, await encoded(theirs))).toBeDefined()
  })
})
