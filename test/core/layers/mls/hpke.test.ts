/** HPKE and the key derivations against what others computed: RFC 9180's vectors, ts-mls, and hpke-js. */
import { readFileSync } from "node:fs"
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha512 } from "@hpke/core"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import * as theirs from "ts-mls/crypto/kdf.js"
import { createSecretTree, deriveKey, deriveNonce } from "ts-mls/secretTree.js"
import { describe, expect, it } from "vitest"
import { concat, utf8 } from "../../../../src/core/crypto/bytes.ts"
import { Refused } from "../../../../src/core/crypto/crypto.ts"
import { xWing } from "../../../../src/core/crypto/x-wing.ts"
import { type HpkeKem, hpke } from "../../../../src/core/layers/mls/hpke.ts"
import { deriveSecret, deriveTreeSecret, expandWithLabel } from "../../../../src/core/layers/mls/kdf.ts"
import { suiteOver } from "../../../../src/core/layers/mls/provider.ts"
import { advance, type Chain } from "../../../../src/core/layers/mls/ratchet.ts"
import { crypto, hex, toHex } from "./fixture.ts"

const load = (name: string) => JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), "utf8"))

describe("RFC 9180", () => {
  const vector = load("rfc9180-a6")
  const shared = Effect.succeed(hex(vector.sharedSecret))
  const kem: HpkeKem = {
    id: vector.kemId,
    encapsulate: () => Effect.map(shared, (sharedSecret) => ({ ciphertext: hex(vector.encapsulated), sharedSecret })),
    decapsulate: () => shared,
  }
  const ours = hpke(crypto, kem)
  const { associated, ciphertext, plaintext } = vector.encryption
  const nothing = new Uint8Array()

  it("seals and opens as in appendix A.6", async () => {
    const sealed = await Effect.runPromise(ours.seal(nothing, hex(vector.info), hex(plaintext), hex(associated)))
    expect(toHex(sealed.ciphertext)).toBe(ciphertext)
    const opened = ours.open(nothing, hex(vector.encapsulated), hex(vector.info), hex(ciphertext), hex(associated))
    expect(toHex(await Effect.runPromise(opened))).toBe(plaintext)
  })

  it("exports as in appendix A.6", async () => {
    expect(vector.exports).toHaveLength(3)
    for (const { context, length, value } of vector.exports) {
      const sent = await Effect.runPromise(ours.sendExport(nothing, hex(vector.info), hex(context), length))
      const received = ours.receiveExport(nothing, hex(vector.encapsulated), hex(vector.info), hex(context), length)
      expect([toHex(sent.secret), toHex(await Effect.runPromise(received))]).toEqual([value, value])
    }
  })
})

describe("hpke-js, with DHKEM(X25519)", () => {
  /** RFC 9180 §4.1, for this test alone: the KEM that hpke-js always has. */
  const dhkem: HpkeKem = {
    id: 0x20,
    encapsulate: Effect.fnUntraced(function* (publicKey) {
      const ephemeral = crypto.random(32)
      const ciphertext = yield* crypto.x25519.publicKey(ephemeral)
      const dh = yield* crypto.x25519.agree(ephemeral, publicKey)
      return { ciphertext, sharedSecret: extractAndExpand(dh, concat(ciphertext, publicKey)) }
    }),
    decapsulate: Effect.fnUntraced(function* (secretKey, ciphertext) {
      const dh = yield* crypto.x25519.agree(secretKey, ciphertext)
      return extractAndExpand(dh, concat(ciphertext, yield* crypto.x25519.publicKey(secretKey)))
    }),
  }
  const extractAndExpand = (dh: Uint8Array, context: Uint8Array): Uint8Array => {
    const suite = concat(utf8("KEM"), Uint8Array.of(0, 0x20))
    const prk = crypto.hmacSha256(new Uint8Array(), concat(utf8("HPKE-v1"), suite, utf8("eae_prk"), dh))
    const info = concat(Uint8Array.of(0, 32), utf8("HPKE-v1"), suite, utf8("shared_secret"), context)
    return crypto.hmacSha256(prk, concat(info, Uint8Array.of(1)))
  }
  const theirs = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha512(), aead: new Aes256Gcm() })
  const ours = hpke(crypto, dhkem)
  const buffer = (bytes: Uint8Array) => bytes.slice().buffer as ArrayBuffer
  const bytes = fc.uint8Array({ maxLength: 200 })

  it("opens what we seal, and we what it seals", async () => {
    const secretKey = crypto.random(32)
    const publicKey = Effect.runSync(crypto.x25519.publicKey(secretKey))
    const recipientKey = await theirs.kem.deserializePrivateKey(buffer(secretKey))
    const recipientPublicKey = await theirs.kem.deserializePublicKey(buffer(publicKey))
    await fc.assert(
      fc.asyncProperty(bytes, bytes, bytes, async (info, associated, plaintext) => {
        const sealed = await Effect.runPromise(ours.seal(publicKey, info, plaintext, associated))
        const opened = await theirs.open(
          { recipientKey, enc: buffer(sealed.encapsulated), info: buffer(info) },
          buffer(sealed.ciphertext),
          buffer(associated),
        )
        expect(new Uint8Array(opened)).toEqual(plaintext)

        const { ct, enc } = await theirs.seal(
          { recipientPublicKey, info: buffer(info) },
          buffer(plaintext),
          buffer(associated),
        )
        const back = ours.open(secretKey, new Uint8Array(enc), info, new Uint8Array(ct), associated)
        expect(await Effect.runPromise(back)).toEqual(plaintext)
      }),
      { numRuns: 40 },
    )
  })
})

