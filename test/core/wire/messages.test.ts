/** Hello, Bundle and Accept: genuine, whole, answering the right message, and small enough; anything else is silence. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { equal } from "../../../src/core/crypto/bytes.ts"
import { nobleCrypto } from "../../../src/core/crypto/noble.ts"
import { encodeFrame } from "../../../src/core/frame.ts"
import { MAX_ADDRESS_BYTES, MAX_ADDRESS_KIND_BYTES } from "../../../src/core/handshake/address.ts"
import { type PairingSecret, seal } from "../../../src/core/handshake/envelope.ts"
import {
  type Accept,
  type Bundle,
  bundleBody,
  checkHello,
  helloBody,
  KEM_BYTES,
  MAX_KEY_PACKAGE_BYTES,
  MAX_SIGNAL_BYTES,
  MAX_WELCOME_BYTES,
  makeAccept,
  makeBundle,
  makeHello,
  openAccept,
  openBundle,
  openHello,
} from "../../../src/core/handshake/messages.ts"
import { hashStaticPublic, staticPublic } from "../../../src/core/handshake/static-keys.ts"
import { SUITES } from "../../../src/core/handshake/suites.ts"
import { MAX_BINDING_BYTES } from "../../../src/core/handshake/transcript.ts"
import { MAX_LINK_FRAME } from "../../../src/core/transport.ts"
import * as wire from "../../../src/spec/arbitraries/wire.ts"

/** Only hashes are used. */
const crypto = nobleCrypto((length) => new Uint8Array(length))
const [pairing, other] = fc.sample(wire.pairingSecret, { seed: 1, numRuns: 2 }) as [PairingSecret, PairingSecret]
const nonce = new Uint8Array(32).fill(7)
const hello = makeHello(crypto, pairing, nonce)
const fields = fc.sample(wire.bundle, { seed: 1, numRuns: 1 })[0]!
const accepted = fc.sample(wire.accept, { seed: 1, numRuns: 1 })[0]!
const bundle = makeBundle(crypto, pairing, hello, fields)
const accept = makeAccept(crypto, pairing, bundle, accepted)
const staticsHash = hashStaticPublic(crypto, fields.statics)

const isHello = (bytes: Uint8Array) => openHello(crypto, pairing, bytes) !== undefined
const isBundle = (bytes: Uint8Array) =>
  openBundle(crypto, pairing, { helloMessage: hello, staticsHash }, bytes) !== undefined
const isAccept = (bytes: Uint8Array) => openAccept(crypto, pairing, { bundleMessage: bundle }, bytes) !== undefined

test("a Hello counts on the channel that it was made for, and on no other", () => {
  const channel = fc.option(fc.uint8Array({ minLength: 1, maxLength: MAX_BINDING_BYTES }), { nil: undefined })
  fc.assert(
    fc.property(wire.pairingSecret, wire.bytesOf(32), channel, channel, (by, nonce, mine, other) => {
      const message = makeHello(crypto, by, nonce, mine)
      expect(checkHello(crypto, by, message, mine)).toMatchObject({ nonce })
      const isSame = equal(mine ?? new Uint8Array(), other ?? new Uint8Array())
      expect(checkHello(crypto, by, message, other) === "invalid").toBe(!isSame)
    }),
  )
})

test("all three come back as they were made", () => {
  fc.assert(
    fc.property(wire.pairingSecret, wire.bytesOf(32), wire.bundle, wire.accept, (by, nonce, fields, accepted) => {
      const helloMessage = makeHello(crypto, by, nonce)
      expect(openHello(crypto, by, helloMessage)).toEqual({ suites: SUITES, inviteId: by.id, nonce })
      const bundleMessage = makeBundle(crypto, by, helloMessage, fields)
      const expected = { helloMessage, staticsHash: hashStaticPublic(crypto, fields.statics) }
      const helloHash = crypto.sha256(helloMessage)
      expect(openBundle(crypto, by, expected, bundleMessage)).toEqual({ ...fields, helloHash })
      const acceptMessage = makeAccept(crypto, by, bundleMessage, accepted)
      const bundleHash = crypto.sha256(bundleMessage)
      expect(openAccept(crypto, by, { bundleMessage }, acceptMessage)).toEqual({ ...accepted, bundleHash })
    }),
    { numRuns: 40 },
  )
})

