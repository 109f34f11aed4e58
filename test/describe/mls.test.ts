/** MLS's messages to the last field: genuine ones, whatever another implementation encodes, and damaged ones. */
import * as fc from "fast-check"
import { type Capabilities, decodeMlsMessage, encodeMlsMessage, type KeyPackage, type MLSMessage } from "ts-mls"
import { assert, describe, it } from "vitest"
import { mlsCommit, mlsCommitContent } from "../../src/core/layers/mls/healing.ts"
import {
  describeCommit,
  describeKeyPackage,
  describePrivateMessage,
  describeWelcome,
} from "../../src/spec/describe/mls.ts"
import { type Span, tilingProblems } from "../../src/spec/describe/span.ts"
import { handshake, run, seal, text } from "../core/layers/mls/fixture.ts"

const flat = (spans: ReadonlyArray<Span>): ReadonlyArray<Span> =>
  spans.flatMap((span) => [span, ...flat(span.parts ?? []), ...flat(span.opens?.spans ?? [])])

const { offer, pair, welcome } = await handshake()
const { commit } = await run(mlsCommit(pair.inviter))
const said = seal(pair.joiner, text("hello")).ciphertext
const opened = await run(mlsCommitContent(pair.joiner, commit))

const KINDS = {
  keyPackage: { bytes: offer.keyPackage, explain: describeKeyPackage },
  welcome: { bytes: welcome, explain: describeWelcome },
  message: { bytes: said, explain: (bytes: Uint8Array) => describePrivateMessage(bytes, () => undefined) },
  commit: { bytes: commit, explain: (bytes: Uint8Array) => describePrivateMessage(bytes, () => opened) },
  opened: { bytes: opened, explain: describeCommit },
} as const

/** The bytes of the first field of this name, without its length. */
const valueOf = (spans: ReadonlyArray<Span>, bytes: Uint8Array, name: string): Uint8Array => {
  const found = flat(spans).findLast((span) => span.name === name && span.parts?.[0]?.name !== "length")
  assert.isDefined(found, name)
  return bytes.slice(found!.at, found!.at + found!.length)
}

describe("MLS's messages", () => {
  it.each(Object.entries(KINDS))("are explained to the last byte: %s", (_, { bytes, explain }) => {
    const spans = explain(bytes) ?? []
    assert.deepStrictEqual(tilingProblems(spans, bytes.length), [])
    for (const { name, note } of flat(spans)) assert.isNotEmpty(note, name)
  })

  it("have every field that RFC 9420 gives them", () => {
    const namesIn = (kind: keyof typeof KINDS) =>
      flat(KINDS[kind].explain(KINDS[kind].bytes) ?? []).map(({ name }) => name)
    const leaf = ["leaf node", "encryption key", "signature key", "credential", "identity", "capabilities"]
    assert.includeMembers(namesIn("keyPackage"), [
      ...["version", "wire format", "cipher suite", "init key", ...leaf, "cipher suites", "credential types"],
      ...["source", "lifetime", "not before", "not after", "extensions", "signature", "ML-KEM-768 key", "X25519 key"],
    ])
    assert.includeMembers(namesIn("welcome"), [
      ...["secrets", "new member", "group secrets", "KEM output", "ML-KEM-768 ciphertext", "encrypted group info"],
    ])
    assert.includeMembers(namesIn("message"), ["group id", "epoch", "authenticated data", "sender data", "ciphertext"])
    assert.includeMembers(namesIn("commit"), [
      ...["proposals", "has path", "update path", ...leaf, "parent hash", "nodes", "encrypted path secrets"],
      ...["path secret", "KEM output", "confirmation tag"],
    ])
  })

  it("hold what another implementation reads in them", () => {
    const [message] = decodeMlsMessage(offer.keyPackage, 0)!
    const { keyPackage } = message as MLSMessage & { keyPackage: KeyPackage }
    const spans = describeKeyPackage(offer.keyPackage)!
    const read = (name: string) => valueOf(spans, offer.keyPackage, name)
    assert.deepStrictEqual(read("init key"), keyPackage.initKey)
    assert.deepStrictEqual(read("encryption key"), keyPackage.leafNode.hpkePublicKey)
    assert.deepStrictEqual(read("signature key"), keyPackage.leafNode.signaturePublicKey)
    assert.deepStrictEqual(read("signature"), keyPackage.signature)
    const { lifetime } = keyPackage.leafNode as typeof keyPackage.leafNode & { lifetime: { notAfter: bigint } }
    assert.strictEqual(flat(spans).find(({ name }) => name === "not after")?.value, String(lifetime.notAfter))
  })

  it("are explained whatever a peer offers in them", () => {
    const [message] = decodeMlsMessage(offer.keyPackage, 0)!
    const { keyPackage } = message as MLSMessage & { keyPackage: KeyPackage }
    const bytes = fc.uint8Array({ maxLength: 100 })
    const numbers = fc.array(fc.nat({ max: 0xffff }), { maxLength: 5 })
    const extensions = fc.array(
      fc.record({ extensionType: fc.integer({ min: 6, max: 0xffff }), extensionData: bytes }),
      {
        maxLength: 3,
      },
    )
    const shaped = fc.record({ extensions, leaf: extensions, key: bytes, types: numbers, identity: bytes })
    fc.assert(
      fc.property(shaped, ({ extensions, identity, key, leaf, types }) => {
        const { leafNode } = keyPackage
        const capabilities = { ...leafNode.capabilities, extensions: types, proposals: types } as Capabilities
        const credential = { credentialType: "basic" as const, identity }
        const encoded = encodeMlsMessage({
          version: "mls10",
          wireformat: "mls_key_package",
          keyPackage: {
            ...keyPackage,
            ...{ extensions, initKey: key },
            leafNode: { ...leafNode, hpkePublicKey: key, capabilities, credential, extensions: leaf },
          },
        })
        const spans = describeKeyPackage(encoded) ?? []
        assert.deepStrictEqual(tilingProblems(spans, encoded.length), [])
        const all = flat(spans)
        assert.lengthOf(
          all.filter(({ name }) => name === "data" || name === "type").filter(({ parts }) => parts === undefined),
          // One more for the credential's; data of no length has its length alone.
          1 +
            extensions.length +
            leaf.length +
            [...extensions, ...leaf].filter((one) => one.extensionData.length > 0).length,
        )
      }),
      { numRuns: 50 },
    )
  })

  it("are explained, or not at all, when they are damaged anywhere", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(KINDS)),
        fc.nat(),
        fc.nat({ max: 255 }),
        fc.boolean(),
        (kind, at, to, cut) => {
          const { bytes, explain } = kind
          const damaged = cut ? bytes.slice(0, at % bytes.length) : bytes.with(at % bytes.length, to)
          const spans = explain(damaged)
          if (cut) assert.isUndefined(spans)
          if (spans !== undefined) assert.deepStrictEqual(tilingProblems(spans, damaged.length), [])
        },
      ),
      { numRuns: 500 },
    )
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(KINDS)), fc.uint8Array({ maxLength: 300 }), ({ explain }, bytes) => {
        const spans = explain(bytes)
        if (spans !== undefined) assert.deepStrictEqual(tilingProblems(spans, bytes.length), [])
      }),
    )
  })
})
