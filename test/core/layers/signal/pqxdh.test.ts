/** Beginning a session: what is refused, and what a wrong key comes to. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { KeyPair } from "../../../../src/core/crypto/crypto.ts"
import { sign } from "../../../../src/core/crypto/xeddsa.ts"
import { serializeKey } from "../../../../src/core/layers/signal/curve-key.ts"
import { onlyThese } from "../../../../src/core/layers/signal/establish.ts"
import { signalInitiate, signalPreKeys, signalRespond } from "../../../../src/core/layers/signal/layer.ts"
import { decodePreKeyMessage, encodePreKeyMessage } from "../../../../src/core/layers/signal/pre-key-message.ts"
import { type PreKeyBundle, preKeySecrets } from "../../../../src/core/layers/signal/pre-keys.ts"
import { attempt, crypto, flipped, HELLO, hex, initiateTo, newIdentity, respondTo, run, strangers } from "./people.ts"

/** Points whose order divides 8: with any secret they agree on zero (RFC 7748 §6.1). */
const LOW_ORDER = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].map((key) => Uint8Array.from(Buffer.from(key, "hex")))

describe("a bundle", () => {
  it("is refused with any bit of it turned", () => {
    const people = strangers()
    const { bundle } = people
    const parts: ReadonlyArray<(bit: number) => Partial<PreKeyBundle>> = [
      (bit) => ({ signed: { ...bundle.signed, publicKey: flipped(bundle.signed.publicKey, bit) } }),
      (bit) => ({ signed: { ...bundle.signed, signature: flipped(bundle.signed.signature, bit) } }),
      (bit) => ({ kyber: { ...bundle.kyber, publicKey: flipped(bundle.kyber.publicKey, bit) } }),
      (bit) => ({ kyber: { ...bundle.kyber, signature: flipped(bundle.kyber.signature, bit) } }),
    ]
    fc.assert(
      fc.property(fc.constantFrom(...parts), fc.nat(), (part, bit) => {
        expect(initiateTo(people, part(bit))).toBeUndefined()
      }),
      { numRuns: 100 },
    )
  })

  it("is refused with prekeys that another identity signed, or signed for something else", () => {
    const [people, others] = [strangers(), strangers()]
    const { bundle } = people
    expect(initiateTo(people, { signed: others.bundle.signed })).toBeUndefined()
    expect(initiateTo(people, { kyber: others.bundle.kyber })).toBeUndefined()
    expect(initiateTo({ ...people, bob: others.bob })).toBeUndefined()
    const bare = run(sign(crypto, people.bob.secretKey, bundle.signed.publicKey))
    expect(initiateTo(people, { signed: { ...bundle.signed, signature: bare } })).toBeUndefined()
    expect(initiateTo(people, { signed: { ...bundle.signed, signature: bundle.kyber.signature } })).toBeUndefined()
  })

  it("with low-order keys is refused, also when they are signed", () => {
    const people = strangers()
    for (const publicKey of LOW_ORDER) {
      const signature = run(sign(crypto, people.bob.secretKey, serializeKey(publicKey)))
      expect(initiateTo(people, { signed: { id: 7, publicKey, signature } })).toBeUndefined()
      expect(initiateTo(people, { oneTime: { id: 7, publicKey } })).toBeUndefined()
      expect(initiateTo({ ...people, bob: { ...people.bob, publicKey } })).toBeUndefined()
    }
  })

  it("with a Kyber key that is none is refused, also when it is signed", () => {
    const people = strangers()
    for (const publicKey of [
      new Uint8Array(1569).fill(0xff).with(0, 8), // coefficients that are not reduced
      people.bundle.kyber.publicKey.with(0, 9),
      people.bundle.kyber.publicKey.slice(0, -1),
    ]) {
      const signature = run(sign(crypto, people.bob.secretKey, publicKey))
      expect(initiateTo(people, { kyber: { id: 7, publicKey, signature } })).toBeUndefined()
    }
  })

  it("of one's own is refused", () => {
    const people = strangers()
    expect(initiateTo({ ...people, alice: people.bob })).toBeUndefined()
  })
})

