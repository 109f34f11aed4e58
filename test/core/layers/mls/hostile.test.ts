/**
 * Hostile bytes at every door: refused, in bounded time, without an exception and without a trace in the state.
 * `FUZZ=20` tries twenty times as many.
 */
import fc from "fast-check"
import { decodeGroupState, decodeMlsMessage, encodeMlsMessage } from "ts-mls"
import { encodeGroupInfo, extractWelcomeSecret } from "ts-mls/groupInfo.js"
import { makeKeyPackageRef } from "ts-mls/keyPackage.js"
import {
  decryptGroupInfo,
  decryptGroupSecrets,
  encryptGroupSecrets,
  type Welcome,
  welcomeKey,
  welcomeNonce,
} from "ts-mls/welcome.js"
import { describe, expect, it } from "vitest"
import { concat, u32be, u64be } from "../../../../src/core/crypto/bytes.ts"
import { mlsCreate, mlsJoin } from "../../../../src/core/layers/mls/establish.ts"
import { mlsApply, mlsCommit } from "../../../../src/core/layers/mls/healing.ts"
import { COMMIT_BYTES, MAX_OVERHEAD_BYTES, MAX_PLAINTEXT_BYTES } from "../../../../src/core/layers/mls/limits.ts"
import {
  APPLICATION,
  COMMIT,
  decryptContent,
  type Framing,
  openSender,
  readPrivateMessage,
  senderDataKey,
} from "../../../../src/core/layers/mls/message.ts"
import { suiteOver } from "../../../../src/core/layers/mls/provider.ts"
import { advance, type MessageKey } from "../../../../src/core/layers/mls/ratchet.ts"
import { SUITE } from "../../../../src/core/layers/mls/suite.ts"
import { vector } from "../../../../src/core/layers/mls/tls.ts"
import {
  ASSOCIATED,
  bytesEqual,
  crypto,
  INVITER,
  isRefused,
  JOINER,
  now,
  open,
  publicKeyOf,
  read,
  run,
  seal,
  text,
} from "./fixture.ts"
import { anything, eachRefused, mutated, offer, pair, welcome } from "./hostile.ts"

describe("bytes that are not a message", () => {
  const sealed = seal(pair.joiner, text("a message of some length, for there to be room in it"))
  const isNotOpened = (bytes: Uint8Array) => open(pair.inviter, bytes) === undefined

  it("are not opened, however near they come", () => eachRefused(mutated(sealed.ciphertext), 2000, isNotOpened))
  it("are not opened, whatever they are", () => eachRefused(anything, 500, isNotOpened))

  it("are not even read beyond the greatest length", () => {
    const frame = readPrivateMessage(sealed.ciphertext)!
    const { associated, ciphertext, senderData } = frame
    const head = sealed.ciphertext.slice(0, 4 + 33 + 9)
    const of = (content: Uint8Array) => concat(head, vector(associated), vector(senderData), vector(content))
    expect(of(ciphertext)).toEqual(sealed.ciphertext)
    expect(readPrivateMessage(of(new Uint8Array(MAX_PLAINTEXT_BYTES)))).toBeDefined()
    expect(readPrivateMessage(of(new Uint8Array(MAX_PLAINTEXT_BYTES + MAX_OVERHEAD_BYTES)))).toBeUndefined()
    expect(isNotOpened(of(new Uint8Array(2 ** 20)))).toBe(true)
    expect(isNotOpened(new Uint8Array())).toBe(true)
  })
})

describe("bytes that are not a commit", () => {
  it("are not applied", async () => {
    const { commit } = await run(mlsCommit(pair.inviter))
    await eachRefused(mutated(commit), 1000, (bytes) => isRefused(mlsApply(pair.joiner, bytes)))
    await eachRefused(anything, 500, (bytes) => isRefused(mlsApply(pair.joiner, bytes)))
    expect(await isRefused(mlsApply(pair.joiner, new Uint8Array(COMMIT_BYTES + 1)))).toBe(true)
    expect(await isRefused(mlsApply(pair.joiner, commit))).toBe(false)
  })
})

