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
import { mlsLayer } from "../../../../src/core/layers/mls/layer.ts"
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
import type { MlsState } from "../../../../src/core/layers/mls/state.ts"
import { SUITE } from "../../../../src/core/layers/mls/suite.ts"
import { TlsReader, vector } from "../../../../src/core/layers/mls/tls.ts"
import {
  ASSOCIATED,
  bytesEqual,
  crypto,
  handshake,
  heal,
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

const FUZZ = Number(process.env["FUZZ"] ?? 1)

const { offer, pair, welcome } = await handshake()

/** What an attacker makes of valid bytes: other bytes of the same kind. */
const mutated = (valid: Uint8Array): fc.Arbitrary<Uint8Array> => {
  const at = fc.nat(valid.length - 1)
  const change = fc.oneof(
    fc.tuple(at, fc.nat(7)).map(
      ([i, bit]) =>
        (bytes: Uint8Array) =>
          bytes.map((b, j) => (j === i ? b ^ (1 << bit) : b)),
    ),
    fc.tuple(at, fc.constantFrom(0, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xff)).map(
      ([i, value]) =>
        (bytes: Uint8Array) =>
          bytes.map((b, j) => (j === i ? value : b)),
    ),
    at.map((length) => (bytes: Uint8Array) => bytes.slice(0, length)),
    fc.tuple(at, fc.uint8Array({ minLength: 1, maxLength: 64 })).map(
      ([i, more]) =>
        (bytes: Uint8Array) =>
          Uint8Array.of(...bytes.slice(0, i), ...more, ...bytes.slice(i)),
    ),
    fc.tuple(at, fc.integer({ min: 1, max: 64 })).map(
      ([i, length]) =>
        (bytes: Uint8Array) =>
          Uint8Array.of(...bytes.slice(0, i), ...bytes.slice(i + length)),
    ),
    // Headers and lengths are at the front.
    fc.tuple(fc.nat(80), fc.nat(255)).map(
      ([i, value]) =>
        (bytes: Uint8Array) =>
          bytes.map((b, j) => (j === i ? value : b)),
    ),
  )
  return fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map((changes) => changes.reduce((bytes, apply) => apply(bytes), valid))
    .filter((bytes) => !bytesEqual(bytes, valid))
}

const anything = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  // With the right beginning, for each kind of MLSMessage.
  fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.uint8Array({ maxLength: 3000, size: "max" }))
    .map(([wireFormat, rest]) => Uint8Array.of(0, 1, 0, wireFormat, ...rest)),
)

const eachRefused = (arbitrary: fc.Arbitrary<Uint8Array>, numRuns: number, refused: (bytes: Uint8Array) => unknown) =>
  fc.assert(
    fc.asyncProperty(arbitrary, async (bytes) => {
      expect(await refused(bytes)).toBe(true)
    }),
    { numRuns: numRuns * FUZZ },
  )

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
    const content = now(decryptContent(crypto, epoch, frame, sender, messageKey))

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

describe("a record", () => {
  it("that was damaged is no state, or one that fails closed", async () => {
    const renewed = await run(mlsCommit(pair.inviter))
    const gap = seal(seal(pair.joiner, text("lost")).state, text("came"))
    const full = open(renewed.state, gap.ciphertext)!.state
    const record = mlsLayer.encode(full)
    expect(mlsLayer.decode(record)).toEqual(full)
    const { commit: ours } = await run(mlsCommit(pair.inviter))
    // Most of a record is keys, so that a flipped bit is mostly another state.
    const flipped = fc
      .tuple(fc.nat(record.length - 1), fc.nat(7))
      .map(([at, bit]) => record.map((byte, i) => (i === at ? byte ^ (1 << bit) : byte)))
    const seen = { none: 0, some: 0 }
    await fc.assert(
      fc.asyncProperty(fc.oneof(flipped, mutated(record), anything), async (bytes) => {
        const state = mlsLayer.decode(bytes)
        seen[state === undefined ? "none" : "some"] += 1
        if (state === undefined) return
        expect(mlsLayer.encode(state)).toEqual(bytes)
        mlsLayer.view(state)
        mlsLayer.expire(state, Date.UTC(2040, 0, 1))
        // Whatever the damage, these end in a value or the one refusal.
        open(state, gap.ciphertext)
        seal(state, text("anything"))
        await isRefused(mlsApply(state, ours))
        await isRefused(mlsCommit(state))
      }),
      { numRuns: 500 * FUZZ },
    )
    expect(Math.min(seen.none, seen.some)).toBeGreaterThan(30)
  })
})