describe("a first message", () => {
  it("opens once for whom it is meant, and names the prekeys it used up", () => {
    for (const oneTime of [true, false]) {
      const people = strangers(oneTime)
      const answered = respondTo(people, initiateTo(people)!.message)!
      expect(answered.plaintext).toEqual(HELLO)
      expect(answered.usedPreKeys).toEqual({ signed: 7, kyber: 7, ...(oneTime && { oneTime: 7 }) })
    }
  })

  it("begins nothing once its prekeys are erased", () => {
    const { alice, bob, ...people } = strangers()
    const { message } = initiateTo({ alice, bob, ...people })!
    expect(
      attempt(signalRespond({ identity: bob, peer: alice.publicKey, preKeys: () => undefined, message })),
    ).toBeUndefined()
  })

  it("is refused with any bit of it turned, but for the registration id, which nothing covers", () => {
    const people = strangers()
    const { message } = initiateTo(people)!
    const outer = decodePreKeyMessage(message)!
    fc.assert(
      fc.property(fc.nat(), (bit) => {
        const damaged = flipped(message, bit)
        const read = decodePreKeyMessage(damaged)
        const onlyThat =
          read !== undefined &&
          hex(encodePreKeyMessage({ ...read, registrationId: outer.registrationId })) === hex(message)
        expect(respondTo(people, damaged) === undefined).toBe(!onlyThat)
      }),
      { numRuns: 300 },
    )
  })

  it("is refused by another identity, from another identity, and without the one-time prekey that was offered", () => {
    const people = strangers()
    const { message } = initiateTo(people)!
    const stranger = newIdentity()
    expect(respondTo({ ...people, bob: stranger }, message)).toBeUndefined()
    expect(respondTo({ ...people, alice: stranger }, message)).toBeUndefined()
    const { oneTime: _, ...lesser } = people.bundle
    const downgraded = attempt(
      signalInitiate({ identity: people.alice, peer: people.bob.publicKey, bundle: lesser, plaintext: HELLO }),
    )!
    expect(respondTo(people, downgraded.message)).toBeUndefined()
  })

  it("from who claims to be somebody else is refused, though the claim is what is expected", () => {
    const people = strangers()
    const mallory = newIdentity()
    // Mallory writes with her own secret under Alice's public key.
    const claim: KeyPair = { publicKey: people.alice.publicKey, secretKey: mallory.secretKey }
    expect(respondTo(people, initiateTo({ ...people, alice: claim })!.message)).toBeUndefined()
  })

  it("from a thief of Bob's identity key who is not Alice is refused by Bob", () => {
    const people = strangers()
    // KCI: with Bob's identity secret and no secret of Alice's, whatever Mallory signs with.
    const claim: KeyPair = { publicKey: people.alice.publicKey, secretKey: people.bob.secretKey }
    expect(respondTo(people, initiateTo({ ...people, alice: claim })!.message)).toBeUndefined()
  })

  it("with a low-order base key or ratchet key is refused", () => {
    const people = strangers()
    const outer = decodePreKeyMessage(initiateTo(people)!.message)!
    for (const key of LOW_ORDER) {
      expect(respondTo(people, encodePreKeyMessage({ ...outer, baseKey: key }))).toBeUndefined()
      const message = outer.message.slice()
      message.set(key, 4)
      expect(respondTo(people, encodePreKeyMessage({ ...outer, message }))).toBeUndefined()
    }
  })

  it("with a key written in another way is refused: X25519 alone would not see the difference", () => {
    const people = strangers()
    const { message } = initiateTo(people)!
    const outer = decodePreKeyMessage(message)!
    const baseKey = outer.baseKey.with(31, outer.baseKey[31]! | 0x80)
    expect(respondTo(people, encodePreKeyMessage({ ...outer, baseKey }))).toBeUndefined()
  })

  it("reflected to who sent it is refused", () => {
    const people = strangers()
    const { message } = initiateTo(people)!
    expect(respondTo({ ...people, alice: people.bob, bob: people.alice }, message)).toBeUndefined()
    expect(respondTo({ ...people, bob: people.alice }, message)).toBeUndefined()
  })
})

describe("prekey secrets", () => {
  it("come back from their record", () => {
    for (const oneTime of [true, false]) {
      const { secrets } = strangers(oneTime)
      expect(preKeySecrets.decode(preKeySecrets.encode(secrets))).toEqual(secrets)
    }
  })

  it("serve the message that names all of them, and no other", () => {
    const { secrets } = run(signalPreKeys(newIdentity(), 4))
    const find = onlyThese(secrets)
    expect(find({ signedPreKeyId: 4, kyberPreKeyId: 4, preKeyId: 4 })).toBe(secrets)
    expect(find({ signedPreKeyId: 4, kyberPreKeyId: 4 })).toBeUndefined()
    expect(find({ signedPreKeyId: 5, kyberPreKeyId: 4, preKeyId: 4 })).toBeUndefined()
    expect(find({ signedPreKeyId: 4, kyberPreKeyId: 5, preKeyId: 4 })).toBeUndefined()
    expect(find({ signedPreKeyId: 4, kyberPreKeyId: 4, preKeyId: 5 })).toBeUndefined()
  })
})
