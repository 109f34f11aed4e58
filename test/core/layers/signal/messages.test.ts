/** The two messages, byte for byte. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { concat } from "../../../../src/core/crypto/bytes.ts"
import {
  decodePreKeyMessage,
  encodePreKeyMessage,
  isPreKeyMessage,
  KYBER_CIPHERTEXT_BYTES,
} from "../../../../src/core/layers/signal/pre-key-message.ts"
import {
  decodeSignalMessage,
  encodeBody,
  type SignalMessage,
} from "../../../../src/core/layers/signal/signal-message.ts"
import { flipped, hex, introduced, seal, text } from "./people.ts"

const fill = (length: number, byte: number) => new Uint8Array(length).fill(byte)
const MAC = fill(8, 0xee)

const message: SignalMessage = {
  ratchetKey: fill(32, 0x2a),
  counter: 0,
  previousCounter: 300,
  ciphertext: fill(16, 0xcc),
  braid: undefined,
  addresses: undefined,
}

describe("the Signal message", () => {
  it("is version, protobuf and MAC", () => {
    expect(hex(encodeBody(message))).toBe(
      `44${"0a2105"}${"2a".repeat(32)}${"1000"}${"18ac02"}${"2210"}${"cc".repeat(16)}`,
    )
  })

  it("has a place for the braid and for addresses", () => {
    const body = encodeBody({ ...message, braid: Uint8Array.of(1, 2), addresses: Uint8Array.of(3) })
    expect(hex(body).endsWith("2a020102320103")).toBe(true)
    expect(decodeSignalMessage(concat(body, MAC))).toMatchObject({
      braid: Uint8Array.of(1, 2),
      addresses: Uint8Array.of(3),
    })
  })

  it("reads back, without keeping the bytes it came from", () => {
    const bytes = concat(encodeBody(message), MAC)
    const read = decodeSignalMessage(bytes)!
    bytes.fill(0)
    expect(read).toEqual({ ...message, body: encodeBody(message), mac: MAC })
  })

  const whole = concat(encodeBody(message), MAC)
  it.each([
    ["nothing", fill(0, 0)],
    ["a MAC alone", MAC],
    ["an older version", concat(Uint8Array.of(0x33), whole.slice(1))],
    ["a newer version", concat(Uint8Array.of(0x55), whole.slice(1))],
    ["a MAC too short", whole.slice(0, -1)],
    ["a byte too many", concat(whole, fill(1, 0))],
    ["a key of another type", concat(whole.slice(0, 3), Uint8Array.of(0x06), whole.slice(4))],
    ["no ciphertext", concat(encodeBody({ ...message, ciphertext: fill(0, 0) }), MAC)],
    ["half a block", concat(encodeBody({ ...message, ciphertext: fill(24, 0) }), MAC)],
    ["no counter", concat(Uint8Array.of(0x44, 0x0a, 33, 5), fill(32, 1), Uint8Array.of(0x22, 16), fill(16, 2), MAC)],
  ])("is refused with %s", (_, bytes) => {
    expect(decodeSignalMessage(bytes)).toBeUndefined()
  })
})

describe("the prekey message", () => {
  const preKeyMessage = {
    preKeyId: 7,
    signedPreKeyId: 200,
    kyberPreKeyId: 1,
    registrationId: 5,
    baseKey: fill(32, 0x2b),
    identityKey: fill(32, 0x2d),
    kyberCiphertext: concat(Uint8Array.of(8), fill(1568, 0xcc)),
    message: Uint8Array.of(1, 2, 3),
  }
  const bytes = encodePreKeyMessage(preKeyMessage)

  it("is version and protobuf", () => {
    expect(hex(bytes)).toBe(
      `44${"0807"}${"122105"}${"2b".repeat(32)}${"1a2105"}${"2d".repeat(32)}${"2203010203"}${"2805"}${"30c801"}${"3801"}${"42a10c08"}${"cc".repeat(1568)}`,
    )
    expect(decodePreKeyMessage(bytes)).toEqual(preKeyMessage)
  })

  it("may go without a one-time prekey, and is told from a Signal message either way", () => {
    const { preKeyId: _, ...without } = preKeyMessage
    expect(decodePreKeyMessage(encodePreKeyMessage(without))).toEqual(without)
    expect(isPreKeyMessage(encodePreKeyMessage(without))).toBe(true)
    expect(isPreKeyMessage(bytes)).toBe(true)
    expect(isPreKeyMessage(encodeBody(message))).toBe(false)
  })

  it("is refused without any other field", () => {
    const fields = [
      "08 07",
      `12 21 05${"2b".repeat(32)}`,
      `1a 21 05${"2d".repeat(32)}`,
      "22 03 010203",
      "28 05",
      "30 c801",
      "38 01",
      `42 a10c 08${"cc".repeat(1568)}`,
    ]
    for (let left = 0; left < fields.length; left++) {
      const rest = fields
        .filter((_, i) => i !== left)
        .join("")
        .replaceAll(" ", "")
      expect(decodePreKeyMessage(Uint8Array.from(Buffer.from(`44${rest}`, "hex"))) === undefined).toBe(left !== 0)
    }
  })

  it("is refused with a Kyber ciphertext of another length", () => {
    const cut = { ...preKeyMessage, kyberCiphertext: fill(KYBER_CIPHERTEXT_BYTES - 1, 8) }
    expect(decodePreKeyMessage(encodePreKeyMessage(cut))).toBeUndefined()
  })
})

describe("any bytes", () => {
  const [, signal] = seal(introduced().bob, text("words"))
  const { first } = introduced()
  const near = fc
    .tuple(fc.constantFrom(signal, first), fc.nat(), fc.nat())
    .map(([bytes, bit, cut]) =>
      cut % 3 === 0 ? flipped(bytes, bit).slice(0, cut % bytes.length) : flipped(bytes, bit),
    )

  it("are a message only if they re-encode to themselves", () => {
    fc.assert(
      fc.property(fc.oneof(near, fc.uint8Array({ maxLength: 120 })), (bytes) => {
        const read = decodeSignalMessage(bytes)
        if (read !== undefined) expect(hex(concat(encodeBody(read), read.mac))).toBe(hex(bytes))
        const outer = decodePreKeyMessage(bytes)
        if (outer !== undefined) expect(hex(encodePreKeyMessage(outer))).toBe(hex(bytes))
      }),
      { numRuns: 1_000 },
    )
  })
})