describe.each([
  ["Hello", hello, isHello],
  ["Bundle", bundle, isBundle],
  ["Accept", accept, isAccept],
] as const)("%s", (_, message, isGenuine) => {
  test("with any bit altered is refused", () => {
    expect(isGenuine(message)).toBe(true)
    const step = Math.max(1, Math.floor(message.length / 400))
    for (let at = 0; at < message.length; at += at < 64 || at > message.length - 64 ? 1 : step)
      for (const bit of [1, 2, 4, 8, 16, 32, 64, 128])
        expect(isGenuine(message.with(at, message[at]! ^ bit)), `byte ${at}`).toBe(false)
  })

  test("cut short or with more behind it is refused", () => {
    for (let length = 0; length < message.length; length += Math.max(1, Math.floor(message.length / 200)))
      expect(isGenuine(message.slice(0, length))).toBe(false)
    expect(isGenuine(Uint8Array.of(...message, 0))).toBe(false)
  })

  test("stands for no other kind of message", () => {
    const kinds = [isHello, isBundle, isAccept].filter((isKind) => isKind(message))
    expect(kinds).toEqual([isGenuine])
  })
})

describe("a Hello", () => {
  const sealHello = (body: Uint8Array, version?: number) => seal(crypto, pairing.secret, "hello", body, version)
  const body = (suites: ReadonlyArray<{ layer: number; suite: string }>, inviteId = pairing.id) =>
    helloBody.encode({ suites, inviteId, nonce })

  test("under another secret is invalid", () => {
    expect(checkHello(crypto, other, hello)).toBe("invalid")
  })

  test("of another version says so, whatever else is in it", () => {
    for (const version of [0, 2, 0xffff]) {
      expect(checkHello(crypto, pairing, sealHello(body(SUITES), version))).toBe("version")
      expect(checkHello(crypto, pairing, sealHello(new Uint8Array(3), version))).toBe("version")
    }
  })

  const [mls, signal, kem, aes] = SUITES
  test.each([
    ["none", []],
    ["one layer less", [mls, signal, kem]],
    ["another order", [mls, signal, aes, kem]],
    ["a layer twice", [mls, signal, kem, kem]],
    ["one layer more", [...SUITES, { layer: 5, suite: "X" }]],
    ["another number", [mls, signal, kem, { ...aes, layer: 3 }]],
    ["another label", [{ layer: 1, suite: "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519" }, signal, kem, aes]],
    ["an empty label", [{ ...mls, suite: "" }, signal, kem, aes]],
  ])("with %s is refused for its suites", (_, suites) => {
    expect(checkHello(crypto, pairing, sealHello(body(suites)))).toBe("suites")
    expect(openHello(crypto, pairing, sealHello(body(suites)))).toBeUndefined()
  })

  test("of another invite, or with no Hello in it, is invalid", () => {
    expect(checkHello(crypto, pairing, sealHello(body(SUITES, other.id)))).toBe("invalid")
    expect(checkHello(crypto, pairing, sealHello(Uint8Array.of(...body(SUITES), 0)))).toBe("invalid")
    expect(checkHello(crypto, pairing, new Uint8Array())).toBe("invalid")
  })

  test("cannot be told from damage without the secret, even in its version", () => {
    const newer = sealHello(body(SUITES), 2)
    expect(checkHello(crypto, other, newer)).toBe("invalid")
  })

  test("has room to spare in what a stranger may send", () => {
    expect(() => encodeFrame({ kind: "hello", message: hello })).not.toThrow()
    expect(hello.length).toBeLessThan(512)
  })
})

