/**
 * A session computed by hand, with other code for every primitive and every byte in sight: what the layer writes is what
 * docs/protocol.md says, and what docs/protocol.md says the layer reads.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync } from "node:crypto"
import { ed25519, x25519 } from "@noble/curves/ed25519.js"
import { sha3_256, shake256 } from "@noble/hashes/sha3.js"
import { ml_kem768, ml_kem1024 } from "@noble/post-quantum/ml-kem.js"
import { describe, expect, it } from "vitest"
import { concat } from "../../../../src/core/crypto/bytes.ts"
import { signalLayer } from "../../../../src/core/layers/signal/layer.ts"
import { open as openMessage } from "../../../../src/core/layers/signal/open.ts"
import { attempt, HELLO, hex, initiateTo, respondTo, run, type Strangers, strangers, text } from "./people.ts"

const bytes = (from: string): Uint8Array => Uint8Array.from(Buffer.from(from, "hex"))
const hmac = (key: Uint8Array, data: Uint8Array) => new Uint8Array(createHmac("sha256", key).update(data).digest())
const hkdf = (ikm: Uint8Array, salt: Uint8Array, info: string, length: number) =>
  new Uint8Array(hkdfSync("sha256", ikm, salt, info, length))
const dh = x25519.getSharedSecret
const typed = (key: Uint8Array) => concat(Uint8Array.of(5), key)

/** PQXDH's 96 bytes, as Bob computes them from the prekey message's base key and Kyber ciphertext. */
const agreement = ({ alice, bob, secrets }: Strangers, baseKey: Uint8Array, kemSecret: Uint8Array) => {
  const { oneTime, signed } = secrets
  const ikm = concat(
    new Uint8Array(32).fill(0xff),
    dh(signed.pair.secretKey, alice.publicKey),
    dh(bob.secretKey, baseKey),
    dh(signed.pair.secretKey, baseKey),
    ...(oneTime ? [dh(oneTime.pair.secretKey, baseKey)] : []),
    kemSecret,
  )
  const derived = hkdf(ikm, new Uint8Array(0), "WhisperText_X25519_SHA-256_CRYSTALS-KYBER-1024", 96)
  return { root: derived.slice(0, 32), chain: derived.slice(32, 64), braid: derived.slice(64) }
}

/** The braid's keys of the first epoch, the initiator's first and the responder's, and the MAC of a header. */
const braidOf = (braidKey: Uint8Array) => {
  const zeros = new Uint8Array(32)
  const start = hkdf(braidKey, zeros, "Signal PQ Ratchet V1 Chain  Start", 96)
  const next = (chain: Uint8Array) => hkdf(chain, zeros, "\0\0\0\x01Signal PQ Ratchet V1 Chain Next", 64).slice(32)
  const protocol = "Signal_PQCKA_V1_MLKEM768"
  const epoch = "\0\0\0\0\0\0\0\x01"
  const authenticator = hkdf(concat(zeros, braidKey), zeros, `${protocol}:Authenticator Update${epoch}`, 64)
  return {
    initiator: next(start.slice(32, 64)),
    responder: next(start.slice(64)),
    macOfHeader: (header: Uint8Array) =>
      hmac(authenticator.slice(32), concat(text(`${protocol}:ekheader${epoch}`), header)),
  }
}

/** Kyber of round 3 out of FIPS 203. */
const kemSecretOf = ({ secrets }: Strangers, ciphertext: Uint8Array) => {
  const { secretKey } = ml_kem1024.keygen(secrets.kyber.seed.slice())
  const key = ml_kem1024.decapsulate(ciphertext.slice(1), secretKey)
  return shake256(concat(key, sha3_256(ciphertext.slice(1))), { dkLen: 32 })
}

const messageKeys = (chain: Uint8Array, braidKey: Uint8Array) => {
  const derived = hkdf(hmac(chain, Uint8Array.of(1)), braidKey, "WhisperMessageKeys", 80)
  return { key: derived.slice(0, 32), mac: derived.slice(32, 64), iv: derived.slice(64) }
}

/** Takes a prekey message of a fresh session apart, at its known places. */
const parts = (message: Uint8Array, hasOneTime: boolean) => {
  let at = 0
  const take = (expected: string, length: number) => {
    const head = bytes(expected)
    expect(hex(message.slice(at, at + head.length))).toBe(expected)
    at += head.length
    return message.slice(at, (at += length))
  }
  take("44", 0)
  if (hasOneTime) take("0807", 0)
  const baseKey = take("122105", 32)
  const identityKey = take("1a2105", 32)
  const inner = take("2269", 105)
  take("28013007" + "3807", 0)
  const kyber = take("42a10c", 1569)
  expect(at).toBe(message.length)
  return { baseKey, identityKey, inner, kyber }
}