describe("bytes that are not a KeyPackage or a Welcome", () => {
  const create = (peerKeyPackage: Uint8Array) =>
    isRefused(mlsCreate({ signatureSeed: JOINER, peerKeyPackage, peerSignatureKey: publicKeyOf(INVITER) }))
  const join = (bytes: Uint8Array) =>
    isRefused(mlsJoin({ signatureSeed: INVITER, ...offer, welcome: bytes, peerSignatureKey: publicKeyOf(JOINER) }))

  it("make no group", async () => {
    await eachRefused(mutated(offer.keyPackage), 300, create)
    await eachRefused(anything, 200, create)
    expect(await create(new Uint8Array(2 ** 20))).toBe(true)
    expect(await create(offer.keyPackage)).toBe(false)
  })

  it("join none", async () => {
    await eachRefused(mutated(welcome), 300, join)
    await eachRefused(anything, 100, join)
    expect(await join(new Uint8Array(2 ** 20))).toBe(true)
    expect(await join(welcome)).toBe(false)
  })
})

/** RFC 9420 §6.3 as a member can do it that keeps no rules: any content of any type, in anybody's name. */
const encrypted = (
  epoch: Framing,
  given: {
    readonly contentType: number
    readonly leaf: number
    readonly guard: Uint8Array
    readonly messageKey: MessageKey
    readonly associated: Uint8Array
    readonly plaintext: Uint8Array
  },
): Uint8Array => {
  const { guard, leaf, messageKey } = given
  const nonce = messageKey.nonce.map((byte, i) => byte ^ (guard[i] ?? 0))
  const type = concat(vector(epoch.groupId), u64be(epoch.number), Uint8Array.of(given.contentType))
  const header = concat(type, vector(given.associated))
  const ciphertext = now(crypto.aes256Gcm.seal(messageKey.key, nonce, given.plaintext, header))
  const sender = senderDataKey(crypto, epoch, ciphertext)
  const data = concat(u32be(leaf), u32be(messageKey.generation), guard)
  const senderData = now(crypto.aes256Gcm.seal(sender.key, sender.nonce, data, type))
  return concat(Uint8Array.of(0, 1, 0, 2), header, vector(senderData), vector(ciphertext))
}

describe("a message that its own sender put together wrongly", () => {
  const { current, groupId, leaf } = pair.joiner
  const epoch = { ...current, groupId }
  const { messageKey } = advance(crypto, current.own)!
  const guard = Uint8Array.of(1, 2, 3, 4)

  const opened = (change: { readonly contentType?: number; readonly leaf?: number; readonly padding?: number }) => {
    const from = change.leaf ?? leaf
    // FramedContentTBS of an application message, by the leaf that it names.
    const content = concat(vector(text("hello")), current.context)
    const framed = concat(vector(groupId), u64be(current.number), Uint8Array.of(1), u32be(from), vector(ASSOCIATED))
    const tbs = concat(Uint8Array.of(0, 1, 0, 2), framed, Uint8Array.of(APPLICATION), content)
    const signed = concat(vector(text("MLS 1.0 FramedContentTBS")), vector(tbs))
    const signature = now(crypto.ed25519.sign(JOINER, signed))
    const plaintext = concat(vector(text("hello")), vector(signature), new Uint8Array(change.padding ?? 0))
    const contentType = change.contentType ?? APPLICATION
    const message = { contentType, leaf: from, guard, messageKey, associated: ASSOCIATED, plaintext }
    return open(pair.inviter, encrypted(epoch, message))
  }

  it("is not opened, though the signature is good", () => {
    expect(read(opened({})?.plaintext)).toBe("hello")
    expect(opened({ leaf: 1 })).toBeUndefined()
    expect(opened({ leaf: 2 })).toBeUndefined()
    expect(opened({ contentType: COMMIT })).toBeUndefined()
    expect(opened({ contentType: 2 })).toBeUndefined()
    expect(opened({ padding: 1 })).toBeUndefined()
  })
})