describe("a Bundle", () => {
  test("that answers another Hello is refused", () => {
    const again = makeHello(crypto, pairing, new Uint8Array(32))
    expect(openBundle(crypto, pairing, { helloMessage: again, staticsHash }, bundle)).toBeUndefined()
  })

  test("with other static keys than the invite committed to is refused", () => {
    fc.assert(
      fc.property(wire.staticPublic, (statics) => {
        const swapped = makeBundle(crypto, pairing, hello, { ...fields, statics })
        expect(isBundle(swapped)).toBe(
          staticPublic.encode(statics).join() === staticPublic.encode(fields.statics).join(),
        )
      }),
      { numRuns: 20 },
    )
  })

  test("of another version or under another secret is refused", () => {
    const body = bundleBody.encode({ ...fields, helloHash: crypto.sha256(hello) })
    expect(isBundle(seal(crypto, pairing.secret, "bundle", body))).toBe(true)
    expect(isBundle(seal(crypto, pairing.secret, "bundle", body, 2))).toBe(false)
    expect(isBundle(seal(crypto, other.secret, "bundle", body))).toBe(false)
  })

  test("has keys with Signal's type bytes only", () => {
    const wrong: ReadonlyArray<Partial<Bundle>> = [
      { signedPreKey: { ...fields.signedPreKey, key: new Uint8Array(33) } },
      { kyberPreKey: { ...fields.kyberPreKey, key: new Uint8Array(1_569) } },
      { oneTimePreKey: { id: 1, key: new Uint8Array(33).fill(8) } },
    ]
    for (const fault of wrong)
      expect(() => makeBundle(crypto, pairing, hello, { ...fields, ...fault })).toThrow(RangeError)
  })
})

describe("an Accept", () => {
  test("that answers another Bundle is refused", () => {
    const again = makeBundle(crypto, pairing, hello, { ...fields, nonce: new Uint8Array(32) })
    expect(openAccept(crypto, pairing, { bundleMessage: again }, accept)).toBeUndefined()
  })

  test("of a known joiner comes with the known keys", () => {
    const known = hashStaticPublic(crypto, accepted.statics)
    expect(openAccept(crypto, pairing, { bundleMessage: bundle, staticsHash: known }, accept)).toBeDefined()
    const stranger = { bundleMessage: bundle, staticsHash: known.with(31, known[31]! ^ 1) }
    expect(openAccept(crypto, pairing, stranger, accept)).toBeUndefined()
  })
})

test("with everything as long as may be, all three fit a link frame", () => {
  const most = 0xffff_ffff
  const largest: Omit<Bundle, "helloHash"> = {
    ...fields,
    signedPreKey: { ...fields.signedPreKey, id: most },
    kyberPreKey: { ...fields.kyberPreKey, id: most },
    oneTimePreKey: { id: most, key: fields.signedPreKey.key },
    registrationId: most,
    keyPackage: new Uint8Array(MAX_KEY_PACKAGE_BYTES),
  }
  const address = { kind: "k".repeat(MAX_ADDRESS_KIND_BYTES), at: new Uint8Array(MAX_ADDRESS_BYTES) }
  const longest: Omit<Accept, "bundleHash"> = {
    statics: fields.statics,
    signal: new Uint8Array(MAX_SIGNAL_BYTES),
    kem: new Uint8Array(KEM_BYTES),
    welcome: new Uint8Array(MAX_WELCOME_BYTES),
    meet: [address, address],
  }
  const bundleFrame = encodeFrame({ kind: "bundle", message: makeBundle(crypto, pairing, hello, largest) })
  const acceptFrame = encodeFrame({ kind: "accept", message: makeAccept(crypto, pairing, bundle, longest) })
  expect(bundleFrame.length).toBeLessThanOrEqual(MAX_LINK_FRAME)
  expect(acceptFrame.length).toBeLessThanOrEqual(MAX_LINK_FRAME)
})

test("values out of bounds are the programmer's fault", () => {
  expect(() => makeHello(crypto, pairing, new Uint8Array(31))).toThrow(RangeError)
  expect(() => makeBundle(crypto, pairing, hello, { ...fields, registrationId: -1 })).toThrow(RangeError)
  expect(() => makeAccept(crypto, pairing, bundle, { ...accepted, kem: new Uint8Array(1) })).toThrow(RangeError)
})