describe.each([true, false])("with a one-time prekey: %s", (oneTime) => {
  const people = strangers(oneTime)
  const alice = initiateTo(people)!
  const { baseKey, identityKey, inner, kyber } = parts(alice.message, oneTime)
  const agreed = agreement(people, baseKey, kemSecretOf(people, kyber))
  const braid = braidOf(agreed.braid)

  it("the first message opens by hand", () => {
    expect(hex(identityKey)).toBe(hex(people.alice.publicKey))
    // 44, ratchet key, counter 0, previous counter 0, one block, the braid's message, MAC.
    expect(hex(inner.slice(0, 4))).toBe("440a2105")
    const ratchetKey = inner.slice(4, 36)
    expect(hex(inner.slice(36, 42))).toBe("100018002210")
    const stepped = hkdf(dh(people.secrets.signed.pair.secretKey, ratchetKey), agreed.root, "WhisperRatchet", 64)
    const keys = messageKeys(stepped.slice(32), braid.initiator)
    // Version 1, epoch 1, index 1, a header, its chunk 0.
    expect(hex(inner.slice(58, 65))).toBe("2a250101010100")
    const covered = concat(typed(people.alice.publicKey), typed(people.bob.publicKey), inner.slice(0, 97))
    expect(hex(inner.slice(97))).toBe(hex(hmac(keys.mac, covered).slice(0, 8)))
    const decipher = createDecipheriv("aes-256-cbc", keys.key, keys.iv)
    expect(Buffer.concat([decipher.update(inner.slice(42, 58)), decipher.final()])).toEqual(Buffer.from(HELLO))
  })

  it("the header that comes in chunks is a matrix seed, the hash of the key, and a MAC", () => {
    const material = alice.state.keys!.braid.material
    const signed = material.signedHeader!
    expect(hex(inner.slice(65, 97))).toBe(hex(signed.slice(0, 32)))
    const { publicKey } = ml_kem768.keygen(material.seed!.slice())
    expect(hex(signed.slice(0, 64))).toBe(hex(concat(publicKey.slice(1152), sha3_256(publicKey))))
    expect(hex(signed.slice(64))).toBe(hex(braid.macOfHeader(signed.slice(0, 64))))
  })

  it("a FIPS 203 secret would not do", () => {
    const { secretKey } = ml_kem1024.keygen(people.secrets.kyber.seed.slice())
    const plain = agreement(people, baseKey, ml_kem1024.decapsulate(kyber.slice(1), secretKey))
    expect(hex(plain.root)).not.toBe(hex(agreed.root))
  })

  it("an answer by hand opens, also one in the chain that the agreement gave", () => {
    const keys = messageKeys(agreed.chain, braid.responder)
    const cipher = createCipheriv("aes-256-cbc", keys.key, keys.iv)
    const ciphertext = concat(cipher.update(text("by hand")), cipher.final())
    const spk = people.secrets.signed.pair.publicKey
    const body = concat(bytes("440a2105"), spk, bytes("100018002210"), ciphertext, bytes("2a0401010100"))
    const covered = concat(typed(people.bob.publicKey), typed(people.alice.publicKey), body)
    const answer = concat(body, hmac(keys.mac, covered).slice(0, 8))
    const opened = attempt(openMessage(alice.state, answer))!
    expect(opened.plaintext).toEqual(text("by hand"))
    expect(signalLayer.view(opened.session).state).toBe("conversing.theirTurn")
    expect(attempt(openMessage(opened.session, answer))).toBeUndefined()
    const { ciphertext: next } = run(signalLayer.seal(opened.session, text("again"), new Uint8Array(32)))
    // No longer a prekey message, and counted on in the same chain.
    expect(hex(next.slice(0, 4))).toBe("440a2105")
    expect(hex(next.slice(36, 40))).toBe("10011800")
  })

  it("the layer's answer opens by hand, after two Diffie-Hellman steps", () => {
    const bob = respondTo(people, alice.message)!
    const { ciphertext } = run(signalLayer.seal(bob.state, text("yes"), new Uint8Array(32).fill(3)))
    const ratchetKey = inner.slice(4, 36)
    const first = hkdf(dh(people.secrets.signed.pair.secretKey, ratchetKey), agreed.root, "WhisperRatchet", 64)
    const bobsKey = ciphertext.slice(4, 36)
    // Alice's ratchet secret is the one thing that only the layer has.
    const alicesSecret = alice.state.keys!.sending!.pair.secretKey
    const second = hkdf(dh(alicesSecret, bobsKey), first.slice(0, 32), "WhisperRatchet", 64)
    const keys = messageKeys(second.slice(32), braid.responder)
    const decipher = createDecipheriv("aes-256-cbc", keys.key, keys.iv)
    const plaintext = Buffer.concat([decipher.update(ciphertext.slice(42, -14)), decipher.final()])
    expect(hex(plaintext)).toBe("03".repeat(32) + hex(text("yes")))
  })
})

it("the prekeys' signatures are XEdDSA over the serialised keys", () => {
  const { bob, bundle } = strangers()
  for (const [key, signature] of [
    [typed(bundle.signed.publicKey), bundle.signed.signature],
    [bundle.kyber.publicKey, bundle.kyber.signature],
  ] as const) {
    const { Fp, Fn, BASE } = ed25519.Point
    const u = Fp.fromBytes(bob.publicKey)
    const y = Fp.toBytes(Fp.div(Fp.sub(u, Fp.ONE), Fp.add(u, Fp.ONE)))
    y[31]! |= signature[63]! & 0x80
    const s = signature.slice(32)
    s[31]! &= 0x7f
    const h = new Uint8Array(
      createHash("sha512")
        .update(concat(signature.slice(0, 32), y, key))
        .digest(),
    )
    const scalar = Fn.create(BigInt(`0x${hex(h.reverse())}`))
    const left = BASE.multiply(BigInt(`0x${hex(s.reverse())}`))
    const right = ed25519.Point.fromBytes(signature.slice(0, 32)).add(ed25519.Point.fromBytes(y).multiply(scalar))
    expect(left.equals(right)).toBe(true)
  }
})
