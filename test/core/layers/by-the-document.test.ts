/**
 * The KEM and AES layers' bytes as docs/protocol.md states them, made here a second time from the runtime's own primitives
 * and from nothing of the layers but their frames. A change on the wire fails here first.
 */
import { createCipheriv, createHash, createHmac, hkdfSync } from "node:crypto"
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js"
import { assert, describe, it } from "vitest"
import { xWing } from "../../../src/core/crypto/x-wing.ts"
import { aesLayer } from "../../../src/core/layers/aes/layer.ts"
import { aesStart } from "../../../src/core/layers/aes/state.ts"
import { associatedData } from "../../../src/core/layers/associated.ts"
import { kemEncapsulate, kemStart } from "../../../src/core/layers/kem/establish.ts"
import { kemLayer } from "../../../src/core/layers/kem/layer.ts"
import { crypto, run } from "./runtime.ts"

const TRANSCRIPT = Buffer.alloc(32, 0x54)
const ASSOCIATED = Buffer.alloc(32, 9)
const PLAINTEXT = Buffer.from("what is said")

const hmac = (key: Uint8Array, label: string) => createHmac("sha512", key).update(label).digest()
const hkdf = (ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number) =>
  Buffer.from(hkdfSync("sha512", ikm, salt, info, length))
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const bare = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")

describe("by the document", () => {
  it("associated data is the SHA-256 of a map of five", () => {
    const suite = Buffer.from("XWING_RATCHET_XCHACHA20POLY1305_SHA512")
    const map = Buffer.concat([
      Buffer.from([0xa5, 0x01, 0x67]),
      Buffer.from("sotto/1"),
      Buffer.from([0x02, 0x58, 0x20]),
      TRANSCRIPT,
      Buffer.from([0x03, 0x03, 0x04, 0x78, suite.length]),
      suite,
      Buffer.from([0x05, 0x02]),
    ])
    const expected = createHash("sha256").update(map).digest()
    assert.equal(bare(associatedData(crypto, TRANSCRIPT, "kem", "joinerToInviter")), bare(expected))
  })

  it("the AES layer's second frame", async () => {
    const secret = Buffer.alloc(32, 7)
    let chain = hkdf(secret, TRANSCRIPT, Buffer.from("sotto/1 aes joinerToInviter"), 32)
    chain = hmac(chain, "sotto/1 aes chain step").subarray(0, 32)
    const seed = hmac(chain, "sotto/1 aes chain step").subarray(32)
    const keys = hmac(seed, "sotto/1 aes message key")
    const cipher = createCipheriv("aes-256-gcm", keys.subarray(0, 32), keys.subarray(32, 44))
    cipher.setAAD(Buffer.concat([ASSOCIATED, u32(1)]))
    const expected = Buffer.concat([u32(1), cipher.update(PLAINTEXT), cipher.final(), cipher.getAuthTag()])

    const first = await run(aesLayer.seal(aesStart(crypto, secret, TRANSCRIPT, "joiner"), PLAINTEXT, ASSOCIATED))
    const second = await run(aesLayer.seal(first.state, PLAINTEXT, ASSOCIATED))
    assert.equal(bare(second.ciphertext), bare(expected))
  })

  it("the KEM layer's third frame of the inviter's first turn", async () => {
    const kem = xWing(crypto)
    const seeds = { static: crypto.random(32), oneTime: crypto.random(32), joiner: crypto.random(32) }
    const { message, secrets } = await run(
      kemEncapsulate(crypto, await run(kem.publicKey(seeds.static)), await run(kem.publicKey(seeds.oneTime))),
    )
    const peerStatic = await run(kem.publicKey(seeds.joiner))
    let state = await run(kemStart(crypto, secrets, TRANSCRIPT, { role: "inviter", peerStatic }))
    let frame: Uint8Array = new Uint8Array(0)
    for (let i = 0; i < 3; i++) {
      const sealed = await run(kemLayer.seal(state, PLAINTEXT, ASSOCIATED))
      state = sealed.state
      frame = sealed.ciphertext
    }

    const toStatic = await run(kem.decapsulate(seeds.static, message.slice(0, 1_120)))
    const toOneTime = await run(kem.decapsulate(seeds.oneTime, message.slice(1_120)))
    const root = hkdf(Buffer.concat([toStatic, toOneTime]), TRANSCRIPT, Buffer.from("sotto/1 kem root"), 32)
    const header = Buffer.from(frame.slice(0, 2_348))
    assert.equal(bare(header.subarray(0, 12)), bare(Buffer.concat([u32(1), u32(2), u32(0)])))
    const turnSecret = await run(kem.decapsulate(seeds.joiner, frame.slice(12, 1_132)))
    let chain = hkdf(turnSecret, root, Buffer.concat([Buffer.from("sotto/1 kem turn"), u32(1)]), 64).subarray(32)
    for (let i = 0; i < 2; i++) chain = hmac(chain, "sotto/1 kem chain step").subarray(0, 32)
    const seed = hmac(chain, "sotto/1 kem chain step").subarray(32)
    const keys = hmac(seed, "sotto/1 kem message key")
    const aead = xchacha20poly1305(keys.subarray(0, 32), keys.subarray(32, 56), Buffer.concat([ASSOCIATED, header]))
    assert.equal(bare(aead.decrypt(frame.slice(2_348))), bare(PLAINTEXT))
  })
})