describe("a record of a state that cannot be", () => {
  it("is no state", async () => {
    const pending = (await run(mlsCommit(pair.inviter))).state
    const late = seal(seal(seal(pair.joiner, text("")).state, text("")).state, text("came"))
    const gapped = open(pending, late.ciphertext)!.state
    const healed = await heal({ inviter: open(pair.inviter, late.ciphertext)!.state, joiner: late.state })
    const { current, groupId, signatureSeed } = gapped

    /** The record with one byte changed, `offset` after where these bytes are the `nth` time. */
    const patched = (state: MlsState, at: Uint8Array, offset: number, value: number, nth = 0) => {
      const record = mlsLayer.encode(state)
      const starts = Array.from(record.keys()).filter((i) => at.every((byte, j) => record[i + j] === byte))
      const index = starts[nth]! + offset
      expect(record[index]).not.toBe(value)
      return mlsLayer.decode(record.map((byte, i) => (i === index ? value : byte)))
    }
    const head = Uint8Array.of(0xaa, 1, 1, 2)
    const skipped = Uint8Array.of(0xa4, 1) // {1: generation, …
    const context = current.context
    const cases = [
      patched(gapped, head, 2, 0), // a commit out of the other's turn
      patched(gapped, head, 2, 2), // a third leaf
      patched(gapped, skipped, 2, 3, 1), // a key skipped that is still to come
      patched(gapped, skipped, 2, 1), // one skipped twice
      patched(gapped, context, 3, 1), // another suite
      patched(gapped, context, 5, groupId[0]! ^ 1), // another group
      patched(gapped, context, 4 + 33 + 7, 2), // another epoch
      patched(healed.inviter, context, 4 + 33 + 7, 2), // in one that was left, too
      patched(gapped, concat(Uint8Array.of(0x58, 0x20), signatureSeed), 1, 0x1f), // a shorter key
    ]
    expect(cases).toEqual(cases.map(() => undefined))
    expect(() => mlsLayer.encode({ ...gapped, leaf: 0 })).toThrow(RangeError)
    expect(() => mlsLayer.encode({ ...gapped, past: [{ ...gapped.current, at: 0 }] })).toThrow(RangeError)
    expect(() => mlsLayer.encode({ ...gapped, epochStart: 2 })).toThrow(RangeError)
  })
})

describe("a vector", () => {
  it("has one encoding", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20_000, size: "max" }), (value) => {
        const reader = new TlsReader(vector(value))
        expect(reader.vector(20_000)).toEqual(value)
        expect(reader.done).toBe(true)
      }),
    )
    const long = [
      Uint8Array.of(0x40, 1, 9), // 2 bytes for what fits 1
      Uint8Array.of(0x80, 0, 0, 1, 9), // 4 for 1
      Uint8Array.of(0x80, 0, 0x3f, 0xff, ...new Uint8Array(2 ** 14 - 1)), // 4 for 2
      Uint8Array.of(0xc0, 0, 0, 0, 0, 0, 0, 1, 9), // no such header
      Uint8Array.of(0xbf, 0xff, 0xff, 0xff),
      Uint8Array.of(2, 9),
      new Uint8Array(),
    ]
    for (const bytes of long) {
      const reader = new TlsReader(bytes)
      expect(reader.vector(2 ** 30)).toBeUndefined()
      expect(reader.done).toBe(false)
    }
    expect(new TlsReader(Uint8Array.of(2, 9, 9)).vector(1)).toBeUndefined()
  })
})