describe("bytes that are damaged within their encryption", () => {
  const suite = suiteOver(crypto)

  it("join no group: whoever has a KeyPackage can encrypt to it", async () => {
    const decoded = decodeMlsMessage(offer.keyPackage, 0)![0]
    const received = decodeMlsMessage(welcome, 0)![0]
    if (decoded.wireformat !== "mls_key_package" || received.wireformat !== "mls_welcome") throw new Error("mixed up")
    const init = await suite.hpke.importPrivateKey(offer.privateKeys.slice(4, 36))
    const initPublic = await suite.hpke.importPublicKey(decoded.keyPackage.initKey)
    const reference = await makeKeyPackageRef(decoded.keyPackage, suite.hash)
    const secrets = (await decryptGroupSecrets(init, reference, received.welcome, suite.hpke))!
    const psk = new Uint8Array(64)
    const info = (await decryptGroupInfo(received.welcome, secrets.joinerSecret, psk, suite))!
    const welcomeSecret = await extractWelcomeSecret(secrets.joinerSecret, psk, suite.kdf)
    const key = await welcomeKey(welcomeSecret, suite)
    const nonce = await welcomeNonce(welcomeSecret, suite)

    const sealed = async (groupInfo: Uint8Array): Promise<Uint8Array> => {
      const encryptedGroupInfo = await suite.hpke.encryptAead(key, nonce, undefined, groupInfo)
      const { ct, enc } = await encryptGroupSecrets(initPublic, encryptedGroupInfo, secrets, suite.hpke)
      const member = { newMember: reference, encryptedGroupSecrets: { kemOutput: enc, ciphertext: ct } }
      const made = { cipherSuite: SUITE, secrets: [member], encryptedGroupInfo } satisfies Welcome
      return encodeMlsMessage({ version: "mls10", wireformat: "mls_welcome", welcome: made })
    }
    const join = async (groupInfo: Uint8Array) =>
      isRefused(
        mlsJoin({
          signatureSeed: INVITER,
          ...offer,
          welcome: await sealed(groupInfo),
          peerSignatureKey: publicKeyOf(JOINER),
        }),
      )
    const valid = encodeGroupInfo(info)
    expect(await join(valid)).toBe(false)
    await eachRefused(mutated(valid), 200, join)
    await eachRefused(fc.uint8Array({ maxLength: 4000, size: "max" }), 100, join)
  })

  it("change no epoch: a member can encrypt whatever it likes", async () => {
    const { commit } = await run(mlsCommit(pair.inviter))
    const { current, groupId } = pair.joiner
    const epoch = { ...current, groupId }
    const frame = readPrivateMessage(commit)!
    const sender = now(openSender(crypto, epoch, frame))
    const secret = decodeGroupState(current.group, 0)![0].secretTree[2]!.handshake.secret
    const { messageKey } = advance(crypto, { secret, generation: 0 })!
    const content = now(decryptContent(crypto, frame, sender, messageKey))

    const sealed = (plaintext: Uint8Array): Uint8Array =>
      encrypted(epoch, { ...sender, contentType: COMMIT, associated: new Uint8Array(), messageKey, plaintext })
    expect(sealed(content)).toEqual(commit)
    expect(await isRefused(mlsApply(pair.joiner, sealed(content)))).toBe(false)
    const apply = (bytes: Uint8Array) => isRefused(mlsApply(pair.joiner, sealed(bytes)))
    await eachRefused(mutated(content), 200, apply)
    // Of the only length that is looked at, and with the only beginning.
    const length = content.length - 2
    const noise = fc.uint8Array({ minLength: length, maxLength: length, size: "max" })
    const halfNoise = fc
      .tuple(noise, fc.nat(length - 1))
      .map(([rest, kept]) => concat(content.slice(0, 2 + kept), rest.slice(kept)))
      .filter((bytes) => !bytesEqual(bytes, content))
    await eachRefused(halfNoise, 100, apply)
  })
})