describe("hpke-js, with X-Wing", () => {
  const ours = suiteOver(crypto).hpke
  const { cases } = load("hpke-x-wing")

  it("derives the same keys, and opens what it sealed and exported", async () => {
    expect(cases).toHaveLength(3)
    for (const vector of cases) {
      const { privateKey, publicKey } = await ours.deriveKeyPair(hex(vector.ikm))
      expect(toHex(await ours.exportPrivateKey(privateKey))).toBe(vector.secretKey)
      expect(toHex(await ours.exportPublicKey(publicKey))).toBe(vector.publicKey)
      const [enc, ct, info] = [hex(vector.encapsulated), hex(vector.ciphertext), hex(vector.info)]
      expect(toHex(await ours.open(privateKey, enc, ct, info, hex(vector.associated)))).toBe(vector.plaintext)
      const context = hex(vector.exporterContext)
      const exported = await ours.importSecret(privateKey, context, hex(vector.exportEncapsulated), 64, info)
      expect(toHex(exported)).toBe(vector.exported)
    }
  })

  it("refuses whatever was changed, and keys of another length", async () => {
    const kem = xWing(crypto)
    const own = hpke(crypto, { ...kem, id: 0x647a })
    const secretKey = crypto.random(32)
    const publicKey = Effect.runSync(kem.publicKey(secretKey))
    const info = utf8("info")
    const sealed = Effect.runSync(own.seal(publicKey, info, utf8("plaintext"), utf8("associated")))
    const attempt = (enc: Uint8Array, i: Uint8Array, ct: Uint8Array, ad: Uint8Array, key = secretKey) =>
      Effect.runSync(Effect.flip(own.open(key, enc, i, ct, ad)))
    const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))
    const { ciphertext: ct, encapsulated: enc } = sealed
    const associated = utf8("associated")
    const refused = [
      ...[0, 600, 1087, 1088, 1119].map((at) => attempt(flipped(enc, at), info, ct, associated)),
      ...Array.from(ct, (_, at) => attempt(enc, info, flipped(ct, at), associated)),
      attempt(enc, utf8("other"), ct, associated),
      attempt(enc, info, ct, utf8("other")),
      attempt(enc, info, ct, associated, crypto.random(32)),
      attempt(enc.slice(1), info, ct, associated),
      attempt(enc, info, new Uint8Array(), associated),
      Effect.runSync(Effect.flip(own.seal(publicKey.slice(1), info, ct, associated))),
    ]
    expect(refused.every((failure) => failure instanceof Refused)).toBe(true)
    await expect(ours.importPublicKey(publicKey.slice(1))).rejects.toThrow()
    await expect(ours.importPrivateKey(publicKey)).rejects.toThrow()
  })
})

describe("RFC 9420, key derivation, against ts-mls", () => {
  const kdf = suiteOver(crypto).kdf
  const secrets = fc.uint8Array({ minLength: 64, maxLength: 64 })
  const labels = fc.string({ maxLength: 40 })

  it("expands and derives with labels as in §8", () =>
    fc.assert(
      fc.asyncProperty(
        secrets,
        labels,
        fc.uint8Array({ maxLength: 80 }),
        fc.integer({ min: 1, max: 200 }),
        fc.nat(),
        async (secret, label, context, length, generation) => {
          expect(expandWithLabel(crypto, secret, label, context, length)).toEqual(
            await theirs.expandWithLabel(secret, label, context, length, kdf),
          )
          expect(deriveSecret(crypto, secret, label)).toEqual(await theirs.deriveSecret(secret, label, kdf))
          expect(deriveTreeSecret(crypto, secret, label, generation, length)).toEqual(
            await theirs.deriveTreeSecret(secret, label, generation, length, kdf),
          )
        },
      ),
    ))

  it("ratchets through the keys of §9.1", () =>
    fc.assert(
      fc.asyncProperty(secrets, fc.integer({ min: 0, max: 12 }), async (encryptionSecret, generations) => {
        const suite = suiteOver(crypto)
        const tree = await createSecretTree(1, encryptionSecret, kdf)
        let chain: Chain = { secret: tree[0]!.application.secret, generation: 0 }
        for (let generation = 0; generation < generations; generation++) chain = advance(crypto, chain)!.chain
        const { key, nonce } = advance(crypto, chain)!.messageKey
        expect(key).toEqual(await deriveKey(chain.secret, generations, suite))
        expect(nonce).toEqual(await deriveNonce(chain.secret, generations, suite))
      }),
    ))
})
